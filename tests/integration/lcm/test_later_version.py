"""CHANGE_VNFPKG that takes things away under VNFCs that stay, and what CloudStack or the VNFD forbids."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.fakes.editions import onboard
from tests.integration.lcm.play import completed, decide, end, play, servers, states, vim
from tests.integration.lcm.test_next_version import GIB, info, shown
from tests.stage import FIREWALL, NFVO, Stage, WorkerPool
from tests.stage import FIREWALL_NEXT as NEXT
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationState, OperationType
from vnfm.errors import BadRequest
from vnfm.services import tasks

#: No sync link any more, no state disk, no rule that keeps the filters apart; the inside comes first.
LEFT_OUT = ("filter_sync", "sync_vl", "filter_state", "apart")
SWAPPED = {
    "      requirements:\n        - virtual_storage: filter_state\n": "",
    "        description: Towards the provider\n        layer_protocols: [ ipv4 ]\n        order: 0": (
        "        description: Towards the provider\n        layer_protocols: [ ipv4 ]\n        order: 1"
    ),
    "        description: Towards the site\n        layer_protocols: [ ipv4 ]\n        order: 1": (
        "        description: Towards the site\n        layer_protocols: [ ipv4 ]\n        order: 0"
    ),
}
DEEPER = {"size_of_storage: 10 GiB": "size_of_storage: 12 GiB"}


def stand(stage: Stage, pool: WorkerPool, vnfd_id: str = NEXT) -> Instance:
    """A version of the firewall, instantiated: flavour and external CPs are those of the first."""
    instance = stage.create(vnfd_id)
    with pool.running(stage.settings):
        request = stage.request(FIREWALL)
        made = stage.settle(stage.begin(instance.id, OperationType.INSTANTIATE, request))
    assert made.state is OperationState.COMPLETED, made.error
    return stage.instance(instance.id)


def filters(instance: Instance) -> list[str]:
    return [server for key, server in servers(instance).items() if key.startswith("packet_filter")]


def check_nics(stage: Stage, instance: Instance) -> None:
    """The record has the NICs that are there, in their order, with their addresses."""
    found = {vm["id"]: sorted(vm["nics"], key=lambda nic: nic["device"]) for vm in stage.world()["vms"]}
    record = info(instance)
    ports = {}
    links = [*record["extVirtualLinkInfo"], *record["vnfVirtualLinkResourceInfo"]]
    for port in [p for link in links for p in link.get("extLinkPorts") or link.get("vnfLinkPorts") or []]:
        ports[port["cpInstanceId"]] = port["resourceHandle"]["resourceId"]
    for vnfc in record["vnfcResourceInfo"]:
        nics = found[vnfc["computeResource"]["resourceId"]]
        cps = vnfc["vnfcCpInfo"]
        assert [ports.get(cp["id"]) or ports[cp["vnfExtCpId"]] for cp in cps] == [nic["id"] for nic in nics]
        for cp, nic in zip(cps, nics, strict=True):
            assert nic["mac"] in json.dumps(cp["cpProtocolInfo"])


def test_things_go(stage: Stage, pool: WorkerPool) -> None:
    later = onboard(stage, {**SWAPPED, **DEEPER}, leave_out=LEFT_OUT)
    instance = stand(stage, pool)
    check_nics(stage, instance)
    ended = completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=later)
    now, world = stage.instance(instance.id), stage.world()
    assert servers(now) == servers(instance)
    assert set(states(stage).values()) == {"Running"}
    check_nics(stage, now)
    cpds = [[cp["cpdId"] for cp in vnfc["vnfcCpInfo"]] for vnfc in info(now)["vnfcResourceInfo"]]
    assert sorted(cpds) == [["fw_inside", "fw_outside", "filter_ctl"]] * 2 + [["fw_mgmt", "manager_ctl"]]
    disks = {(v["vm"], v["type"], v["size"] // GIB) for v in world["volumes"]}
    assert {disk for disk in disks if disk[0] in filters(now)} == {
        (server, "ROOT", 12) for server in filters(now)
    }
    assert len(world["affinitygroups"]) == 1
    assert not any(network["name"].startswith("t-sync-vl") for network in world["networks"])
    assert "filter_state" not in json.dumps(info(now))
    assert "sync_vl" not in json.dumps(info(now))
    changes = ended.resource_changes
    assert Counter(c["changeType"] for c in changes["affectedVirtualStorages"]) == {"REMOVED": 2}
    assert [len(c.get("removedStorageResourceIds", [])) for c in changes["affectedVnfcs"]] == [1, 1]
    links = Counter((c["vnfVirtualLinkDescId"], c["changeType"]) for c in changes["affectedVirtualLinks"])
    assert links == {("sync_vl", "LINK_PORT_REMOVED"): 1, ("sync_vl", "REMOVED"): 1}
    end(stage, pool, instance.id)


def test_a_rollback_plugs_in_what_was_taken_out(stage: Stage, pool: WorkerPool) -> None:
    later = onboard(stage, SWAPPED, leave_out=LEFT_OUT)
    instance = stand(stage, pool)
    before = shown(stage)
    fault = {"kind": "fail", "command": "removeNicFromVirtualMachine", "text": "no such luck", "nth": 2}
    stage.door("faults", fault)
    failed = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=later)
    assert failed.state is OperationState.FAILED_TEMP
    ended = decide(stage, pool, failed, "rollback")
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert shown(stage) == before
    now = stage.instance(instance.id)
    check_nics(stage, now)
    assert servers(now) == servers(instance)
    assert now.vnfd_id == NEXT
    completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=later)
    end(stage, pool, instance.id)


def test_given_up_half_way_it_goes_by_its_former_names(stage: Stage, pool: WorkerPool) -> None:
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        stage.settle(stage.instantiate(instance.id))
    instance = stage.instance(instance.id)
    fault = {"kind": "fail", "command": "restoreVirtualMachine", "text": "no such luck", "nth": 2}
    stage.door("faults", fault)
    failed = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT)
    assert failed.state is OperationState.FAILED_TEMP
    tasks.fail(stage.deps, NFVO, failed.id)
    now = stage.instance(instance.id)
    assert now.vnfd_id == FIREWALL
    assert servers(now) == servers(instance)
    assert {one["vduId"] for one in info(now)["vnfcResourceInfo"]} == {"firewall", "fw_manager"}
    assert now.extensions == instance.extensions
    check_nics(stage, now)
    end(stage, pool, instance.id)


def test_snapshots_stop_it_before_anything_is_touched(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool)
    later = onboard(stage, SWAPPED, leave_out=LEFT_OUT)
    vim(stage, "createVMSnapshot", virtualmachineid=filters(instance)[0], name="somebody's")
    before = shown(stage)
    ended = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=later)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert "packet_filter" in ended.error["detail"]
    assert "somebody's" in ended.error["detail"]
    assert shown(stage) == before
    ended = decide(stage, pool, ended, "rollback")
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert shown(stage) == before
    assert info(stage.instance(instance.id)) == info(instance)
    end(stage, pool, instance.id)


SECOND_IN_NETWORK = {"virtual_link: sync_vl": "virtual_link: control_vl"}
LEFT_OPEN = {"        - virtual_link: sync_vl\n": ""}
SMALLER = {"size_of_storage: 10 GiB": "size_of_storage: 9 GiB"}
REFUSED: list[tuple[dict[str, str], str]] = [
    (SECOND_IN_NETWORK, "CP 'filter_sync' of VDU 'packet_filter' would be beside another NIC"),
    (LEFT_OPEN, "external CP 'filter_sync' of VDU 'packet_filter' is left unconnected"),
    (SMALLER, "root disk of VDU 'packet_filter' would shrink"),
]


@pytest.mark.parametrize(("replaced", "named"), REFUSED, ids=["same network", "left open", "shrink"])
def test_what_cannot_be_is_refused_by_name(
    one_stage: Stage, pool: WorkerPool, replaced: dict[str, str], named: str, standing_one: Instance
) -> None:
    later = onboard(one_stage, replaced)
    with pytest.raises(BadRequest, match=named):
        one_stage.begin(standing_one.id, OperationType.CHANGE_VNFPKG, {"vnfdId": later})


@pytest.fixture(scope="module")
def standing_one(one_stage: Stage, pool: WorkerPool) -> Any:
    return stand(one_stage, pool)
