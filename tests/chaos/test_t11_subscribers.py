"""T11: subscribers of every bad manner, and a relay that dies at every point.

Nothing is lost, the order is kept per subscription and operation, a kill repeats at most one notification of
each.

The witness is the receivers' own log.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificate import Authority
from tests.fakes.subscriber import Received, Subscribers, receiving
from tests.integration.notify.scene import LIFE, TENANT, Scene
from tests.stage import WorkerPool, mark_file
from vnfm.domain.operation import Operation
from vnfm.store.client import Db

POINTS = (
    "fanout/before-queue",
    "fanout/after-queue",
    "fanout/after-told",
    "deliver/*/before-send",
    "deliver/*/after-send",
    "deliver/*/after-settle",
)
#: Seconds of the outage and between two tries; the relay's limit is a tenth of the slow one's answer.
SETTINGS: dict[str, Any] = {
    "callback_timeout": 0.3,
    "callback_schedule": (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 1.6, 1.6),
    "relay_threads": 16,
    "relay_rest": 0.05,
}
NEVER = ("slow", "lost", "wrong")


class Troupe:
    """Subscribers by their manners: ``good`` ones, and one each of all others."""

    def __init__(self, scene: Scene, wrong: Subscribers, good: int, seed: int) -> None:
        self.scene = scene
        self.chance = random.Random(seed)
        self.refusals = 0
        self.is_out = False
        manners = {"flaky": self._flaky, "outage": self._outage, "slow": _slow, "lost": _lost}
        scene.subscribers.manners.update(manners)
        self.good = [f"good{number}" for number in range(good)]
        for name in (*self.good, *manners):
            scene.subscribe(name)
        scene.subscribe("wrong", callback_uri=f"{wrong.url}/n/wrong")
        self.names = [*self.good, *manners, "wrong"]

    def _flaky(self, method: str, body: Any) -> tuple[int, float]:
        refused = self.chance.random() < 0.5
        self.refusals += refused
        return (500 if refused else 204), 0.0

    def _outage(self, method: str, body: Any) -> tuple[int, float]:
        return (503 if self.is_out else 204), 0.0

    def told(self) -> int:
        return sum(len(self.scene.subscribers.taken(name)) for name in self.good)

    def is_over(self) -> bool:
        """What is wrong for good is tried for long; the others have been told everything."""
        others = [name for name in self.names if name not in NEVER]
        return not self.scene.untold() and not any(self.scene.waiting(name) for name in others)


def _slow(method: str, body: Any) -> tuple[int, float]:
    return 204, 3.0


def _lost(method: str, body: Any) -> tuple[int, float]:
    return 404, 0.0


def judge(troupe: Troupe, operations: list[Operation], kills: int) -> Counter[str]:
    """Assert what is promised; what was counted."""
    counted: Counter[str] = Counter()
    for name in troupe.names:
        parked = troupe.scene.notifications.parked(TENANT, [f"s-{name}"])
        given_up = {(one.event.stream, one.event.facts["state"]) for one in parked}
        assert len(given_up) == len(parked), f"{name}: something was given up twice"
        waiting = troupe.scene.waiting(name)
        assert not given_up & waiting, f"{name}: something is parked and waits"
        taken = [] if name == "slow" else troupe.scene.subscribers.taken(name)
        by_operation: dict[str, list[Any]] = {}
        for body in taken:
            by_operation.setdefault(body["vnfLcmOpOccId"], []).append(body)
        for operation in operations:
            bodies = by_operation.get(operation.id, [])
            firsts = list(dict.fromkeys(body["operationState"] for body in bodies))
            repeated = len(bodies) - len(firsts)
            assert repeated == len(bodies) - len({body["id"] for body in bodies}), "a repetition has its id"
            assert repeated <= kills, f"{name} {operation.id}: {repeated} repetitions after {kills} kills"
            assert firsts == [state for state in LIFE if state in firsts], f"{name} {operation.id}: {firsts}"
            missing = set(LIFE) - set(firsts)
            lost = {state for state in missing if (operation.id, state) not in given_up | waiting}
            assert not lost, f"{name} {operation.id}: {lost} neither told nor kept"
            if name in troupe.good or name == "outage":
                assert not missing, f"{name} {operation.id}: {missing} was given up"
            counted.update(told=len(firsts), repeated=repeated)
        counted.update(parked=len(parked), waiting=len(waiting))
    return counted


@contextmanager
def troupe_of(scene: Scene, folder: Path, good: int, seed: int) -> Iterator[Troupe]:
    certificate, key = Authority(folder).issue("receiver")
    with receiving(ssl_certfile=certificate, ssl_keyfile=key) as wrong:
        yield Troupe(scene, wrong, good, seed)
        assert wrong.log == [], "a certificate was believed"


def play(
    scene: Scene, pool: WorkerPool, folder: Path, *, good: int, lives: int, rounds: int, seed: int
) -> Counter[str]:
    """Operations live while relays are killed at every point, ``rounds`` times each."""
    with troupe_of(scene, folder, good, seed) as troupe:
        operations: list[Operation] = []
        producing = threading.Thread(target=lambda: operations.extend(scene.live() for _ in range(lives)))
        producing.start()
        kills = 0
        for _ in range(rounds):
            for point in POINTS:
                mark = mark_file(folder)
                armed = replace(scene.settings, fault_point=point, fault_mark=str(mark))
                more = scene.begin()  # something to die of, whatever is still on its way
                for state in LIFE[1:]:
                    scene.move(more, state)
                operations.append(more)
                relay = pool.start(armed, "relay")
                assert relay.wait(30) == -9, f"the relay was not killed at {point}"
                assert mark.read_text(), point
                kills += 1
        producing.join()
        troupe.is_out = True
        operations.append(scene.live())
        with pool.running(scene.settings, "relay"):
            scene.subscribers.wait(lambda: ("outage", 503) in scene.subscribers.answers(), 60)
            troupe.is_out = False
            scene.subscribers.wait(troupe.is_over, 60 + lives)
        counted = judge(troupe, operations, kills)
        assert troupe.refusals > 0
        for name in NEVER:
            backlog = scene.notifications.backlogs(TENANT, [f"s-{name}"])[f"s-{name}"]
            assert backlog.problem or backlog.parked, f"{name} was not even tried"
        print(f"seed {seed}: {kills} kills, {dict(counted)}, {troupe.refusals} times refused")
        return counted


@pytest.fixture
def scene(db: Db, mongo_uri: str) -> Iterator[Scene]:
    with receiving() as subscribers:
        yield Scene(db, mongo_uri, subscribers, **SETTINGS)


def test_nothing_is_lost(scene: Scene, pool: WorkerPool, tmp_path: Path) -> None:
    play(scene, pool, tmp_path, good=3, lives=4, rounds=1, seed=11)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_at_length(scene: Scene, pool: WorkerPool, tmp_path: Path, seed: int) -> None:
    counted = play(scene, pool, tmp_path, good=15, lives=150, rounds=4, seed=seed)
    assert counted["told"] + counted["parked"] + counted["waiting"] >= 10_000


@pytest.mark.parametrize(
    ("states", "complaint"),
    [
        (["STARTING", "COMPLETED"], "neither told nor kept"),
        (["PROCESSING", "STARTING", "COMPLETED"], "PROCESSING"),
        (["STARTING", "STARTING", "PROCESSING", "COMPLETED"], "1 repetitions after 0 kills"),
    ],
)
def test_the_judge_is_not_blind(scene: Scene, tmp_path: Path, states: list[str], complaint: str) -> None:
    with troupe_of(scene, tmp_path, 1, 0) as troupe:
        operation = scene.live()
        for state in states:
            body = {"id": state, "vnfLcmOpOccId": operation.id, "operationState": state}
            scene.subscribers.log.append(Received("good0", "POST", {}, body, 0.0, 204))
        with pytest.raises(AssertionError, match=complaint):
            judge(troupe, [operation], 0)
