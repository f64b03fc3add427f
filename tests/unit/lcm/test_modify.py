"""MODIFY_INFO by hand: what is compared, written and taken back, credentials included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from tests.fakes.domain import T0, make_instance, make_operation
from tests.unit.lcm import stand
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType, StepState
from vnfm.domain.outside import DeploymentError
from vnfm.engine.step import Done
from vnfm.lcm import modify
from vnfm.lcm.context import Context, Ports, operation_secret_name, secret_name
from vnfm.lcm.steps.modify import CompareInfo, FinaliseModify

CLOUD = {"vimType": "CLOUDSTACK", "interfaceInfo": {"endpoint": "https://c", "zone": "z"}}


class Store:
    """As much of stores and secrets as the steps use."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.secrets: dict[str, Mapping[str, Any]] = {
            secret_name("i1", "v"): {"user": "u", "password": "old"}
        }

    def get(self, tenant: str, name: str) -> Any:
        return replace(self.instance) if name == "i1" else self.secrets.get(name)

    def update(self, tenant: str, instance_id: str, changes: Mapping[str, Any]) -> Instance:
        self.instance = replace(self.instance, **changes)
        return self.instance

    def put(self, tenant: str, name: str, value: Mapping[str, Any]) -> None:
        self.secrets[name] = value

    def delete(self, tenant: str, prefix: str) -> None:
        self.secrets = {name: value for name, value in self.secrets.items() if not name.startswith(prefix)}


def standing(**changes: Any) -> Instance:
    facts = {
        "name": "fw",
        "metadata": {"a": 1, "b": {"c": 2}},
        "vim_connection_info": {"v": CLOUD, "w": {"vimType": "CLOUDSTACK"}},
    }
    return make_instance(**{**facts, **changes})


class Run:
    """One operation, its context made anew for each step as after a crash."""

    def __init__(self, params: Mapping[str, Any], instance: Instance | None = None) -> None:
        self.store = Store(instance or standing())
        steps = modify.plan("o1", self.store.instance, cast(Any, None), params)
        self.operation = make_operation(type=OperationType.MODIFY_INFO, params=params, steps=steps)

    def bring(self, connection_id: str, access: Mapping[str, Any]) -> None:
        self.store.secrets[operation_secret_name("i1", "o1", connection_id)] = access

    def context(self) -> Context:
        ports = Ports(instances=self.store, secrets=self.store, **dict.fromkeys(_OTHER_PORTS))
        return Context(ports, self.operation, T0)

    def compare(self) -> Any:
        entry = self.operation.step("compare_info")
        progress = CompareInfo().advance(self.context(), "", {})
        assert isinstance(progress, Done)
        entry.result, entry.state = progress.result, StepState.DONE
        return progress.result["changed"]

    def write(self) -> None:
        FinaliseModify().advance(self.context(), "", {})

    def undo(self) -> None:
        FinaliseModify().undo(self.context(), "", {})

    @property
    def access(self) -> Mapping[str, Any] | None:
        return self.store.secrets.get(secret_name("i1", "v"))


_OTHER_PORTS = [name for name in Ports.__dataclass_fields__ if name not in {"instances", "secrets"}]


@pytest.mark.parametrize(
    ("params", "changed", "fields"),
    [
        ({}, {}, {}),
        ({"vnfInstanceName": "fw", "metadata": {"a": 1}}, {}, {}),
        ({"vnfInstanceName": "x"}, {"vnfInstanceName": "x"}, {"name": "x"}),
        ({"vnfInstanceName": None}, {"vnfInstanceName": None}, {"name": None}),
        ({"vnfInstanceDescription": None}, {}, {}),
        (
            {"metadata": {"a": None, "b": {"d": 3}, "e": [None]}},
            {"metadata": {"a": None, "b": {"d": 3}, "e": [None]}},
            {"metadata": {"b": {"c": 2, "d": 3}, "e": [None]}},
        ),
        ({"metadata": None}, {"metadata": {"a": None, "b": None}}, {"metadata": {}}),
        ({"extensions": {"x": 1}}, {"extensions": {"x": 1}}, {"extensions": {"x": 1}}),
        (
            {"vimConnectionInfo": {"v": {"interfaceInfo": {"zone": None}}}},
            {"vimConnectionInfo": {"v": {**CLOUD, "interfaceInfo": {"endpoint": "https://c"}}}},
            {
                "vim_connection_info": {
                    "v": {**CLOUD, "interfaceInfo": {"endpoint": "https://c"}},
                    "w": {"vimType": "CLOUDSTACK"},
                }
            },
        ),
        (
            {"vimConnectionInfo": {"w": None}},
            {"vimConnectionInfo": {"w": None}},
            {"vim_connection_info": {"v": CLOUD}},
        ),
        ({"unknown": 1, "vnfdId": "d1"}, {}, {}),
    ],
)
def test_changes(params: Mapping[str, Any], changed: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    run = Run(params)
    before = run.store.instance
    assert run.compare() == changed
    run.write()
    assert run.store.instance == replace(before, **fields, settled_by="o1")
    run.undo()
    assert run.store.instance == before


def test_a_vnfc_loses_its_properties_one_by_one() -> None:
    """Neither it nor its entry can be told as removed: it stays (SOL002 VnfcInfoModifications)."""
    properties = {"vnfc-0": {"a": 1, "b": 2}, "vnfc-1": {"a": 3}}
    run = Run(
        {"vnfcInfoModifications": {"vnfc-0": None}}, replace(stand.standing(), vnfc_properties=properties)
    )
    assert run.compare() == {"vnfcInfoModifications": {"vnfc-0": {"a": None, "b": None}}}
    run.write()
    assert run.store.instance.vnfc_properties == {"vnfc-1": {"a": 3}}


def test_only_what_is_written_is_told() -> None:
    run = Run({"vnfInstanceName": "x"})
    run.compare()
    assert modify.changed_info(run.operation) == {}
    run.operation.step("finalise_modify").state = StepState.DONE
    assert modify.changed_info(run.operation) == {"vnfInstanceName": "x"}
    run.operation.undo = [replace(run.operation.step("finalise_modify"))]
    assert modify.changed_info(run.operation) == {}


def test_credentials_are_patched_told_of_and_never_shown() -> None:
    run = Run({"vimConnectionInfo": {"v": {}}})
    run.bring("v", {"password": "new", "user": None})
    changed = run.compare()
    assert changed == {"vimConnectionInfo": {"v": CLOUD}}
    run.write()
    assert run.access == {"password": "new"}
    assert "new" not in str(run.operation.steps) + str(run.store.instance)
    assert run.store.secrets == {secret_name("i1", "v"): {"password": "new"}}
    run.write()  # after a crash
    assert run.access == {"password": "new"}


def test_a_half_written_change_is_finished_or_taken_back() -> None:
    for finish in (True, False):
        run = Run({"vimConnectionInfo": {"v": {}}, "vnfInstanceName": "x"})
        run.bring("v", {"password": "new"})
        run.compare()
        whole, run.store.update = run.store.update, _broken
        with pytest.raises(ConnectionError):
            run.write()
        assert run.access == {"user": "u", "password": "new"}
        run.store.update = whole
        if finish:
            run.write()
        else:
            run.undo()
        assert run.store.instance.name == ("x" if finish else "fw")
        assert run.access == {"user": "u", "password": "new" if finish else "old"}


def _broken(*_: Any) -> Instance:
    raise ConnectionError


@pytest.mark.parametrize("params", [{"v": {"accessInfo": None}}, {"v": None}, None])
def test_credentials_go(params: Any) -> None:
    run = Run({"vimConnectionInfo": params})
    assert run.compare()
    run.write()
    assert not run.access


@pytest.mark.parametrize(
    ("changes", "params", "words"),
    [
        ({}, {"new": {"interfaceInfo": {}}}, "'new' would have no vimType"),
        (
            {"resources": [{"kind": "SERVER", "id": "s", "target": "fw-0"}]},
            {"v": None},
            "'v' cannot be removed",
        ),
        ({"resources": [{"kind": "SERVER", "id": "s", "target": "fw-0"}]}, None, "'v' cannot be removed"),
    ],
)
def test_refused(changes: Any, params: Any, words: str) -> None:
    with pytest.raises(DeploymentError, match=words):
        Run({"vimConnectionInfo": params}, standing(**changes))
