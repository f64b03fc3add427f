"""CHANGE_FLAVOUR: the web tier becomes larger, and small again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.integration.lcm.play import completed, decide, end, grant_request, play, servers, stand, states
from tests.stage import WEB_TIER, Stage, WorkerPool
from vnfm.domain import standing
from vnfm.domain.operation import OperationState


def memories(stage: Stage) -> Counter[str]:
    return Counter(vm["offering"] for vm in stage.world()["vms"])


def larger(stage: Stage, pool: WorkerPool, instance_id: str, level: str = "medium") -> Any:
    return completed(
        stage, pool, instance_id, "CHANGE_FLAVOUR", newFlavourId="premium", instantiationLevelId=level
    )


def test_to_the_larger_flavour_and_back(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER)
    small = servers(instance)
    offerings = memories(stage)
    ended = larger(stage, pool, instance.id)
    now = stage.instance(instance.id)
    info = now.instantiated_vnf_info
    assert info is not None
    assert info["flavourId"] == "premium"
    assert standing.scale_levels(now) == {"web_aspect": 2, "worker_aspect": 1}
    assert standing.count(now) == {"web": 3, "worker": 2}
    assert small.items() <= servers(now).items()
    assert memories(stage) != offerings
    assert set(states(stage).values()) == {"Running"}
    kinds = Counter(item["changeType"] for item in ended.resource_changes["affectedVnfcs"])
    assert kinds == {"ADDED": 3, "MODIFIED": 1}
    request = grant_request(stage, ended)
    assert request["flavourId"] == "premium"
    assert [r["resource"]["resourceId"] for r in request["updateResources"]] == [small["web-0"]]
    assert len([r for r in request["addResources"] if r["type"] == "COMPUTE"]) == 3

    back = completed(stage, pool, instance.id, "CHANGE_FLAVOUR", newFlavourId="basic")
    now = stage.instance(instance.id)
    assert servers(now) == small
    assert memories(stage) == offerings
    assert now.instantiated_vnf_info == instance.instantiated_vnf_info
    kinds = Counter(item["changeType"] for item in back.resource_changes["affectedVnfcs"])
    assert kinds == {"REMOVED": 3, "MODIFIED": 1}
    end(stage, pool, instance.id)


@pytest.mark.parametrize("task", ["retry", "rollback"])
@pytest.mark.parametrize("command", ["scaleVirtualMachine", "deployVirtualMachine", "startVirtualMachine"])
def test_a_failure_half_way(stage: Stage, pool: WorkerPool, command: str, task: str) -> None:
    instance = stand(stage, pool, WEB_TIER)
    before = stage.world()
    stage.door("faults", {"kind": "fail", "command": command, "text": "no host"})
    failed = play(
        stage, pool, instance.id, "CHANGE_FLAVOUR", newFlavourId="premium", instantiationLevelId="medium"
    )
    if command == "scaleVirtualMachine" and failed.state is OperationState.COMPLETED:
        end(stage, pool, instance.id)  # refused live, done while stopped
        return
    assert failed.state is OperationState.FAILED_TEMP
    ended = decide(stage, pool, failed, task)
    if task == "retry":
        assert ended.state is OperationState.COMPLETED, ended.error
        assert standing.count(stage.instance(instance.id)) == {"web": 3, "worker": 2}
    else:
        assert ended.state is OperationState.ROLLED_BACK, ended.error
        assert [(vm["id"], vm["offering"], vm["state"]) for vm in stage.world()["vms"]] == [
            (vm["id"], vm["offering"], vm["state"]) for vm in before["vms"]
        ]
        assert stage.instance(instance.id).instantiated_vnf_info == instance.instantiated_vnf_info
    end(stage, pool, instance.id)
