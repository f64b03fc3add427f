"""A rollback that fails half-way, and then a retry: what is still there is adopted, not made once more."""

from __future__ import annotations

import pytest

from tests.chaos.clockwork import Clockwork
from tests.stage import FIREWALL, NFVO
from vnfm.domain.operation import Operation, OperationState
from vnfm.services import tasks


def spoil(clockwork: Clockwork, command: str) -> None:
    """The next such call is refused."""
    clockwork.stage.door("faults", {"kind": "refuse", "command": command})


def halted(clockwork: Clockwork, operation_id: str) -> Operation:
    found = clockwork.settle(operation_id)
    assert found.state is OperationState.FAILED_TEMP, found.error
    return found


@pytest.mark.parametrize(
    ("fails", "stays"), [("attachVolume", "deleteVolume"), ("attachVolume", "destroyVirtualMachine")]
)
def test_a_retry_adopts_what_stayed(clockwork: Clockwork, fails: str, stays: str) -> None:
    stage = clockwork.stage
    instance = stage.create(FIREWALL)
    spoil(clockwork, fails)
    failed = halted(clockwork, stage.instantiate(instance.id))
    tasks.rollback(stage.deps, NFVO, failed.id)
    spoil(clockwork, stays)
    halted(clockwork, failed.id)
    tasks.retry(stage.deps, NFVO, failed.id)
    ended = clockwork.settle(failed.id)
    assert ended.state is OperationState.COMPLETED, ended.error
    made = {kind: len(names) for kind, names in stage.ours(stage.world()).items()}
    assert made == {"vms": 3, "networks": 1, "volumes": 4, "affinitygroups": 1, "securitygroups": 0}
    assert stage.faults_fired() == 2
    assert clockwork.settle(stage.terminate(instance.id)).state is OperationState.COMPLETED
    assert not any(stage.ours(stage.world()).values())
