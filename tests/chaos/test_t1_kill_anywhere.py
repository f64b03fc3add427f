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
from typing import Any

import pytest

from tests.stage import (
    FIREWALL,
    LOAD_BALANCER,
    LOAD_BALANCER_NEXT,
    NFVO,
    WEB_TIER,
    Stage,
    WorkerPool,
    mark_file,
    open_stage,
)
from vnfm.domain import standing
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.engine.faultpoints import RECORD
from vnfm.services import snapshots

#: Side by side, each with its own emulators and database; two cores do not carry more.
LANES = 4


@dataclasses.dataclass(frozen=True)
class World:
    """How much of ours there is, and in which states the servers are."""

    vms: int = 0
    networks: int = 0
    volumes: int = 0
    affinitygroups: int = 0
    states: tuple[str, ...] = ()


NOTHING = World()
FIREWALLS = World(3, 1, 4, 1, ("Running",) * 3)
TIER = World(2, 1, 2, 0, ("Running",) * 2)


@dataclasses.dataclass(frozen=True)
class Row:
    """One operation: on which sample it is played, how it begins, what the world must be like afterwards.

    ``standing`` says that the instance is instantiated first; ``kept`` that one instance serves all points of
    a lane. ``prepare`` are operations before the first point; ``restore`` those that lead back after each.
    """

    name: str
    vnfd: str
    begin: Callable[[Stage, str], str]
    expected: World
    standing: bool = True
    kept: bool = True
    prepare: tuple[Callable[[Stage, str], str], ...] = ()
    restore: tuple[Callable[[Stage, str], str], ...] = ()


def operation(kind: str, **body: Any) -> Callable[[Stage, str], str]:
    """Begins an operation with a body that fits every instance."""
    return lambda stage, instance_id: stage.begin(instance_id, OperationType(kind), body)


def heal_manager(action: str) -> Callable[[Stage, str], str]:
    """Begins a HEAL of the one VNFC that has a data disk."""

    def begin(stage: Stage, instance_id: str) -> str:
        vnfc = standing.vnfc(stage.instance(instance_id), "fw_manager-0")
        params = {"action": action, "vnfcInstanceIds": [vnfc.id]}
        return stage.begin(instance_id, OperationType.HEAL, {"additionalParams": params})

    return begin


def check_nics(stage: Stage, instance_id: str) -> None:
    """As many NICs as the record has connection points, and no server twice in one network."""
    info = stage.instance(instance_id).instantiated_vnf_info or {}
    rows = [[nic["network"] for nic in vm["nics"]] for vm in stage.world()["vms"]]
    assert sum(map(len, rows)) == sum(len(vnfc["vnfcCpInfo"]) for vnfc in info["vnfcResourceInfo"])
    assert all(len(row) == len(set(row)) for row in rows), rows


def plug(network: str) -> Callable[[Stage, str], str]:
    """Begins a CHANGE_EXT_CONN that moves the firewalls' default NICs."""

    def begin(stage: Stage, instance_id: str) -> str:
        check_nics(stage, instance_id)
        cps = [{"cpdId": "fw_outside", "cpConfig": {}}]
        link = {"id": f"vl-{network}", "resourceId": stage.networks[network], "extCps": cps}
        return stage.begin(instance_id, OperationType.CHANGE_EXT_CONN, {"extVirtualLinks": [link]})

    return begin


def take(stage: Stage, instance_id: str) -> str:
    """Begins a CREATE_SNAPSHOT into a new VnfSnapshotInfo."""
    name = snapshots.create(stage.deps, NFVO, {}).id
    return stage.begin(instance_id, OperationType.CREATE_SNAPSHOT, {"vnfSnapshotInfoId": name})


def end_with_one_snapshot(stage: Stage, instance_id: str) -> str:
    """Begins a TERMINATE after a look at what CREATE_SNAPSHOT has left in the VIM."""
    found = stage.world()["vmsnapshots"]
    assert len(found) == 1, found
    return END(stage, instance_id)


def go_back(stage: Stage, instance_id: str) -> str:
    """Begins a REVERT_TO_SNAPSHOT to the one snapshot of the instance."""
    found = snapshots.list_all(stage.deps, NFVO, 1000)
    name = next(info.id for info in found if info.vnf_instance_id == instance_id)
    return stage.begin(instance_id, OperationType.REVERT_TO_SNAPSHOT, {"vnfSnapshotInfoId": name})


def instantiate(stage: Stage, instance_id: str) -> str:
    return stage.instantiate(instance_id)


UPGRADE = operation("CHANGE_VNFPKG", vnfdId=LOAD_BALANCER_NEXT)
GROW = operation("CHANGE_FLAVOUR", newFlavourId="premium", instantiationLevelId="medium")
SHRINK = operation("CHANGE_FLAVOUR", newFlavourId="basic")
START = operation("OPERATE", changeStateTo="STARTED")
STOP = operation("OPERATE", changeStateTo="STOPPED", stopType="GRACEFUL", gracefulStopTimeout=5)
END = operation("TERMINATE", terminationType="FORCEFUL")
LEAVE = operation("TERMINATE", terminationType="GRACEFUL", gracefulTerminationTimeout=5)

OUT = operation("SCALE", type="SCALE_OUT", aspectId="web_aspect")
IN = operation("SCALE", type="SCALE_IN", aspectId="web_aspect")

ROWS = (
    Row("INSTANTIATE", FIREWALL, instantiate, FIREWALLS, standing=False, kept=False, restore=(END,)),
    Row("TERMINATE", FIREWALL, LEAVE, NOTHING, kept=False),
    Row("SCALE out", WEB_TIER, OUT, World(3, 1, 3, 0, ("Running",) * 3), restore=(IN,)),
    Row("SCALE in", WEB_TIER, IN, TIER, prepare=(OUT,), restore=(OUT,)),
    Row("OPERATE stop", WEB_TIER, STOP, World(2, 1, 2, 0, ("Stopped",) * 2), restore=(START,)),
    Row("OPERATE start", WEB_TIER, START, TIER, prepare=(STOP,), restore=(STOP,)),
    Row("CHANGE_FLAVOUR up", WEB_TIER, GROW, World(5, 1, 5, 0, ("Running",) * 5), restore=(SHRINK,)),
    Row("CHANGE_FLAVOUR down", WEB_TIER, SHRINK, TIER, prepare=(GROW,), restore=(GROW,)),
    Row("CHANGE_VNFPKG", LOAD_BALANCER, UPGRADE, World(1, 0, 1, 0, ("Running",)), kept=False, restore=(END,)),
    Row("HEAL reboot", FIREWALL, heal_manager("reboot"), FIREWALLS),
    Row("HEAL rebuild", FIREWALL, heal_manager("rebuild"), FIREWALLS),
    Row("HEAL recreate", FIREWALL, heal_manager("recreate"), FIREWALLS),
    Row("CHANGE_EXT_CONN", FIREWALL, plug("dmz"), FIREWALLS, restore=(plug("outside"),)),
    Row(
        "CREATE_SNAPSHOT",
        LOAD_BALANCER,
        take,
        World(1, 0, 1, 0, ("Running",)),
        kept=False,
        restore=(end_with_one_snapshot,),
    ),
    Row("REVERT_TO_SNAPSHOT", LOAD_BALANCER, go_back, World(1, 0, 1, 0, ("Running",)), prepare=(take,)),
)


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


def run_under(
    stage: Stage, pool: WorkerPool, pattern: str, mark: Path, begin: Callable[[], str]
) -> Operation:
    """Carry an operation out with a worker that dies at ``pattern``, then with one that does not."""
    armed = dataclasses.replace(stage.settings, fault_point=pattern, fault_mark=str(mark))
    worker = pool.start(armed)
    operation_id = begin()
    assert worker.wait(20) == -9, f"the fault at {pattern} did not fire"
    with pool.running(stage.settings):
        return stage.settle(operation_id)


def points(stage: Stage, pool: WorkerPool, mark: Path, begin: Callable[[], str]) -> list[str]:
    """Every fault point an undisturbed run passes; ids of the VIM become ``*``."""
    with pool.running(dataclasses.replace(stage.settings, fault_point=RECORD + "*", fault_mark=str(mark))):
        ended = stage.settle(begin())
    assert ended.state is OperationState.COMPLETED, ended.error
    names = [
        re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", line) for line in mark.read_text().split()
    ]
    return list(dict.fromkeys(names))


def world(stage: Stage) -> World:
    """What there is now, by the emulator's own witness."""
    found = stage.world()
    counts = {kind: len(names) for kind, names in stage.ours(found).items()}
    return World(**counts, states=tuple(sorted(vm["state"] for vm in found["vms"])))


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
