"""T1 of the acceptance table: kill -9 the worker at every boundary of every step, three points each.

The points are not listed here: a first run writes down every point it passes, so a new step is covered on the
day it is written. Orphans and duplicates are counted by the emulator's own witness, never by our records.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue

import pytest

from tests.stage import FIREWALL, Stage, WorkerPool, mark_file, open_stage
from vnfm.domain.operation import Operation, OperationState
from vnfm.engine.faultpoints import RECORD

#: Side by side, each with its own emulators and database; two cores do not carry more.
LANES = 4
EXPECTED = {"vms": 3, "networks": 1, "volumes": 4, "affinitygroups": 1}
NOTHING = {kind: 0 for kind in EXPECTED}


@pytest.fixture(scope="module")
def lanes(mongo_uri: str) -> Iterator[list[tuple[Stage, WorkerPool]]]:
    """Stages for an ordinary user but the last, which is a root admin's (with customid)."""
    with ExitStack() as stack:
        result = []
        for number in range(LANES):
            pool = WorkerPool()
            stack.callback(pool.close)
            user = "admin" if number == LANES - 1 else "alice"
            result.append((stack.enter_context(open_stage(mongo_uri, user)), pool))
        yield result


def count(stage: Stage) -> dict[str, int]:
    return {kind: len(names) for kind, names in stage.ours(stage.world()).items()}


def run_under(
    stage: Stage, pool: WorkerPool, pattern: str, mark: Path, operation: Callable[[], str]
) -> Operation:
    """Carry an operation out with a worker that dies at ``pattern``, then with one that does not."""
    armed = dataclasses.replace(stage.settings, fault_point=pattern, fault_mark=str(mark))
    worker = pool.start(armed)
    operation_id = operation()
    assert worker.wait(20) == -9, f"the fault at {pattern} did not fire"
    with pool.running(stage.settings):
        return stage.settle(operation_id)


def points(stage: Stage, pool: WorkerPool, mark: Path, operation: Callable[[], str]) -> list[str]:
    """Every fault point an undisturbed run passes; ids of the VIM become ``*``."""
    with pool.running(dataclasses.replace(stage.settings, fault_point=RECORD + "*", fault_mark=str(mark))):
        ended = stage.settle(operation())
    assert ended.state is OperationState.COMPLETED, ended.error
    names = [
        re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", line) for line in mark.read_text().split()
    ]
    return list(dict.fromkeys(names))


def instantiate_dies_at(stage: Stage, pool: WorkerPool, point: str, directory: Path) -> None:
    instance = stage.create(FIREWALL)
    ended = run_under(stage, pool, point, mark_file(directory), lambda: stage.instantiate(instance.id))
    assert ended.state is OperationState.COMPLETED, ended.error
    assert count(stage) == EXPECTED, stage.ours(stage.world())
    with pool.running(stage.settings):
        gone = stage.settle(stage.terminate(instance.id))
    assert gone.state is OperationState.COMPLETED, gone.error
    assert count(stage) == NOTHING, stage.ours(stage.world())


def terminate_dies_at(stage: Stage, pool: WorkerPool, point: str, directory: Path) -> None:
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        made = stage.settle(stage.instantiate(instance.id))
    assert made.state is OperationState.COMPLETED, made.error
    mark = mark_file(directory)
    ended = run_under(stage, pool, point, mark, lambda: graceful(stage, instance.id))
    assert ended.state is OperationState.COMPLETED, ended.error
    assert count(stage) == NOTHING, stage.ours(stage.world())


def graceful(stage: Stage, instance_id: str) -> str:
    return stage.terminate(instance_id, terminationType="GRACEFUL", gracefulTerminationTimeout=5)


def test_t1_instantiate_and_terminate(
    lanes: list[tuple[Stage, WorkerPool]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage, pool = lanes[0]
    instance = stage.create(FIREWALL)
    begin = points(stage, pool, mark_file(tmp_path), lambda: stage.instantiate(instance.id))
    end = points(stage, pool, mark_file(tmp_path), lambda: graceful(stage, instance.id))
    cases = [(instantiate_dies_at, point) for point in begin] + [(terminate_dies_at, point) for point in end]
    kinds = Counter(point.rsplit("/", 1)[1] for _, point in cases)
    assert set(kinds) == {"before", "after-call", "after-journal"}

    free: Queue[tuple[Stage, WorkerPool]] = Queue()
    for lane in lanes:
        free.put(lane)

    broken: list[str] = []

    def play(case: tuple[Callable[..., None], str]) -> None:
        act, point = case
        if broken:  # one failure is enough to look at; what it leaves would spoil the rest
            return
        lane = free.get()
        try:
            act(*lane, point, tmp_path)
        except AssertionError as exc:
            broken.append(f"{act.__name__} {point}: {exc}")
        finally:
            free.put(lane)

    with ThreadPoolExecutor(LANES) as executor:
        list(executor.map(play, cases))
    with capsys.disabled():
        print(f"\n  T1: {len(cases)} points ({dict(kinds)}); {'a failure' if broken else 'all clean'}")
    assert not broken, "\n\n".join(broken)
