"""What an occurrence tells outside, from journals by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lcm.stand import context, done, ext_port, handle, info, journal, standing
from vnfm.domain.ids import derive
from vnfm.domain.operation import Operation, OperationType, StepEntry, StepState
from vnfm.lcm import modifications
from vnfm.lcm.changes import summarise
from vnfm.lcm.departures import planned_removals

NEW = derive("o1", "vnfc", "fw-2")
IN_PORT, OUT_PORT = derive(NEW, "port", "fw_in"), derive(NEW, "port", "fw_out")
EXT_CP = derive(NEW, "ext-cp", "fw_out")
NICS = [
    {"id": "nic-o", "networkId": "net-1", "macAddress": "02:00:00:00:01:00", "address": None},
    {"id": "nic-i", "networkId": "net-int", "macAddress": "02:00:00:00:01:01", "address": None},
]
BEFORE = info()["extVirtualLinkInfo"]
LINK = {
    "id": "link-int",
    "vnfVirtualLinkDescId": "int",
    "vnfdId": "d1",
    "networkResource": handle("net-int", "network"),
}


def scale_out(*, undone: bool = False) -> Operation:
    operation = journal(
        done("check_plan", removals={}, extConnectivity=BEFORE),
        done("check_vim", zone_id="z"),
        done("deploy_vnfc", "fw-2", 3, id="vm-2", nics=NICS),
        type=OperationType.SCALE,
        params={},
    )
    if undone:
        operation.undo = [StepEntry("deploy_vnfc", "fw-2", 0, state=StepState.DONE)]
    return operation


def removing(kind: OperationType, *targets: str) -> Operation:
    return journal(
        done("check_plan", removals=planned_removals(standing()), extConnectivity=BEFORE),
        done("check_vim", zone_id="z"),
        *(done("remove", target, 6) for target in targets),
        type=kind,
        params={},
    )


def changes(operation: Operation) -> Any:
    return summarise(context(operation, standing()))["resource_changes"]


def connectivity(operation: Operation) -> Any:
    return summarise(context(operation, standing()))["changed_ext_connectivity"]


def words(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["id"], item["changeType"]) for item in items]


def test_nothing_before_the_plan_is_checked() -> None:
    found = summarise(context(journal(type=OperationType.SCALE, params={}), standing()))
    assert found == {
        "grant_id": "g1",
        "resource_changes": {},
        "changed_ext_connectivity": [],
        "changed_info": {},
        "package_modifications": {},
        "warnings": [],
        "error": None,
    }


def test_a_vnfc_that_joins_adds_ports_to_links_that_stood_before() -> None:
    found = changes(scale_out())
    assert found["affectedVirtualLinks"] == [
        {**LINK, "changeType": "LINK_PORT_ADDED", "vnfLinkPortIds": [IN_PORT], "zoneId": "z"}
    ]
    assert found["affectedExtLinkPorts"] == [
        {
            "id": OUT_PORT,
            "changeType": "ADDED",
            "extCpInstanceId": EXT_CP,
            "resourceHandle": handle("nic-o", "nic"),
            "resourceDefinitionId": OUT_PORT,
        }
    ]
    assert words(found["affectedVnfcs"]) == [(NEW, "ADDED")]
    assert "affectedVirtualStorages" not in found


def test_what_a_rollback_took_back_appears_again_as_removed() -> None:
    found = changes(scale_out(undone=True))
    assert words(found["affectedVirtualLinks"]) == [
        ("link-int", "LINK_PORT_ADDED"),
        ("link-int", "LINK_PORT_REMOVED"),
    ]
    assert {tuple(link["vnfLinkPortIds"]) for link in found["affectedVirtualLinks"]} == {(IN_PORT,)}
    assert words(found["affectedExtLinkPorts"]) == [(OUT_PORT, "ADDED"), (OUT_PORT, "REMOVED")]
    assert words(found["affectedVnfcs"]) == [(NEW, "ADDED"), (NEW, "REMOVED")]


def test_scale_in_takes_ports_from_links_that_stay() -> None:
    found = changes(removing(OperationType.SCALE, "SERVER/vm-1"))
    assert found["affectedVirtualLinks"] == [
        {**LINK, "changeType": "LINK_PORT_REMOVED", "vnfLinkPortIds": ["port-in-1"], "zoneId": "z"}
    ]
    assert found["affectedExtLinkPorts"] == [
        {
            "id": "port-out-1",
            "changeType": "REMOVED",
            "extCpInstanceId": "ext-1",
            "resourceHandle": handle("nic-out-1", "nic"),
        }
    ]
    assert words(found["affectedVnfcs"]) == [("vnfc-1", "REMOVED")]
    assert found["affectedVnfcs"][0]["affectedVnfcCpIds"] == ["out-1", "in-1"]


@pytest.mark.parametrize(
    ("targets", "links"),
    [
        (["SERVER/vm-0"], [("link-int", "LINK_PORT_REMOVED")]),
        (["SERVER/vm-0", "SERVER/vm-1"], [("link-int", "LINK_PORT_REMOVED")]),
        (
            ["SERVER/vm-0", "SERVER/vm-1", "NETWORK/net-int"],
            [("link-int", "LINK_PORT_REMOVED"), ("link-int", "REMOVED")],
        ),
    ],
)
def test_terminate_has_one_entry_per_link_and_type(targets: list[str], links: list[tuple[str, str]]) -> None:
    found = changes(removing(OperationType.TERMINATE, *targets))
    assert words(found["affectedVirtualLinks"]) == links
    gone = [f"port-in-{target[-1]}" for target in targets if target.startswith("SERVER")]
    assert found["affectedVirtualLinks"][0]["vnfLinkPortIds"] == gone
    assert words(found["affectedExtLinkPorts"]) == [(port.replace("in", "out"), "REMOVED") for port in gone]


def test_a_journal_of_an_older_release_has_no_ports() -> None:
    old = {
        key: {k: v for k, v in value.items() if k != "ports"}
        for key, value in planned_removals(standing()).items()
    }
    operation = journal(
        done("check_plan", removals=old), done("remove", "SERVER/vm-1"), type=OperationType.SCALE, params={}
    )
    assert set(changes(operation)) == {"affectedVnfcs"}
    assert connectivity(operation) == []


@pytest.mark.parametrize(
    ("operation", "ports"),
    [
        (
            scale_out(),
            [
                ext_port(0),
                ext_port(1),
                {"id": OUT_PORT, "resourceHandle": handle("nic-o", "nic"), "cpInstanceId": EXT_CP},
            ],
        ),
        (removing(OperationType.SCALE, "SERVER/vm-1"), [ext_port(0)]),
        (removing(OperationType.TERMINATE, "SERVER/vm-0", "SERVER/vm-1"), None),
    ],
)
def test_changed_ext_connectivity_shows_links_as_they_are_now(operation: Operation, ports: Any) -> None:
    (link,) = connectivity(operation)
    assert link.get("extLinkPorts") == ports
    assert {key: link[key] for key in link if key != "extLinkPorts"} == {
        "id": "vl-1",
        "resourceHandle": handle("net-1", "network"),
        "currentVnfExtCpData": [{"cpdId": "fw_out", "cpConfig": {}}],
    }


@pytest.mark.parametrize("operation", [scale_out(undone=True), removing(OperationType.SCALE)])
def test_connectivity_that_is_as_before_has_not_changed(operation: Operation) -> None:
    assert connectivity(operation) == []


def healed() -> Operation:
    """fw-1 has a new server; the same ports have other NICs."""
    return journal(
        done(
            "check_plan",
            removals={},
            extConnectivity=BEFORE,
            standing=modifications.planned(standing(), ["fw-1"]),
        ),
        done("recreate_vnfc", "fw-1", 4, id="vm-9", nics=NICS),
        type=OperationType.HEAL,
        params={},
    )


def test_a_vnfc_with_a_new_server_has_changed_external_connectivity() -> None:
    (link,) = connectivity(healed())
    assert link["extLinkPorts"] == [ext_port(0), {**ext_port(1), "resourceHandle": handle("nic-o", "nic")}]
    assert words(changes(healed())["affectedExtLinkPorts"]) == [("port-out-1", "MODIFIED")]


@pytest.mark.parametrize("state", [StepState.FAILED, StepState.DONE])
def test_what_an_operation_adds_to_the_instance_is_told_when_it_is_written(state: StepState) -> None:
    told = {"extensions": {"a": 1}}
    operation = journal(
        done("check_plan", removals={}, extConnectivity=[], changedInfo=told),
        StepEntry("finalise_instantiate", "", 6, state=state),
        type=OperationType.INSTANTIATE,
        params={},
    )
    found = summarise(context(operation, standing()))["changed_info"]
    assert found == (told if state is StepState.DONE else {})
    operation.undo = [StepEntry("finalise_instantiate", "", 0, state=StepState.DONE)]
    assert summarise(context(operation, standing()))["changed_info"] == {}


@pytest.mark.parametrize(("checked", "warnings"), [(False, 0), (True, 1)])
def test_what_a_request_wants_in_vain_is_said(checked: bool, warnings: int) -> None:
    config = {"one": {"linkPortId": "made beforehand"}}
    link = {"id": "vl", "resourceId": "n", "extCps": [{"cpdId": "fw_out", "cpConfig": config}]}
    steps = [done("check_plan")] if checked else []
    operation = journal(*steps, type=OperationType.SCALE, params={"extVirtualLinks": [link]})
    found = summarise(context(operation, standing()))["warnings"]
    assert len([one for one in found if "linkPortId" in one]) == warnings
