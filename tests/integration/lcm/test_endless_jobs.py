"""A job of the VIM that never ends, and a server that never arrives: FAILED_TEMP with the cause, not a wait
for ever. A retry looks again, and adopts what has come of it.
"""

from __future__ import annotations

import dataclasses

import pytest

from tests.integration.lcm.play import decide, end, stand, states
from tests.stage import FIREWALL, LOAD_BALANCER, NFVO, Stage, WorkerPool
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.services import snapshots, tasks

HELD = {"kind": "hold", "seconds": 600}


def impatient(stage: Stage, pool: WorkerPool, instance_id: str, kind: str, **body: object) -> Operation:
    """One operation by a worker that gives a job half a second."""
    with pool.running(dataclasses.replace(stage.settings, job_patience=0.5)):
        return stage.settle(stage.begin(instance_id, OperationType(kind), body))


def assert_given_up(ended: Operation, step: str, text: str) -> None:
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["step"].startswith(step)
    assert "has not ended within" in ended.error["detail"]
    assert text in ended.error["detail"]
    jobs = ended.step(ended.error["step"]).jobs
    assert ended.error["vimJob"] in jobs


def test_a_deployment_without_an_end_names_the_state_of_the_server_and_is_adopted_by_a_retry(
    stage: Stage, pool: WorkerPool
) -> None:
    stage.door("faults", {"command": "deployVirtualMachine", **HELD})
    instance = stage.create(LOAD_BALANCER)
    ended = impatient(stage, pool, instance.id, "INSTANTIATE", **stage.request(LOAD_BALANCER))
    assert stage.faults_fired() == 1
    assert_given_up(ended, "deploy_vnfc:", "is Starting")
    (made,) = states(stage)
    stage.door("release", {})
    again = decide(stage, pool, ended, "retry")
    assert again.state is OperationState.COMPLETED, again.error
    assert states(stage) == {made: "Running"}, "the server is adopted, no other is made"
    end(stage, pool, instance.id)


@pytest.mark.parametrize(
    ("command", "step"), [("createVolume", "add_volume:"), ("attachVolume", "add_volume:")]
)
def test_a_disk_without_an_end_is_rolled_back(
    stage: Stage, pool: WorkerPool, command: str, step: str
) -> None:
    stage.door("faults", {"command": command, **HELD})
    instance = stage.create(FIREWALL)
    ended = impatient(stage, pool, instance.id, "INSTANTIATE", **stage.request(FIREWALL))
    assert stage.faults_fired() == 1
    assert_given_up(ended, step, "the VIM's job")
    stage.door("release", {})
    back = decide(stage, pool, ended, "rollback")
    assert back.state is OperationState.ROLLED_BACK, back.error
    assert not any(stage.ours(stage.world()).values())


def test_a_stop_without_an_end(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, LOAD_BALANCER)
    stage.door("faults", {"command": "stopVirtualMachine", **HELD})
    ended = impatient(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED", stopType="FORCEFUL")
    assert stage.faults_fired() == 1
    assert_given_up(ended, "halt_vnfc:", "is Stopping")
    stage.door("release", {})
    again = decide(stage, pool, ended, "retry")
    assert again.state is OperationState.COMPLETED, again.error
    assert set(states(stage).values()) == {"Stopped"}
    end(stage, pool, instance.id)


def test_a_server_that_never_arrives(stage: Stage, pool: WorkerPool) -> None:
    """The job of another hand: there is none of ours to be polled, only a server that stays Stopping."""
    instance = stand(stage, pool, LOAD_BALANCER)
    (server,) = states(stage)
    stage.door("faults", {"command": "stopVirtualMachine", **HELD})
    ended = impatient(stage, pool, instance.id, "OPERATE", changeStateTo="STOPPED", stopType="FORCEFUL")
    with pool.running(dataclasses.replace(stage.settings, job_patience=0.5)):
        tasks.retry(stage.deps, NFVO, ended.id)
        again = stage.settle(ended.id)
    assert again.state is OperationState.FAILED_TEMP
    assert again.error is not None
    assert f"server {server} has been Stopping for" in again.error["detail"]
    stage.door("release", {})
    last = decide(stage, pool, again, "retry")
    assert last.state is OperationState.COMPLETED, last.error
    end(stage, pool, instance.id)


def test_a_disk_snapshot_that_stays_in_the_making_is_taken_anew(stage: Stage, pool: WorkerPool) -> None:
    """Its job is not known, for the answer was lost: what says that it is at it may never get any further."""
    instance = stand(stage, pool, LOAD_BALANCER)
    stage.door("faults", {"command": "createSnapshot", **HELD})
    stage.door("faults", {"command": "createSnapshot", "kind": "drop"})
    name = snapshots.create(stage.deps, NFVO, {}).id
    body = {"vnfSnapshotInfoId": name, "additionalParams": {"mode": "volumes"}}
    ended = impatient(stage, pool, instance.id, "CREATE_SNAPSHOT", **body)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert stage.faults_fired() == 2
    (taken,) = stage.world()["snapshots"]
    assert taken["state"] == "BackedUp"
    stage.door("release", {})
    end(stage, pool, instance.id)
