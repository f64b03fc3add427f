"""An API host whose clock is wrong: what it accepts and decides is due by the database's clock."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from tests.stage import LOAD_BALANCER, NFVO, Stage, WorkerPool
from vnfm.domain.operation import OperationState, OperationType
from vnfm.services import lcm, tasks


def test_a_clock_ahead_of_the_database(stage: Stage, pool: WorkerPool) -> None:
    ahead = dataclasses.replace(stage.deps, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    instance = stage.create(LOAD_BALANCER)
    fault = {"kind": "fail", "command": "deployVirtualMachine", "nth": 1, "code": 533, "text": "no room"}
    stage.door("faults", fault)
    with pool.running(stage.settings):
        body = stage.request(LOAD_BALANCER)
        operation = lcm.start(ahead, NFVO, instance.id, OperationType.INSTANTIATE, body, "test").id
        assert stage.settle(operation).state is OperationState.FAILED_TEMP
        tasks.retry(ahead, NFVO, operation)
        ended = stage.settle(operation)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert ended.start_time < ended.state_entered_time < datetime.now(UTC) + timedelta(minutes=1)
    assert stage.faults_fired() == 1
