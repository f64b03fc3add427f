"""T1 of the acceptance table: kill -9 the worker at every boundary of every step, three points each.

The points are not listed here: a first run writes down every point it passes, so a new step is covered on the
day it is written. Orphans and duplicates are counted by the emulator's own witness, never by our records.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.chaos.rows import END, NOTHING, ROWS, Row, instantiate, world
from tests.stage import Stage, WorkerPool, faulty, mark_file, open_stage, run_under
from vnfm.domain.operation import OperationState
from vnfm.engine.faultpoints import RECORD

#: Side by side, each with its own emulators and database; two cores do not carry more.
LANES = 4


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


def points(stage: Stage, pool: WorkerPool, mark: Path, begin: Callable[[], str]) -> list[str]:
    """Every fault point an undisturbed run passes; ids of the VIM become ``*``."""
    with pool.running(faulty(stage, RECORD + "*", mark)):
        ended = stage.settle(begin())
    assert ended.state is OperationState.COMPLETED, ended.error
    names = [
        re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", line) for line in mark.read_text().split()
    ]
    return list(dict.fromkeys(names))


class Lane:
    """A stage with its workers, and the instance that a row keeps there."""

    def __init__(self, row: Row, stage: Stage, pool: WorkerPool) -> None:
        self.row, self.stage, self.pool = row, stage, pool
        self._kept: str | None = None
        stage.door("reset", {})  # a row that failed leaves things behind

    def play(self, begin: Callable[[Stage, str], str], instance_id: str) -> None:
        """An undisturbed operation."""
        with self.pool.running(self.stage.settings):
            ended = self.stage.settle(begin(self.stage, instance_id))
        assert ended.state is OperationState.COMPLETED, ended.error

    def instance(self) -> str:
        """An instance at which the row's operation may begin."""
        if self._kept is not None:
            return self._kept
        found = self.stage.create(self.row.vnfd).id
        if self.row.standing:
            self.play(instantiate, found)
            for begin in self.row.prepare:
                self.play(begin, found)
        self._kept = found if self.row.kept else None
        return found

    def restore(self, instance_id: str) -> None:
        for begin in self.row.restore:
            self.play(begin, instance_id)

    def die_at(self, point: str, directory: Path) -> None:
        """One death, and what must have come of it."""
        instance_id = self.instance()
        ended = run_under(
            self.stage,
            self.pool,
            point,
            mark_file(directory),
            lambda: self.row.begin(self.stage, instance_id),
        )
        assert ended.state is OperationState.COMPLETED, ended.error
        assert world(self.stage) == self.row.expected, self.stage.ours(self.stage.world())
        self.restore(instance_id)

    def close(self) -> None:
        """Nothing is left for the next row."""
        if self._kept is not None:
            self.play(END, self._kept)
        assert world(self.stage) == NOTHING, self.stage.ours(self.stage.world())


def cases() -> Iterator[Any]:
    """The first two rows in every run; the others, some minutes, with ``make chaos``."""
    for number, row in enumerate(ROWS):
        yield pytest.param(row, id=row.name, marks=[pytest.mark.long] if number > 1 else [])


@pytest.mark.parametrize("row", list(cases()))
def test_t1(
    row: Row,
    lanes: list[tuple[Stage, WorkerPool]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = [Lane(row, *lane) for lane in lanes]
    first = mine[0].instance()
    found = points(*lanes[0], mark_file(tmp_path), lambda: row.begin(lanes[0][0], first))
    assert world(lanes[0][0]) == row.expected
    mine[0].restore(first)
    kinds = Counter(point.rsplit("/", 1)[1] for point in found)
    assert set(kinds) == {"before", "after-call", "after-journal"}

    free: Queue[Lane] = Queue()
    for lane in mine:
        free.put(lane)
    broken: list[str] = []

    def play(point: str) -> None:
        if broken:  # one failure is enough to look at; what it leaves would spoil the rest
            return
        lane = free.get()
        try:
            lane.die_at(point, tmp_path)
        except AssertionError as exc:
            broken.append(f"{row.name} {point}: {exc}")
        finally:
            free.put(lane)

    with ThreadPoolExecutor(LANES) as executor:
        list(executor.map(play, found))
    with capsys.disabled():
        print(f"\n  T1 {row.name}: {len(found)} points ({dict(kinds)}); {'a failure' if broken else 'clean'}")
    assert not broken, "\n\n".join(broken)
    for lane in mine:
        lane.close()
