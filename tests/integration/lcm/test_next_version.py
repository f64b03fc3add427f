"""CHANGE_VNFPKG to a version in which nearly all is another: names, NICs, disks, links, groups, image."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.integration.lcm.play import completed, decide, end, grant_request, play, servers, stand, states
from tests.stage import FIREWALL, Stage, WorkerPool
from tests.stage import FIREWALL_NEXT as NEXT
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState

GIB = 2**30


def shown(stage: Stage) -> dict[str, Any]:
    """What the cloud has, as far as a rollback must restore it; ids of NICs are not."""
    world = stage.world()
    return {
        "vms": {
            vm["id"]: (
                vm["state"],
                vm["offering"],
                sorted(vm["affinitygroups"]),
                [(nic["network"], nic["mac"], nic["address"]) for nic in vm["nics"]],
            )
            for vm in world["vms"]
        },
        "volumes": sorted((v["name"], v["size"], v["vm"]) for v in world["volumes"]),
        "networks": sorted(n["name"] for n in world["networks"]),
        "groups": sorted(g["name"] for g in world["affinitygroups"]),
    }


def info(instance: Instance) -> Any:
    assert instance.instantiated_vnf_info is not None
    return instance.instantiated_vnf_info


ROLLING: dict[str, Any] = {}
BESIDE: dict[str, Any] = {"batchSize": 2, "vduOrder": ["packet_filter"]}


@pytest.mark.parametrize("policy", [ROLLING, BESIDE], ids=["rolling", "side by side"])
def test_to_the_next_version(stage: Stage, pool: WorkerPool, policy: dict[str, Any]) -> None:
    instance = stand(stage, pool, FIREWALL)
    before = stage.world()
    ended = completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT, additionalParams=policy)
    now, former = stage.instance(instance.id), servers(instance)
    assert servers(now) == {
        "fw_manager-0": former["fw_manager-0"],
        "packet_filter-0": former["firewall-0"],
        "packet_filter-1": former["firewall-1"],
    }
    _check_cloud(stage, before, former)
    _check_record(instance, now)
    _check_occurrence(stage, ended, former)
    stages = {e.target: e.stage for e in ended.steps if e.name == "upgrade_vnfc"}
    assert (stages["packet_filter-0"] == stages["packet_filter-1"]) is bool(policy)
    _check_attributes(instance, now, ended)
    completed(stage, pool, instance.id, "HEAL", additionalParams={"action": "recreate"})
    end(stage, pool, instance.id)


def _check_cloud(stage: Stage, before: Any, former: dict[str, str]) -> None:
    """Addresses and data volumes are kept; NICs, disks, groups are those of the new version; all run."""
    world = stage.world()
    vms, old = ({vm["id"]: vm for vm in one["vms"]} for one in (world, before))
    assert set(states(stage).values()) == {"Running"}
    names = {n["id"]: n["name"] for n in world["networks"]}
    for key, server in former.items():
        nics = [(nic["id"], nic["mac"], nic["address"]) for nic in vms[server]["nics"]]
        kept = [(nic["id"], nic["mac"], nic["address"]) for nic in old[server]["nics"]]
        assert nics[: len(kept)] == kept
        more = [names[nic["network"]].startswith("t-sync-vl") for nic in vms[server]["nics"][len(kept) :]]
        assert more == ([] if key == "fw_manager-0" else [True])
        assert len(vms[server]["affinitygroups"]) == 1
    disks = {(v["vm"], v["type"], v["size"] // GIB) for v in world["volumes"]}
    filters = [former["firewall-0"], former["firewall-1"]]
    assert disks >= {(one, *disk) for one in filters for disk in (("ROOT", 10), ("DATADISK", 5))}
    assert (former["fw_manager-0"], "DATADISK", 20) in disks
    assert len(world["volumes"]) == len(before["volumes"]) + 2
    (logs,) = [v["id"] for v in before["volumes"] if v["type"] == "DATADISK"]
    assert logs in {v["id"] for v in world["volumes"]}
    assert len(world["affinitygroups"]) == 2


def _check_record(instance: Instance, now: Instance) -> None:
    """Ids of VNFCs, CPs and ports stay; all names and VNFD ids are those of the new version."""
    was, is_now = info(instance), info(now)
    assert [one["id"] for one in is_now["vnfcResourceInfo"]] == [one["id"] for one in was["vnfcResourceInfo"]]
    for old, new in zip(was["vnfcResourceInfo"], is_now["vnfcResourceInfo"], strict=True):
        kept = [cp["id"] for cp in old["vnfcCpInfo"]]
        assert [cp["id"] for cp in new["vnfcCpInfo"]][: len(kept)] == kept
    text = json.dumps(is_now)
    for gone in ("firewall", "internal_vl", "fw_logs", "manager_int", FIREWALL):
        assert f'"{gone}' not in text, gone
    links = is_now["vnfVirtualLinkResourceInfo"]
    (sync,) = [one for one in links if one["vnfVirtualLinkDescId"] == "sync_vl"]
    cps = {cp["id"]: cp for one in is_now["vnfcResourceInfo"] for cp in one["vnfcCpInfo"]}
    assert {cps[port["cpInstanceId"]]["cpdId"] for port in sync["vnfLinkPorts"]} == {"filter_sync"}
    assert len(sync["vnfLinkPorts"]) == 2
    storages = {one["id"]: one["virtualStorageDescId"] for one in is_now["virtualStorageResourceInfo"]}
    held = [
        sorted(storages[one] for one in vnfc.get("storageResourceIds") or [])
        for vnfc in is_now["vnfcResourceInfo"]
    ]
    assert sorted(held) == [["filter_state"], ["filter_state"], ["manager_logs"]]


def _check_occurrence(stage: Stage, ended: Operation, former: dict[str, str]) -> None:
    changes = ended.resource_changes
    assert {c["changeType"] for c in changes["affectedVnfcs"]} == {"MODIFIED"}
    assert {c["computeResource"]["resourceId"] for c in changes["affectedVnfcs"]} == set(former.values())
    assert len([c for c in changes["affectedVnfcs"] if c.get("addedStorageResourceIds")]) == 2
    assert Counter(c["changeType"] for c in changes["affectedVirtualStorages"]) == {"ADDED": 2}
    links = {(c["vnfVirtualLinkDescId"], c["changeType"]) for c in changes["affectedVirtualLinks"]}
    assert links == {("sync_vl", "ADDED"), ("sync_vl", "LINK_PORT_ADDED")}
    request = grant_request(stage, ended)
    asked = Counter((r["type"], r["resourceTemplateId"]) for r in request["addResources"])
    assert asked == {("STORAGE", "filter_state"): 2, ("VL", "sync_vl"): 1, ("LINKPORT", "filter_sync"): 2}
    assert {r["vnfdId"] for r in request["addResources"]} == {NEXT}


def _check_attributes(instance: Instance, now: Instance, ended: Operation) -> None:
    """What the VNFDs declare comes and goes, what the client has made up stays."""
    assert instance.extensions == {"default_action": "drop", "log_retention_days": 14}
    assert now.extensions == {"default_action": "drop", "state_sync": True}
    assert ended.package_modifications == {
        "vnfdId": NEXT,
        "vnfdVersion": "2.0",
        "vnfSoftwareVersion": "4.0",
        "extensions": {"log_retention_days": None, "state_sync": True},
    }


#: Commands that fail, the how manieth, and how often in a row: one for each kind of step that is undone.
FAILURES = [
    ("createNetwork", 1, 1),
    ("createAffinityGroup", 1, 1),
    ("attachVolume", 2, 1),
    ("addNicToVirtualMachine", 2, 1),
    ("updateVMAffinityGroup", 1, 2),
    ("restoreVirtualMachine", 2, 1),
]


@pytest.mark.parametrize(("command", "nth", "times"), FAILURES, ids=[one[0] for one in FAILURES])
@pytest.mark.parametrize("task", ["retry", "rollback"])
def test_a_failure_half_way(
    stage: Stage, pool: WorkerPool, command: str, nth: int, times: int, task: str
) -> None:
    instance = stand(stage, pool, FIREWALL)
    before = shown(stage)
    kind = "refuse" if command == "createNetwork" else "fail"  # the one that is no job
    fault = {"kind": kind, "command": command, "text": "no such luck", "nth": nth, "times": times}
    stage.door("faults", fault)
    failed = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT)
    assert stage.faults_fired() == times
    assert failed.state is OperationState.FAILED_TEMP
    failed = decide(stage, pool, failed, task)
    if task == "retry":
        assert failed.state is OperationState.COMPLETED, failed.error
        assert stage.instance(instance.id).vnfd_id == NEXT
    else:
        assert failed.state is OperationState.ROLLED_BACK, failed.error
        now = stage.instance(instance.id)
        assert shown(stage) == before
        assert now.resources == instance.resources
        assert now.extensions == instance.extensions
        assert (now.vnfd_id, now.vnf_software_version) == (FIREWALL, instance.vnf_software_version)
        assert info(now) == info(instance)
        assert failed.package_modifications == {}
        completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT)
    end(stage, pool, instance.id)
