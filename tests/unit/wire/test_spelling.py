"""Domain → SOL spelling, as tables."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.fakes.domain import T0, make_instance, make_operation
from vnfm import wire
from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import CancelMode, OperationState, OperationType, StepEntry, StepState
from vnfm.wire.links import Links

LINKS = Links.of("https://gw.example/prefix", "vnflcm/v2")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (T0, "2026-01-02T03:04:05+00:00"),
        (T0.replace(tzinfo=None), "2026-01-02T03:04:05+00:00"),
        (T0.replace(microsecond=5000), "2026-01-02T03:04:05.005000+00:00"),
        (T0.astimezone(timezone(timedelta(hours=2))), "2026-01-02T05:04:05+02:00"),
    ],
)
def test_times_have_an_offset(moment: datetime, text: str) -> None:
    assert wire.screen.stamp(moment) == text


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ({"a": None, "b": [], "c": 0, "d": False, "e": ""}, {"c": 0, "d": False, "e": ""}),
        ({"a": {"b": [{"c": None, "d": 1}]}}, {"a": {"b": [{"d": 1}]}}),
        ({"metadata": {"a": None, "b": []}}, {"metadata": {"a": None, "b": []}}),
        ({"extra": {"accessInfo": "theirs"}}, {"extra": {"accessInfo": "theirs"}}),
        ({"vim1": {"vimType": "X", "accessInfo": {"secretKey": "s"}}}, {"vim1": {"vimType": "X"}}),
        ({"at": T0}, {"at": "2026-01-02T03:04:05+00:00"}),
        ({"cpdId": "c", "cpConfig": {}}, {"cpdId": "c"}),
        ({"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": {}}, {"layerProtocol": "IP_OVER_ETHERNET"}),
        ({"cpdId": "c", "cpConfig": {"one": {}}}, {"cpdId": "c", "cpConfig": {"one": {}}}),
        ([], []),
        (None, None),
    ],
)
def test_passed(inside: Any, outside: Any) -> None:
    assert wire.screen.passed(inside) == outside


def test_a_new_instance_says_no_more_than_it_knows() -> None:
    assert wire.instance.complete(make_instance(), LINKS) == {
        "id": "i1",
        "vnfdId": "d1",
        "vnfProvider": "p",
        "vnfProductName": "n",
        "vnfSoftwareVersion": "1",
        "vnfdVersion": "2",
        "instantiationState": "NOT_INSTANTIATED",
        "_links": {
            "self": {"href": f"{LINKS.root}/vnf_instances/i1"},
            "instantiate": {"href": f"{LINKS.root}/vnf_instances/i1/instantiate"},
        },
    }


STANDING_TASKS = {"scale", "scaleToLevel", "terminate", "heal", "operate", "changeExtConn"} | {
    "changeFlavour",
    "createSnapshot",
    "revertToSnapshot",
}


@pytest.mark.parametrize(
    ("state", "links"),
    [
        (InstantiationState.NOT_INSTANTIATED, {"self", "instantiate"}),
        (InstantiationState.INSTANTIATED, {"self", *STANDING_TASKS}),
    ],
)
def test_instance_links_are_those_that_work(state: InstantiationState, links: set[str]) -> None:
    assert set(wire.instance.complete(make_instance(state=state), LINKS)["_links"]) == links


def test_what_the_vnfd_rules_out_is_no_task() -> None:
    standing = make_instance(state=InstantiationState.INSTANTIATED, ruled_out=["SCALE", "CHANGE_EXT_CONN"])
    found = set(wire.instance.complete(standing, LINKS)["_links"])
    assert found == {"self", *STANDING_TASKS} - {"scale", "changeExtConn"}


def test_what_an_instantiate_left_behind_can_only_be_terminated() -> None:
    half_made = make_instance(resources=[{"kind": "SERVER", "id": "s", "target": "fw-0"}])
    assert set(wire.instance.complete(half_made, LINKS)["_links"]) == {"self", "terminate"}


FULL = make_instance(
    name="fw",
    description="edge",
    state=InstantiationState.INSTANTIATED,
    vim_connection_info={"v": {"vimType": "X", "accessInfo": {"apiKey": "k"}, "extra": {"zone": "z"}}},
    instantiated_vnf_info={"flavourId": "f", "vnfState": "STARTED", "extCpInfo": [], "scaleStatus": None},
    metadata={"m": None},
    extensions={"e": 1},
    vnf_configurable_properties={"c": []},
)


def test_instance_complete() -> None:
    document = wire.instance.complete(FULL, LINKS)
    assert document["vimConnectionInfo"] == {"v": {"vimType": "X", "extra": {"zone": "z"}}}
    assert document["instantiatedVnfInfo"] == {"flavourId": "f", "vnfState": "STARTED"}
    assert (document["metadata"], document["extensions"]) == ({"m": None}, {"e": 1})
    assert (document["vnfInstanceName"], document["vnfInstanceDescription"]) == ("fw", "edge")
    assert document["vnfConfigurableProperties"] == {"c": []}


def test_operation_complete() -> None:
    operation = make_operation(
        params={"flavourId": "f", "vimConnectionInfo": {"v": {"vimType": "X", "accessInfo": {"p": "s"}}}},
        state=OperationState.FAILED_TEMP,
        grant_id="g1",
        error={"status": 500, "detail": "no", "title": None},
        resource_changes={
            "affectedVnfcs": [{"id": "c"}],
            "affectedVirtualLinks": [],
            "affectedVipCps": [{"cpInstanceId": "v"}],
        },
        warnings=["left a volume"],
        steps=[
            StepEntry("grant", "", -1, result={"grant": {"_links": {"self": {"href": "https://nfvo/g1"}}}})
        ],
    )
    document = wire.operation.complete(operation, LINKS)
    assert document.pop("_links") == {
        "self": {"href": f"{LINKS.root}/vnf_lcm_op_occs/o1"},
        "vnfInstance": {"href": f"{LINKS.root}/vnf_instances/i1"},
        "grant": {"href": "https://nfvo/g1"},
        "retry": {"href": f"{LINKS.root}/vnf_lcm_op_occs/o1/retry"},
        "rollback": {"href": f"{LINKS.root}/vnf_lcm_op_occs/o1/rollback"},
        "fail": {"href": f"{LINKS.root}/vnf_lcm_op_occs/o1/fail"},
    }
    assert document == {
        "id": "o1",
        "operationState": "FAILED_TEMP",
        "stateEnteredTime": "2026-01-02T03:04:05+00:00",
        "startTime": "2026-01-02T03:04:05+00:00",
        "vnfInstanceId": "i1",
        "grantId": "g1",
        "operation": "INSTANTIATE",
        "isAutomaticInvocation": False,
        "isCancelPending": False,
        "warnings": ["left a volume"],
        "operationParams": {"flavourId": "f", "vimConnectionInfo": {"v": {"vimType": "X"}}},
        "error": {"status": 500, "detail": "no"},
        "resourceChanges": {"affectedVnfcs": [{"id": "c"}]},
        "affectedVipCps": [{"cpInstanceId": "v"}],
    }


FAILED_TEMP_TASKS = {"retry", "rollback", "fail"}


@pytest.mark.parametrize(
    ("changes", "tasks"),
    [
        ({"state": OperationState.STARTING}, {"cancel"}),
        ({"state": OperationState.PROCESSING}, {"cancel"}),
        ({"state": OperationState.ROLLING_BACK}, {"cancel"}),
        ({"state": OperationState.PROCESSING, "cancel_mode": CancelMode.GRACEFUL}, set()),
        ({"state": OperationState.FAILED_TEMP}, FAILED_TEMP_TASKS),
        ({"state": OperationState.FAILED_TEMP, "type": OperationType.TERMINATE}, {"retry", "fail"}),
        ({"state": OperationState.COMPLETED}, set()),
        ({"state": OperationState.FAILED}, set()),
        ({"state": OperationState.ROLLED_BACK}, set()),
    ],
)
def test_operation_links_are_those_that_work(changes: dict[str, Any], tasks: set[str]) -> None:
    links = wire.operation.complete(make_operation(**changes), LINKS)["_links"]
    assert set(links) == {"self", "vnfInstance", *tasks}


def test_a_request_is_shown_as_it_came_without_secrets() -> None:
    params = {
        "extVirtualLinks": [{"id": "vl", "extCps": [{"cpdId": "c", "cpConfig": {"one": None}}]}],
        "vimConnectionInfo": {"v": {"vimType": "X", "accessInfo": {"p": "s"}}, "w": None},
        "additionalParams": {"accessInfo": "theirs", "list": []},
    }
    shown = wire.operation.complete(make_operation(params=params, changed_info=params), LINKS)
    told = {**params, "vimConnectionInfo": {"v": {"vimType": "X"}, "w": None}}
    assert (shown["operationParams"], shown["changedInfo"]) == (told, told)


def test_a_package_change_tells_what_it_brought() -> None:
    modifications = {"vnfdId": "d2", "extensions": {"a": None}}
    operation = make_operation(type=OperationType.CHANGE_VNFPKG, package_modifications=modifications)
    shown = wire.operation.complete(operation, LINKS)
    assert shown["modificationsTriggeredByVnfPkgChange"] == modifications


@pytest.mark.parametrize("mode", [None, *CancelMode])
def test_a_pending_cancel_says_how(mode: CancelMode | None) -> None:
    document = wire.operation.complete(make_operation(cancel_mode=mode), LINKS)
    assert document["isCancelPending"] is (mode is not None)
    assert document.get("cancelMode") == mode


@pytest.mark.parametrize(
    ("entry", "document"),
    [
        (
            StepEntry("check", "", 0),
            {"name": "check", "target": "", "stage": 0, "state": "PENDING", "attempts": 0},
        ),
        (
            StepEntry(
                "deploy_vnfc",
                "fw-0",
                2,
                StepState.FAILED,
                memo={"job": "j2", "phase": "job"},
                jobs=["j1", "j2"],
                attempts=2,
                started=T0,
                ended=T0,
                problem={"status": 500, "detail": "no room"},
            ),
            {
                "name": "deploy_vnfc",
                "target": "fw-0",
                "stage": 2,
                "state": "FAILED",
                "attempts": 2,
                "startTime": "2026-01-02T03:04:05+00:00",
                "endTime": "2026-01-02T03:04:05+00:00",
                "vimJobIds": ["j1", "j2"],
                "error": "no room",
            },
        ),
    ],
)
def test_steps(entry: StepEntry, document: dict[str, Any]) -> None:
    operation = make_operation(steps=[entry], undo=[entry])
    assert wire.journal.steps(operation) == [{"track": "FORWARD", **document}, {"track": "UNDO", **document}]
