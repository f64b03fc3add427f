"""FAILED: the record of the instance shows what really exists (SOL003 5.6.2.2), and goes on from there."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.integration.lcm.play import completed, end, play, stand, states
from tests.stage import FIREWALL, NFVO, WEB_TIER, Stage, WorkerPool
from vnfm.domain import scaling, standing
from vnfm.domain.operation import Operation, OperationState, OperationType, StepState
from vnfm.errors import Conflict
from vnfm.services import packages, tasks

FAILED_TEMP = OperationState.FAILED_TEMP


def give_up(stage: Stage, failed: Operation) -> Operation:
    assert failed.state is FAILED_TEMP, failed.error
    ended = tasks.fail(stage.deps, NFVO, failed.id)
    assert ended.state is OperationState.FAILED
    return ended


def check_record(stage: Stage, instance_id: str) -> Mapping[str, Any]:
    """Every VM, disk and NIC of the record is there, and every VM and disk of ours that serves is in it."""
    instance, world = stage.instance(instance_id), stage.world()
    info = instance.instantiated_vnf_info or {}
    recorded = {one["computeResource"]["resourceId"] for one in info.get("vnfcResourceInfo") or []}
    assert recorded == {vm["id"] for vm in world["vms"]}
    disks = {one["storageResource"]["resourceId"] for one in info.get("virtualStorageResourceInfo") or []}
    assert disks == {volume["id"] for volume in world["volumes"] if volume["type"] == "DATADISK"}
    nics = {nic["id"]: nic["network"] for vm in world["vms"] for nic in vm["nics"]}
    for name, ports, handle in (
        ("extVirtualLinkInfo", "extLinkPorts", "resourceHandle"),
        ("vnfVirtualLinkResourceInfo", "vnfLinkPorts", "networkResource"),
    ):
        for link in info.get(name) or []:
            for port in link.get(ports) or []:
                nic = port["resourceHandle"]["resourceId"]
                assert nics[nic] == link[handle]["resourceId"]
    cps = {cp["id"] for vnfc in info.get("vnfcResourceInfo") or [] for cp in vnfc["vnfcCpInfo"]}
    assert {cp["associatedVnfcCpId"] for cp in info.get("extCpInfo") or []} <= cps
    vnfd = packages.require(stage.deps, NFVO.tenant, instance.vnfd_id)
    flavour = standing.flavour_of(instance, vnfd)
    if flavour.aspects and recorded:
        count = standing.count(instance)
        reached = scaling.vnfcs_at(flavour, standing.scale_levels(instance), count)
        assert all(count[vdu] >= number for vdu, number in reached.items())
    return info


def spoil(stage: Stage, command: str, **more: Any) -> None:
    stage.door("faults", {"kind": "fail", "command": command, "code": 530, "text": "broken", **more})


def mend(stage: Stage) -> None:
    assert stage.faults_fired() > 0
    stage.calm()


@pytest.mark.parametrize("broken", ["stopVirtualMachine", "startVirtualMachine"])
def test_operate_shows_which_vnfcs_it_has_brought_how_far(
    stage: Stage, pool: WorkerPool, broken: str
) -> None:
    """Two of three VNFCs get where they shall, the last one does not."""
    instance = stand(stage, pool, FIREWALL)
    wanted, other = ("STOPPED", "STARTED") if broken.startswith("stop") else ("STARTED", "STOPPED")
    if wanted == "STARTED":
        completed(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED")
    spoil(stage, broken, nth=3, times=100)
    failed = play(stage, pool, instance.id, "OPERATE", changeStateTo=wanted)
    give_up(stage, failed)
    after = stage.instance(instance.id)
    real = states(stage)
    for vnfc in standing.vnfcs(after):
        power = {"Running": "STARTED", "Stopped": "STOPPED"}[real[vnfc.server]]
        assert standing.vnfc_state(after, vnfc.id) == power, vnfc.key
    assert sorted(real.values()).count({"STARTED": "Running", "STOPPED": "Stopped"}[other]) == 1
    assert standing.vnf_state(after) == "STARTED", "as long as one is to run"
    mend(stage)
    completed(stage, pool, instance.id, "OPERATE", changeStateTo=wanted)
    assert (stage.instance(instance.id).instantiated_vnf_info or {})["vnfState"] == wanted
    end(stage, pool, instance.id)


def test_scale_out_keeps_the_vnfcs_that_are_whole(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER)
    spoil(stage, "deployVirtualMachine", nth=2, times=100)
    failed = play(stage, pool, instance.id, "SCALE", type="SCALE_OUT", aspectId="web_aspect", numberOfSteps=2)
    ended = give_up(stage, failed)
    check_record(stage, instance.id)
    assert standing.scale_levels(stage.instance(instance.id))["web_aspect"] == 1
    assert [one["changeType"] for one in ended.resource_changes["affectedVnfcs"]] == ["ADDED"]
    mend(stage)
    again = completed(stage, pool, instance.id, "SCALE", type="SCALE_OUT", aspectId="web_aspect")
    assert len(again.resource_changes["affectedVnfcs"]) == 1
    check_record(stage, instance.id)
    end(stage, pool, instance.id)


def test_scale_in_forgets_the_vnfcs_that_are_gone(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER, instantiationLevelId="medium")
    assert standing.count(instance) == {"web": 3, "worker": 2}
    spoil(stage, "destroyVirtualMachine", nth=2, times=100)
    failed = play(stage, pool, instance.id, "SCALE", type="SCALE_IN", aspectId="web_aspect", numberOfSteps=2)
    give_up(stage, failed)
    now = stage.instance(instance.id)
    assert standing.count(now) == {"web": 2, "worker": 2}
    assert standing.scale_levels(now) == {"web_aspect": 1, "worker_aspect": 1}
    check_record(stage, instance.id)
    mend(stage)
    end(stage, pool, instance.id)


def test_a_half_done_termination_leaves_what_is_left(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    spoil(stage, "destroyVirtualMachine", nth=3, times=100)
    give_up(stage, play(stage, pool, instance.id, "TERMINATE", terminationType="FORCEFUL"))
    info = check_record(stage, instance.id)
    assert len(info["vnfcResourceInfo"]) == 1
    mend(stage)
    end(stage, pool, instance.id)


def test_a_forceful_cancel_between_two_nics(stage: Stage, pool: WorkerPool) -> None:
    """The NIC that the VIM is just taking out goes after the cancel; the record must not keep it."""
    instance = stand(stage, pool, FIREWALL)
    stage.door("faults", {"kind": "hold", "command": "removeNicFromVirtualMachine", "seconds": 1.0})
    link = {"id": "vl-dmz", "resourceId": stage.networks["dmz"]}
    body = {"extVirtualLinks": [{**link, "extCps": [{"cpdId": "fw_outside", "cpConfig": {}}]}]}
    nics = sorted(nic["id"] for vm in stage.world()["vms"] for nic in vm["nics"])
    with pool.running(stage.settings):
        begun = stage.begin(instance.id, OperationType.CHANGE_EXT_CONN, body)
        wait_for(lambda: _unplugs(stage.operation(begun)))
        tasks.cancel(stage.deps, NFVO, begun, "FORCEFUL")
        failed = stage.settle(begun)
    left = wait_for(lambda: sorted(n["id"] for vm in stage.world()["vms"] for n in vm["nics"]) != nics)
    assert left
    time.sleep(1.2)  # the job that was held ends meanwhile
    ended = give_up(stage, failed)
    check_record(stage, instance.id)
    gone = set(nics) - {nic["id"] for vm in stage.world()["vms"] for nic in vm["nics"]}
    ports = [one for one in ended.resource_changes["affectedExtLinkPorts"] if one["changeType"] == "REMOVED"]
    assert {one["resourceHandle"]["resourceId"] for one in ports} == gone
    end(stage, pool, instance.id)


def _unplugs(operation: Operation) -> bool:
    return any(
        entry.state is StepState.WATCHING and str(entry.memo.get("move")).startswith("unplug")
        for entry in operation.steps
        if entry.name == "rewire_vnfc"
    )


def wait_for(found: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not found() and time.monotonic() < deadline:
        time.sleep(0.02)
    return found()


def test_where_the_vim_does_not_answer_that_is_said(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    spoil(stage, "addNicToVirtualMachine", nth=2, times=100)
    link = {"id": "vl-dmz", "resourceId": stage.networks["dmz"]}
    body = {"extVirtualLinks": [{**link, "extCps": [{"cpdId": "fw_outside", "cpConfig": {}}]}]}
    failed = play(stage, pool, instance.id, "CHANGE_EXT_CONN", **body)
    mend(stage)
    stage.door("faults", {"kind": "refuse", "command": "listVirtualMachines", "code": 530, "times": 100})
    ended = give_up(stage, failed)
    assert any("could not be looked at" in warning for warning in ended.warnings)
    mend(stage)
    check_record(stage, instance.id)
    end(stage, pool, instance.id)


def test_a_half_made_change_of_flavour_can_be_completed_by_another(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER)
    spoil(stage, "scaleVirtualMachine", times=100)
    to_premium = {"newFlavourId": "premium", "instantiationLevelId": "medium"}
    give_up(stage, play(stage, pool, instance.id, "CHANGE_FLAVOUR", **to_premium))
    info = check_record(stage, instance.id)
    assert info["flavourId"] == "basic"
    assert standing.count(stage.instance(instance.id)) == {"web": 3, "worker": 2}
    assert standing.scale_levels(stage.instance(instance.id)) == {"web_aspect": 2, "worker_aspect": 1}
    mend(stage)
    ended = completed(stage, pool, instance.id, "CHANGE_FLAVOUR", **to_premium)
    assert {one["changeType"] for one in ended.resource_changes["affectedVnfcs"]} == {"MODIFIED"}
    assert check_record(stage, instance.id)["flavourId"] == "premium"
    end(stage, pool, instance.id)


def test_vnfcs_that_the_flavour_does_not_have_are_named_and_can_only_go(
    stage: Stage, pool: WorkerPool
) -> None:
    """As a change of flavour leaves them that has made the VNFCs of a VDU of its own, and was given up."""
    instance = stand(stage, pool, WEB_TIER)
    info = copy.deepcopy(dict(instance.instantiated_vnf_info or {}))
    info["vnfcResourceInfo"][1]["vduId"] = "cache"
    stage.deps.instances.update(NFVO.tenant, instance.id, {"instantiated_vnf_info": info})
    for kind, body in {
        "SCALE": {"type": "SCALE_OUT", "aspectId": "web_aspect"},
        "HEAL": {},
        "CHANGE_FLAVOUR": {"newFlavourId": "premium"},
    }.items():
        with pytest.raises(Conflict, match=r"'basic' does not have: worker-0; possible are .*TERMINATE"):
            stage.begin(instance.id, OperationType(kind), body)
    end(stage, pool, instance.id)
