"""CHANGE_EXT_CONN against the emulator: NICs re-plugged, order kept, records exact, undone cleanly."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stage import FIREWALL, LOAD_BALANCER, NFVO, WEB_TIER, Stage, Worker, WorkerPool
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.errors import BadRequest, Conflict
from vnfm.services import tasks

CHANGE = OperationType.CHANGE_EXT_CONN
DONE = OperationState.COMPLETED


@pytest.fixture
def worker(stage: Stage, pool: WorkerPool) -> Iterator[Worker]:
    with pool.running(stage.settings) as found:
        yield found


def instantiated(stage: Stage, vnfd: str, **changes: Any) -> Instance:
    instance = stage.create(vnfd)
    ended = stage.settle(stage.instantiate(instance.id, **changes))
    assert ended.state is DONE, ended.error
    return stage.instance(instance.id)


def move(stage: Stage, network: str, cpd: str, config: Any = None, name: str = "") -> dict[str, Any]:
    """An ExtVirtualLinkData that puts a CPD on a network."""
    return {
        "id": name or f"vl-{network}",
        "resourceId": stage.networks[network],
        "extCps": [{"cpdId": cpd, "cpConfig": config or {}}],
    }


def change(stage: Stage, instance: Instance, *links: dict[str, Any]) -> str:
    return stage.begin(instance.id, CHANGE, {"extVirtualLinks": list(links)})


def changed(stage: Stage, instance: Instance, *links: dict[str, Any]) -> Operation:
    ended = stage.settle(change(stage, instance, *links))
    assert ended.state is DONE, ended.error
    return ended


def nics(stage: Stage) -> dict[str, list[tuple[str, str]]]:
    """Network name and MAC of the NICs of each VM, in device order."""
    names = {n["id"]: n["name"] for n in stage.world()["networks"]}
    found = {}
    for vm in stage.world()["vms"]:
        order = sorted(vm["nics"], key=lambda nic: int(nic["device"]))
        found[vm["name"]] = [(names[nic["network"]], nic["mac"]) for nic in order]
    return found


def recorded(instance: Instance) -> dict[str, Any]:
    assert instance.instantiated_vnf_info is not None
    return copy.deepcopy(dict(instance.instantiated_vnf_info))


def check_record(stage: Stage, instance: Instance) -> None:
    """Every port of the record is a NIC of the emulator with the MAC and address told."""
    info = recorded(stage.instance(instance.id))
    there = {nic["id"]: nic for vm in stage.world()["vms"] for nic in vm["nics"]}
    cps = {cp["id"]: cp for cp in info["extCpInfo"]}
    ports = 0
    for link in info.get("extVirtualLinkInfo") or []:
        for port in link.get("extLinkPorts") or []:
            nic, cp = there[port["resourceHandle"]["resourceId"]], cps[port["cpInstanceId"]]
            assert nic["network"] == link["resourceHandle"]["resourceId"]
            assert cp["extLinkPortId"] == port["id"]
            ethernet = cp["cpProtocolInfo"][0]["ipOverEthernet"]
            assert ethernet["macAddress"] == nic["mac"]
            assert ethernet["ipAddresses"][0]["addresses"] == [nic["address"]]
            ports += 1
    assert ports == sum("extLinkPortId" in cp for cp in cps.values())


def firewalls(stage: Stage) -> list[list[tuple[str, str]]]:
    return [row for name, row in sorted(nics(stage).items()) if "-manager-" not in name]


def words(items: Any) -> list[str]:
    return [item["changeType"] for item in items]


def test_a_default_nic_moves_and_the_order_stays(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, FIREWALL)
    before = firewalls(stage)
    ended = changed(stage, instance, move(stage, "dmz", "fw_outside"))
    after = firewalls(stage)
    assert [[name for name, _ in row] for row in after] == [
        ["dmz" if name == "outside" else name for name, _ in row] for row in before
    ]
    assert [[mac for _, mac in row] for row in after] == [[mac for _, mac in row] for row in before]
    check_record(stage, instance)
    info = recorded(stage.instance(instance.id))
    assert [link["id"] for link in info["extVirtualLinkInfo"]] == ["vl-inside", "vl-mgmt", "vl-dmz"]
    assert info["extVirtualLinkInfo"][2]["currentVnfExtCpData"] == [{"cpdId": "fw_outside", "cpConfig": {}}]
    assert sorted(words(ended.resource_changes["affectedExtLinkPorts"])) == ["ADDED"] * 2 + ["REMOVED"] * 2
    assert words(ended.resource_changes["affectedVnfcs"]) == ["MODIFIED"] * 2
    assert "affectedVirtualLinks" not in ended.resource_changes
    assert list(ended.changed_ext_connectivity) == [info["extVirtualLinkInfo"][2]]
    request = stage.nfvo.nfvo.grants.cases()[-1].request
    assert {item["type"] for item in request["addResources"]} == {"LINKPORT"}


def test_the_only_nic_moves(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, LOAD_BALANCER)
    ((_, before),) = nics(stage).items()
    changed(stage, instance, move(stage, "dmz", "lb_ext"))
    ((_, after),) = nics(stage).items()
    assert [name for name, _ in before] == ["mgmt"]
    assert [name for name, _ in after] == ["dmz"]
    check_record(stage, instance)
    gone = stage.settle(stage.terminate(instance.id))
    assert gone.state is DONE
    assert gone.changed_ext_connectivity[0].get("extLinkPorts") is None
    assert not stage.world()["vms"]


def test_two_cps_change_places(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, FIREWALL)
    before = firewalls(stage)
    changed(
        stage,
        instance,
        move(stage, "inside", "fw_outside"),
        move(stage, "outside", "fw_inside"),
    )
    swap = {"outside": "inside", "inside": "outside"}
    assert firewalls(stage) == [[(swap.get(name, name), mac) for name, mac in row] for row in before]
    check_record(stage, instance)


def test_disconnected_and_connected_again(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, FIREWALL)
    before = firewalls(stage)
    names = {cp["cpConfigId"] for cp in recorded(instance)["extCpInfo"] if cp["cpdId"] == "fw_inside"}
    nothing = move(stage, "inside", "fw_inside", dict.fromkeys(names))
    changed(stage, instance, nothing)
    assert firewalls(stage) == [[nic for nic in row if nic[0] != "inside"] for row in before]
    check_record(stage, instance)
    ended = changed(stage, instance, move(stage, "spare", "fw_inside", {"new": {}}))
    assert firewalls(stage) == [
        [("spare" if name == "inside" else name, mac) for name, mac in row] for row in before
    ]
    check_record(stage, instance)
    assert words(ended.resource_changes["affectedExtLinkPorts"]) == ["ADDED"] * 2


def test_who_joins_or_is_made_anew_while_a_cpd_is_disconnected(stage: Stage, worker: Worker) -> None:
    """No NIC where the others have none; a new configuration then plugs them all."""
    instance = instantiated(stage, FIREWALL)
    names = {cp["cpConfigId"] for cp in recorded(instance)["extCpInfo"] if cp["cpdId"] == "fw_inside"}
    changed(stage, instance, move(stage, "inside", "fw_inside", dict.fromkeys(names)))
    healed = {"additionalParams": {"action": "recreate"}}
    ended = stage.settle(stage.begin(instance.id, OperationType.HEAL, healed))
    assert ended.state is DONE, ended.error
    check_record(stage, instance)
    assert {nic[0] for row in firewalls(stage) for nic in row} & {"inside"} == set()
    changed(stage, instance, move(stage, "spare", "fw_inside", {"new": {}}))
    assert all("spare" in [name for name, _ in row] for row in firewalls(stage))
    check_record(stage, instance)


def test_scaling_out_while_a_cpd_is_disconnected(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, WEB_TIER)
    (cp,) = recorded(instance)["extCpInfo"]
    changed(stage, instance, move(stage, "outside", "web_ext", {cp["cpConfigId"]: None}))
    body = {"type": "SCALE_OUT", "aspectId": "web_aspect"}
    ended = stage.settle(stage.begin(instance.id, OperationType.SCALE, body))
    assert ended.state is DONE, ended.error
    assert "affectedExtLinkPorts" not in ended.resource_changes
    check_record(stage, instance)
    assert len(recorded(stage.instance(instance.id))["extCpInfo"]) == 2
    changed(stage, instance, move(stage, "spare", "web_ext", {"new": {}}))
    assert [name for row in nics(stage).values() for name, _ in row].count("spare") == 2
    check_record(stage, instance)


def address(text: str) -> dict[str, Any]:
    ip = {"type": "IPV4", "fixedAddresses": [text]}
    return {
        "cpProtocolData": [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": {"ipAddresses": [ip]}}]
    }


def test_an_address_changes_with_a_stop_and_a_start(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, LOAD_BALANCER)
    (vm,) = stage.world()["vms"]
    old = vm["nics"][0]
    wanted = old["address"].rsplit(".", 1)[0] + ".200"
    (cp,) = recorded(instance)["extCpInfo"]
    ended = changed(stage, instance, move(stage, "mgmt", "lb_ext", {cp["cpConfigId"]: address(wanted)}))
    (vm,) = stage.world()["vms"]
    assert vm["state"] == "Running"
    assert [nic["address"] for nic in vm["nics"]] == [wanted]
    assert vm["nics"][0]["id"] == old["id"]
    check_record(stage, instance)
    assert "affectedExtLinkPorts" not in ended.resource_changes
    assert len(ended.changed_ext_connectivity) == 1


@pytest.mark.parametrize(
    ("cpd", "config", "named"),
    [
        (
            "nowhere",
            {},
            r"extVirtualLinks\[0\]\.extCps\.cpdId: 'nowhere' .* it has: fw_inside, fw_mgmt, fw_outside",
        ),
        ("fw_inside", {"nothing": None}, "no configuration 'nothing' to remove; it has: fw_inside-0"),
        ("fw_inside", {"a": {"linkPortId": "p"}}, "cpConfig.a.linkPortId"),
        ("fw_outside", {"a": address("10.1.1.9")}, "serves 2 instances"),
    ],
)
def test_bad_requests_touch_nothing(stage: Stage, worker: Worker, cpd: str, config: Any, named: str) -> None:
    instance = instantiated(stage, FIREWALL)
    with pytest.raises(BadRequest, match=named):
        change(stage, instance, move(stage, "dmz", cpd, config))


def test_other_refusals(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, FIREWALL)
    with pytest.raises(BadRequest, match=r"is network .* already"):
        change(stage, instance, move(stage, "dmz", "fw_outside", name="vl-outside"))
    with pytest.raises(BadRequest, match="second NIC into a network"):
        change(stage, instance, move(stage, "inside", "fw_outside"))
    with pytest.raises(Conflict, match="INSTANTIATED"):
        change(stage, stage.create(FIREWALL), move(stage, "dmz", "fw_outside"))


def spoil(stage: Stage, command: str, nth: int, times: int = 1) -> None:
    fault = {"kind": "fail", "command": command, "nth": nth, "times": times, "code": 530}
    stage.door("faults", {**fault, "text": "PlugNic failed"})


#: The job that fails; the second firewall's is tried after the first one is re-plugged.
SPOILT = [("addNicToVirtualMachine", 1), ("addNicToVirtualMachine", 2), ("removeNicFromVirtualMachine", 2)]


@pytest.mark.parametrize(("command", "nth"), SPOILT)
def test_a_failure_is_retried(stage: Stage, worker: Worker, command: str, nth: int) -> None:
    instance = instantiated(stage, FIREWALL)
    before = firewalls(stage)
    spoil(stage, command, nth)
    failed = stage.settle(change(stage, instance, move(stage, "dmz", "fw_outside")))
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error is not None
    assert command in failed.error["detail"]
    check_record(stage, instance)
    tasks.retry(stage.deps, NFVO, failed.id)
    ended = stage.settle(failed.id)
    assert ended.state is DONE, ended.error
    moved = [["dmz" if name == "outside" else name for name, _ in row] for row in before]
    assert [[name for name, _ in row] for row in firewalls(stage)] == moved
    check_record(stage, instance)
    assert stage.faults_fired() >= 1


@pytest.mark.parametrize(("command", "nth"), SPOILT)
def test_a_failure_is_rolled_back(stage: Stage, worker: Worker, command: str, nth: int) -> None:
    instance = instantiated(stage, FIREWALL)
    before, info = firewalls(stage), recorded(instance)
    spoil(stage, command, nth)
    failed = stage.settle(change(stage, instance, move(stage, "dmz", "fw_outside")))
    assert failed.state is OperationState.FAILED_TEMP
    tasks.rollback(stage.deps, NFVO, failed.id)
    ended = stage.settle(failed.id)
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert firewalls(stage) == before
    check_record(stage, instance)
    assert without_nics(recorded(stage.instance(instance.id))) == without_nics(info)
    again = changed(stage, instance, move(stage, "dmz", "fw_outside"))
    assert again.state is DONE


def without_nics(info: dict[str, Any]) -> dict[str, Any]:
    """A NIC plugged in anew has its former MAC and address, but another id."""
    for link in info.get("extVirtualLinkInfo") or []:
        for port in link.get("extLinkPorts") or []:
            port["resourceHandle"]["resourceId"] = "any"
    return info


def test_snapshots_are_in_the_way(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, FIREWALL)
    before = firewalls(stage)
    fault = {"kind": "fail", "command": "addNicToVirtualMachine", "nth": 1, "code": 431}
    stage.door("faults", {**fault, "text": "NIC cannot be added to VM with VM Snapshots"})
    failed = stage.settle(change(stage, instance, move(stage, "dmz", "fw_outside")))
    assert failed.error is not None
    assert "remove its snapshots first" in failed.error["detail"]
    tasks.rollback(stage.deps, NFVO, failed.id)
    assert stage.settle(failed.id).state is OperationState.ROLLED_BACK
    assert firewalls(stage) == before


def test_scaling_out_follows_the_new_links(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage, LOAD_BALANCER)
    changed(stage, instance, move(stage, "dmz", "lb_ext", {"all": {}}))
    (cp,) = recorded(stage.instance(instance.id))["extCpInfo"]
    assert cp["cpConfigId"] == "all"
