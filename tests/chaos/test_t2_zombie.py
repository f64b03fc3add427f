"""T2 of the acceptance table: a worker is stopped in the middle of a slice for three leases, another takes
over, then the first goes on as if nothing had been. Its writes must be refused and its calls must do no harm.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.stage import FIREWALL, Stage, Worker, WorkerPool, open_stage
from vnfm.domain.operation import RUNNABLE, OperationState

RUNS = 5
LEASE = 0.5
EXPECTED = {"vms": 3, "networks": 1, "volumes": 4, "affinitygroups": 1, "securitygroups": 0}


@pytest.fixture(scope="module", params=["alice", "admin"])
def stage(request: pytest.FixtureRequest, mongo_uri: str) -> Iterator[Stage]:
    """CloudStack answers slowly here, so that a worker can be met while it holds an operation."""
    with open_stage(mongo_uri, request.param, lease=LEASE, log_level="WARNING") as found:
        found.door("settings", {"sandbox.reply.seconds": "0.05"})
        yield found


def count(stage: Stage) -> dict[str, int]:
    return {kind: len(names) for kind, names in stage.ours(stage.world()).items()}


def stop_in_the_middle(stage: Stage, worker: Worker, operation_id: str, random: Random) -> None:
    """SIGSTOP while it holds the operation, at an instant that chance chooses."""
    time.sleep(random.uniform(0.05, 0.6))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        os.kill(worker.pid, signal.SIGSTOP)
        found = stage.operation(operation_id)
        assert found.state in RUNNABLE, "it ended before it could be stopped"
        if found.owner is not None:
            return
        os.kill(worker.pid, signal.SIGCONT)
        time.sleep(random.uniform(0.001, 0.03))
    raise AssertionError("the worker never held the operation")


@pytest.mark.long
def test_t2_a_zombie_does_no_harm(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("ZOMBIE_SEED") or int.from_bytes(os.urandom(3)))
    random, log = Random(seed), tmp_path / "workers.log"
    with ExitStack() as stack:
        pool = WorkerPool(stderr=stack.enter_context(log.open("w")))
        stack.callback(pool.close)
        for run in range(RUNS):
            play(stage, pool, random, f"seed {seed}, run {run}")
    lost = log.read_text().count("lease lost")
    with capsys.disabled():
        print(f"\n  T2 ({stage.user}): {RUNS} zombies, {lost} writes refused; again: ZOMBIE_SEED={seed}")
    assert lost >= RUNS


def play(stage: Stage, pool: WorkerPool, random: Random, told: str) -> None:
    instance = stage.create(FIREWALL)
    zombie = pool.start(stage.settings)
    operation_id = stage.instantiate(instance.id)
    stop_in_the_middle(stage, zombie, operation_id, random)
    stopped, fence = time.monotonic(), stage.operation(operation_id).fence
    with pool.running(dataclasses.replace(stage.settings)):
        time.sleep(3 * LEASE)
        os.kill(zombie.pid, signal.SIGCONT)
        assert stage.operation(operation_id).fence > fence, f"{told}: nobody took over"
        ended = stage.settle(operation_id)
        assert ended.state is OperationState.COMPLETED, f"{told}: {ended.error}"
        time.sleep(max(0.0, stopped + 3 * LEASE + 0.5 - time.monotonic()))
        assert count(stage) == EXPECTED, f"{told}: {stage.ours(stage.world())}"
        gone = stage.settle(stage.terminate(instance.id))
        assert gone.state is OperationState.COMPLETED, f"{told}: {gone.error}"
    zombie.stop()
    assert not any(count(stage).values()), f"{told}: {stage.ours(stage.world())}"
