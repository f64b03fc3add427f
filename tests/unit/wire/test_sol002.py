"""Requests of EM and VNF, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.domain import make_instance, make_operation
from tests.unit.wire.makeup import faults
from vnfm.domain.operation import OperationType
from vnfm.errors import BadRequest, Unprocessable
from vnfm.wire.dialect import DIALECTS, SOL002_V1, SOL002_V2, SOL003_V2


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
@pytest.mark.parametrize(
    ("kind", "body", "canonical"),
    [
        ("HEAL", {"vnfcInstanceId": ["c"]}, {"additionalParams": {"vnfcInstanceIds": ["c"]}}),
        ("OPERATE", {"vnfcInstanceId": ["c"]}, {"additionalParams": {"vnfcInstanceIds": ["c"]}}),
        (
            "HEAL",
            {"vnfcInstanceId": ["c"], "additionalParams": {"action": "reboot"}},
            {"additionalParams": {"action": "reboot", "vnfcInstanceIds": ["c"]}},
        ),
        ("HEAL", {"vnfcInstanceId": []}, {}),
        ("SCALE", {"vnfcInstanceId": ["c"]}, {"vnfcInstanceId": ["c"]}),
    ],
)
def test_vnfcs_by_name(dialect: Any, kind: str, body: dict[str, Any], canonical: dict[str, Any]) -> None:
    """SOL003 has no such attribute; whoever sends it there does not mean the whole VNF."""
    assert dialect.request(OperationType(kind), body, make_instance) == canonical


@pytest.mark.parametrize("dialect", [SOL002_V1, SOL002_V2], ids=lambda dialect: dialect.path)
def test_vnfcs_modified(dialect: Any) -> None:
    body = {
        "vnfcInfoModifications": [{"id": "c", "vnfcConfigurableProperties": {"a": 1}}],
        "vnfcInfoModificationsDeleteIds": ["d"],
    }
    canonical = {"vnfcInfoModifications": {"c": {"a": 1}, "d": None}}
    assert dialect.request(OperationType.MODIFY_INFO, body, make_instance) == canonical


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("HEAL", {"healScript": "x.sh"}, "healScript"),
        ("CREATE_SNAPSHOT", {"vnfSnapshotInfoId": "s", "vnfcInstanceId": "c"}, "vnfcInstanceId"),
        ("REVERT_TO_SNAPSHOT", {"vnfcInstanceId": "c"}, "vnfcInstanceId"),
        ("REVERT_TO_SNAPSHOT", {"vnfcSnapshotInfoId": "s"}, "vnfcSnapshotInfoId"),
    ],
)
def test_what_cannot_be_done_is_refused(kind: str, body: dict[str, Any], named: str) -> None:
    with pytest.raises(Unprocessable, match=f"^{named}: "):
        SOL002_V2.request(OperationType(kind), body, make_instance)


@pytest.mark.parametrize(
    "body",
    [
        {"vnfcInfoModifications": [{"id": "c", "vnfcConfigurableProperties": {}}] * 2},
        {
            "vnfcInfoModifications": [{"id": "c", "vnfcConfigurableProperties": {}}],
            "vnfcInfoModificationsDeleteIds": ["c"],
        },
    ],
)
def test_a_vnfc_named_twice(body: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="c is named more than once"):
        SOL002_V2.request(OperationType.MODIFY_INFO, body, make_instance)


def test_each_interface_is_told_of_a_modification_what_concerns_it() -> None:
    both = {"vnfcInfoModifications": {"c": {"a": 1}, "d": None}, "vimConnectionInfo": {"v": {"vimType": "X"}}}
    operation = make_operation(type=OperationType.MODIFY_INFO, params=both, changed_info=both)
    to_em, to_nfvo = (dialect.operation(operation, "http://x") for dialect in (SOL002_V2, SOL003_V2))
    modified = {"vnfcInfoModifications": [{"id": "c", "vnfcConfigurableProperties": {"a": 1}}]}
    assert to_em["operationParams"] == {**modified, "vnfcInfoModificationsDeleteIds": ["d"]}
    assert to_em["changedInfo"] == modified
    for name in ("operationParams", "changedInfo"):
        assert to_nfvo[name] == {"vimConnectionInfo": {"v": {"vimType": "X"}}}


def test_version_1_has_modified_vnfcs_in_the_request_only() -> None:
    params = {"vnfcInfoModifications": {"c": {"a": 1}}}
    operation = make_operation(type=OperationType.MODIFY_INFO, params=params, changed_info=params)
    document = SOL002_V1.operation(operation, "http://x")
    assert "changedInfo" not in document
    assert faults("sol002-vnflcm-v1.yaml", "VnfLcmOpOcc", document) == []
    assert [one["id"] for one in document["operationParams"]["vnfcInfoModifications"]] == ["c"]
