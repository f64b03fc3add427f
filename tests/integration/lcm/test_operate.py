"""OPERATE: all VNFCs stop and start again; failures are retried or taken back."""

from __future__ import annotations

import pytest

from tests.integration.lcm.play import completed, decide, end, grant_request, play, servers, stand, states
from tests.stage import FIREWALL, NFVO, Stage, WorkerPool
from vnfm.domain.operation import OperationState, StepState


def test_stop_and_start(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    ids = servers(instance)

    stopped = completed(
        stage, pool, instance.id, "OPERATE",
        changeStateTo="STOPPED", stopType="GRACEFUL", gracefulStopTimeout=10,
    )  # fmt: skip
    assert set(states(stage).values()) == {"Stopped"}
    assert stage.instance(instance.id).instantiated_vnf_info["vnfState"] == "STOPPED"
    affected = stopped.resource_changes["affectedVnfcs"]
    assert {item["computeResource"]["resourceId"] for item in affected} == set(ids.values())
    assert {item["changeType"] for item in affected} == {"MODIFIED"}
    assert set(stopped.resource_changes) == {"affectedVnfcs"}
    request = grant_request(stage, stopped)
    assert [item["type"] for item in request["updateResources"]] == ["COMPUTE"] * 3
    assert not {"addResources", "removeResources"} & set(request)
    order = {entry.target: entry.stage for entry in stopped.steps if entry.name == "halt_vnfc"}
    assert order["fw_manager-0"] < order["firewall-0"] == order["firewall-1"]

    again = completed(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED")
    assert again.resource_changes == {}

    started = completed(stage, pool, instance.id, "OPERATE", changeStateTo="STARTED")
    assert set(states(stage).values()) == {"Running"}
    order = {entry.target: entry.stage for entry in started.steps if entry.name == "start_vnfc"}
    assert order["fw_manager-0"] > order["firewall-0"]
    assert stage.instance(instance.id).instantiated_vnf_info["vnfState"] == "STARTED"
    assert servers(stage.instance(instance.id)) == ids
    end(stage, pool, instance.id)


def test_vnfcs_by_name(stage: Stage, pool: WorkerPool) -> None:
    """One VNFC is stopped by itself, HEAL leaves it so, and with the others the VNF is STOPPED."""
    instance = stand(stage, pool, FIREWALL)
    before = states(stage)
    infos = stage.instance(instance.id).instantiated_vnf_info["vnfcResourceInfo"]
    manager = next(item for item in infos if item["vduId"] == "fw_manager")
    others = [item["id"] for item in infos if item is not manager]

    stopped = completed(
        stage, pool, instance.id, "OPERATE",
        changeStateTo="STOPPED", additionalParams={"vnfcInstanceIds": [manager["id"]]},
    )  # fmt: skip
    assert [item["id"] for item in stopped.resource_changes["affectedVnfcs"]] == [manager["id"]]
    halted = manager["computeResource"]["resourceId"]
    assert sorted(states(stage).values()) == ["Running", "Running", "Stopped"]
    seen = stage.instance(instance.id)
    assert seen.instantiated_vnf_info["vnfState"] == "STARTED"
    assert seen.vnfc_states == {manager["id"]: "STOPPED"}
    assert [item["resource"]["resourceId"] for item in grant_request(stage, stopped)["updateResources"]] == [
        halted
    ]

    healed = completed(
        stage, pool, instance.id, "HEAL", additionalParams={"vnfcInstanceIds": [manager["id"]]}
    )
    assert healed.resource_changes == {}
    assert sorted(states(stage).values()) == ["Running", "Running", "Stopped"]

    stage.door("faults", {"kind": "fail", "command": "stopVirtualMachine", "nth": 2, "text": "no host"})
    failed = play(
        stage,
        pool,
        instance.id,
        "OPERATE",
        changeStateTo="STOPPED",
        additionalParams={"vnfcInstanceIds": others},
    )
    assert decide(stage, pool, failed, "rollback").state is OperationState.ROLLED_BACK
    assert stage.instance(instance.id).vnfc_states == {manager["id"]: "STOPPED"}

    completed(
        stage,
        pool,
        instance.id,
        "OPERATE",
        changeStateTo="STOPPED",
        additionalParams={"vnfcInstanceIds": others},
    )
    assert set(states(stage).values()) == {"Stopped"}
    seen = stage.instance(instance.id)
    assert (seen.instantiated_vnf_info["vnfState"], seen.vnfc_states) == ("STOPPED", {})

    properties = {manager["id"]: {"rate": 3}}
    completed(stage, pool, instance.id, "MODIFY_INFO", vnfcInfoModifications=properties)
    assert stage.instance(instance.id).vnfc_properties == properties

    stage.deps.instances.update(NFVO.tenant, instance.id, {"api": "vnflcm/v1"})
    started = completed(stage, pool, instance.id, "OPERATE", changeStateTo="STARTED")
    assert states(stage) == before
    links = grant_request(stage, started)["_links"]
    assert links["vnfInstance"]["href"].endswith(f"/vnflcm/v1/vnf_instances/{instance.id}")
    assert links["vnfLcmOpOcc"]["href"].endswith(f"/vnflcm/v1/vnf_lcm_op_occs/{started.id}")
    end(stage, pool, instance.id)


def test_a_guest_that_does_not_obey_is_stopped_by_force(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, FIREWALL)
    stage.door("faults", {"kind": "fail", "command": "stopVirtualMachine", "times": 1})
    ended = completed(
        stage, pool, instance.id, "OPERATE",
        changeStateTo="STOPPED", stopType="GRACEFUL", gracefulStopTimeout=600,
    )  # fmt: skip
    assert stage.faults_fired() == 1
    forced = [e.result["forced"] for e in ended.steps if e.name == "halt_vnfc"]
    assert sorted(forced) == [False, False, True]
    end(stage, pool, instance.id)


@pytest.mark.parametrize("task", ["retry", "rollback"])
@pytest.mark.parametrize("wanted", ["STOPPED", "STARTED"])
def test_a_failure_half_way(stage: Stage, pool: WorkerPool, task: str, wanted: str) -> None:
    instance = stand(stage, pool, FIREWALL)
    if wanted == "STARTED":
        completed(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED")
    before, record = states(stage), stage.instance(instance.id).instantiated_vnf_info
    command = {"STOPPED": "stopVirtualMachine", "STARTED": "startVirtualMachine"}[wanted]
    stage.door("faults", {"kind": "fail", "command": command, "nth": 2, "text": "no host"})
    failed = play(stage, pool, instance.id, "OPERATE", changeStateTo=wanted)
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error is not None
    assert failed.error["vimCommand"] == command
    assert "no host" in failed.error["detail"]
    ended = decide(stage, pool, failed, task)
    if task == "retry":
        assert ended.state is OperationState.COMPLETED
        assert set(states(stage).values()) == {"Stopped" if wanted == "STOPPED" else "Running"}
    else:
        assert ended.state is OperationState.ROLLED_BACK, ended.error
        assert all(entry.state is StepState.DONE for entry in ended.undo)
        assert states(stage) == before
        assert stage.instance(instance.id).instantiated_vnf_info == record
    end(stage, pool, instance.id)
