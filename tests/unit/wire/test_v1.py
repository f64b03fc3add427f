"""Requests of version 1, as tables: which connection point a configuration is for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.domain import make_instance
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.errors import BadRequest, Unprocessable
from vnfm.wire.dialect import SOL003_V1


def standing() -> Instance:
    """CPs a-0 and a-1 with a configuration each, b-0 and b-1 with one in common."""
    configs = {"a-0": "left", "a-1": "right", "b-0": "both", "b-1": "both"}
    cps = [{"id": cp, "cpdId": cp[0], "cpConfigId": config} for cp, config in configs.items()]
    return make_instance(instantiated_vnf_info={"extCpInfo": cps})


def read(kind: str, *configs: tuple[str, dict[str, Any]]) -> Any:
    """The canonical cpConfig, CPD by CPD, of a request with one item per configuration."""
    links = [{"id": "vl", "extCps": [{"cpdId": cpd, "cpConfig": [config]} for cpd, config in configs]}]
    canonical = SOL003_V1.request(OperationType(kind), {"extVirtualLinks": links}, standing)
    return [cp["cpConfig"] for cp in canonical["extVirtualLinks"][0]["extCps"]]


@pytest.mark.parametrize(
    ("kind", "given", "meant"),
    [
        ("INSTANTIATE", {"cpInstanceId": "mine"}, "mine"),
        ("INSTANTIATE", {"cpInstanceId": "a-0"}, "a-0"),
        ("INSTANTIATE", {}, "a-0000"),
        ("CHANGE_EXT_CONN", {"cpInstanceId": "a-0"}, "left"),
        ("CHANGE_EXT_CONN", {"cpInstanceId": "left"}, "left"),
        ("CHANGE_EXT_CONN", {}, "a-0000"),
        ("CHANGE_FLAVOUR", {"cpInstanceId": "a-1"}, "right"),
        ("CHANGE_FLAVOUR", {"cpInstanceId": "new"}, "new"),
    ],
)
def test_whose_configuration(kind: str, given: dict[str, Any], meant: str) -> None:
    assert read(kind, ("a", {**given, "linkPortId": "p"})) == [{meant: {"linkPortId": "p"}}]


def test_unnamed_items_are_numbered_past_the_names_that_are_taken() -> None:
    taken = ("a", {"cpInstanceId": "a-0000"})
    assert [list(one) for one in read("INSTANTIATE", taken, ("a", {}), ("a", {}), ("b", {}))] == [
        ["a-0000"],
        ["a-0001"],
        ["a-0002"],
        ["b-0000"],
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("nobody", "'nobody'; this VNF has: a-0, a-1, b-0, b-1"),
        ("b-1", "'both' with other CPs"),
    ],
)
def test_a_connection_point_that_cannot_be_meant(given: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        read("CHANGE_EXT_CONN", ("b", {"cpInstanceId": given}))


def test_the_instance_is_only_asked_for_when_it_is_needed() -> None:
    def fetch() -> Instance:
        raise AssertionError("nobody needs it")

    link = {"id": "vl", "extCps": [{"cpdId": "a", "cpConfig": [{}]}]}
    body = {"extVirtualLinks": [link], "vimConnectionInfo": [{"id": "v", "vimType": "X"}]}
    canonical = SOL003_V1.request(OperationType.CHANGE_EXT_CONN, body, fetch)
    assert canonical["vimConnectionInfo"] == {"v": {"vimType": "X"}}


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        ({"vimConnectionInfo": [{"id": "v", "vimType": "X"}]}, {"v": {"vimType": "X"}}),
        ({"vimConnectionInfoDeleteIds": ["v", "w"]}, {"v": None, "w": None}),
        (
            {"vimConnectionInfo": [{"id": "v", "vimType": "X"}], "vimConnectionInfoDeleteIds": ["w"]},
            {"v": {"vimType": "X"}, "w": None},
        ),
        ({"vimConnectionInfo": None}, None),
    ],
)
def test_connections_by_id(body: dict[str, Any], canonical: Any) -> None:
    read = SOL003_V1.request(OperationType.MODIFY_INFO, body, standing)
    assert read == {"vimConnectionInfo": canonical}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"vimConnectionInfo": [{"id": "v"}, {"id": "v"}]}, "two entries with id 'v'"),
        (
            {"vimConnectionInfo": [{"id": "v"}], "vimConnectionInfoDeleteIds": ["v"]},
            "v is also to be",
        ),
    ],
)
def test_contradictions(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        SOL003_V1.request(OperationType.MODIFY_INFO, body, standing)


@pytest.mark.parametrize(("known", "same"), [("p1", "p1"), (None, "d1")])
def test_the_package_of_a_modification_is_the_one_that_is_there(known: str | None, same: str) -> None:
    """Clients of 2.4.1 send it. Nothing is changed by it, and so another one is refused."""

    def fetch() -> Instance:
        return make_instance(vnf_pkg_id=known)

    kind = OperationType.MODIFY_INFO
    assert SOL003_V1.request(kind, {"vnfPkgId": same, "metadata": {}}, fetch) == {"metadata": {}}
    with pytest.raises(Unprocessable, match="vnfPkgId"):
        SOL003_V1.request(kind, {"vnfPkgId": "other"}, fetch)
