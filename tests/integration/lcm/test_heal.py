"""HEAL: each rung of the ladder, chosen or found out; VNFCs keep their identity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.lcm.play import (
    completed,
    decide,
    end,
    grant_request,
    play,
    servers,
    stand,
    states,
    vim,
)
from tests.stage import FIREWALL, NFVO, Stage, WorkerPool
from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState
from vnfm.errors import NotFound
from vnfm.services import tasks

MANAGER = "fw_manager-0"


def of(instance: Instance, *keys: str) -> list[str]:
    return [standing.vnfc(instance, key).id for key in keys]


def heal(stage: Stage, pool: WorkerPool, instance: Instance, action: str, *keys: str) -> Operation:
    params = {"action": action, "vnfcInstanceIds": of(instance, *keys)}
    return completed(stage, pool, instance.id, "HEAL", additionalParams=params)


def vm(stage: Stage, server: str) -> Any:
    return next(item for item in stage.world()["vms"] if item["id"] == server)


def nics(stage: Stage, server: str) -> list[tuple[Any, ...]]:
    return [(nic["network"], nic["address"], nic["mac"]) for nic in vm(stage, server)["nics"]]


def test_reboot_and_rebuild_keep_all_ids(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    before = stage.world()
    rebooted = heal(stage, pool, instance, "reboot", MANAGER)
    assert [c["changeType"] for c in rebooted.resource_changes["affectedVnfcs"]] == ["MODIFIED"]
    assert [r["resource"]["resourceId"] for r in grant_request(stage, rebooted)["updateResources"]] == [
        servers(instance)[MANAGER]
    ]
    rebuilt = heal(stage, pool, instance, "rebuild", MANAGER)
    assert rebuilt.rollback_refusal is not None
    after = stage.world()
    assert [v["nics"] for v in after["vms"]] == [v["nics"] for v in before["vms"]]
    assert {v["id"] for v in after["volumes"]} != {v["id"] for v in before["volumes"]}
    assert len(after["volumes"]) == len(before["volumes"])
    assert stage.instance(instance.id).instantiated_vnf_info == instance.instantiated_vnf_info
    end(stage, pool, instance.id)


def test_recreate_again_and_again_with_the_same_identity(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    seen = {servers(instance)[MANAGER]}
    disk = standing.vnfc(instance, MANAGER).volumes
    old = vm(stage, servers(instance)[MANAGER])
    legs = nics(stage, old["id"])
    for _ in range(3):
        ended = heal(stage, pool, instance, "recreate", MANAGER)
        now = stage.instance(instance.id)
        new = vm(stage, servers(now)[MANAGER])
        assert new["name"] == old["name"]
        assert nics(stage, new["id"]) == legs
        assert new["id"] not in seen
        assert standing.vnfc(now, MANAGER).volumes == disk
        assert of(now, MANAGER) == of(instance, MANAGER)
        (change,) = ended.resource_changes["affectedVnfcs"]
        assert (change["changeType"], change["computeResource"]["resourceId"]) == ("MODIFIED", new["id"])
        (port,) = ended.resource_changes["affectedExtLinkPorts"]
        assert port["changeType"] == "MODIFIED"
        request = grant_request(stage, ended)
        (added,), (removed,) = request["addResources"], request["removeResources"]
        assert added["id"] == change["resourceDefinitionId"]
        assert removed["resource"]["resourceId"] in seen
        assert "updateResources" not in request
        seen.add(new["id"])
        attached = [
            v["id"] for v in stage.world()["volumes"] if v["vm"] == new["id"] and v["type"] == "DATADISK"
        ]
        assert attached == list(disk.values())
    counts = {kind: len(found) for kind, found in stage.ours(stage.world()).items()}
    assert counts == {"vms": 3, "networks": 1, "volumes": 4, "affinitygroups": 1, "securitygroups": 0}
    end(stage, pool, instance.id)


def test_auto_takes_the_rung_that_each_vnfc_needs(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    ids = servers(instance)
    vim(stage, "stopVirtualMachine", id=ids["firewall-1"])
    vim(stage, "destroyVirtualMachine", id=ids[MANAGER], expunge="true")
    ended = completed(stage, pool, instance.id, "HEAL", cause="the dog barked")
    rungs = {e.target: e.result["action"] for e in ended.steps if e.name == "diagnose_vnfc"}
    assert rungs == {"firewall-0": "reboot", "firewall-1": "start", MANAGER: "recreate"}
    assert set(states(stage).values()) == {"Running"}
    now = servers(stage.instance(instance.id))
    assert {key for key in now if now[key] != ids[key]} == {MANAGER}
    end(stage, pool, instance.id)


@pytest.mark.parametrize("action", ["auto", "recreate"])
def test_a_stopped_vnf_stays_stopped(stage: Stage, pool: WorkerPool, action: str) -> None:
    instance = stand(stage, pool, FIREWALL)
    completed(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED")
    heal(stage, pool, instance, action, MANAGER)
    assert set(states(stage).values()) == {"Stopped"}
    end(stage, pool, instance.id)


def test_before_the_old_body_goes_a_rollback_puts_everything_back(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    before = stage.world()
    stage.door("faults", {"kind": "fail", "command": "detachVolume"})
    params = {"action": "recreate", "vnfcInstanceIds": of(instance, MANAGER)}
    failed = play(stage, pool, instance.id, "HEAL", additionalParams=params)
    assert failed.state is OperationState.FAILED_TEMP
    assert decide(stage, pool, failed, "rollback").state is OperationState.ROLLED_BACK
    after = stage.world()
    assert [v["vm"] for v in after["volumes"]] == [v["vm"] for v in before["volumes"]]
    assert stage.instance(instance.id).instantiated_vnf_info == instance.instantiated_vnf_info
    end(stage, pool, instance.id)


def test_afterwards_only_a_retry_or_giving_up_is_left(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    params: dict[str, Any] = {"action": "recreate", "vnfcInstanceIds": of(instance, MANAGER)}
    stage.door("faults", {"kind": "fail", "command": "deployVirtualMachine"})
    failed = play(stage, pool, instance.id, "HEAL", additionalParams=params)
    assert failed.state is OperationState.FAILED_TEMP
    with pytest.raises(NotFound, match="does not come back"):
        tasks.rollback(stage.deps, NFVO, failed.id)
    assert decide(stage, pool, failed, "retry").state is OperationState.COMPLETED
    assert set(states(stage).values()) == {"Running"}

    stage.door("faults", {"kind": "fail", "command": "deployVirtualMachine"})
    failed = play(stage, pool, instance.id, "HEAL", additionalParams=params)
    assert tasks.fail(stage.deps, NFVO, failed.id).state is OperationState.FAILED
    assert MANAGER in servers(stage.instance(instance.id))
    completed(
        stage, pool, instance.id, "HEAL", additionalParams={"vnfcInstanceIds": params["vnfcInstanceIds"]}
    )
    assert set(states(stage).values()) == {"Running"}
    end(stage, pool, instance.id)


def test_what_a_rung_cannot_do_is_refused_before_the_grant(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    vim(stage, "destroyVirtualMachine", id=servers(instance)[MANAGER], expunge="true")
    params = {"action": "rebuild", "vnfcInstanceIds": of(instance, MANAGER)}
    ended = play(stage, pool, instance.id, "HEAL", additionalParams=params)
    assert ended.state is OperationState.ROLLED_BACK
    assert ended.error is not None
    assert "recreate" in ended.error["detail"]
    assert ended.grant_id is None
    end(stage, pool, instance.id)
