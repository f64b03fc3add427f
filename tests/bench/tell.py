"""How long subscribers wait to be told: from a change of state to its arrival, by the receivers' clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from tests.bench.processes import running_relay
from tests.fakes.subscriber import Received, receiving
from tests.integration.notify.scene import LIFE, Scene
from vnfm.settings import Settings
from vnfm.store.client import connect

SUBSCRIPTIONS = 20
#: State changes a second; each is told to all, so that two hundred notifications leave each second.
RATE = 10.0
NOTIFICATIONS = 10_000
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Lags:
    """Seconds from a change of state to its arrival, in rising order."""

    seconds: list[float]

    def at(self, share: float) -> float:
        """The lag that ``share`` of all do not exceed."""
        return self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))]


def measure(mongo_uri: str, logs: Path, *, bad: bool, notifications: int = NOTIFICATIONS) -> Lags:
    """Lags of ``notifications`` to well-behaved subscribers; with ``bad``, one more never answers in time."""
    with _scene(mongo_uri) as scene:
        names = [f"good{number}" for number in range(SUBSCRIPTIONS)]
        for name in names:
            scene.subscribe(name)
        if bad:
            scene.subscribers.manners["bad"] = lambda method, body: (204, 30.0)
            scene.subscribe("bad")
        with running_relay(scene.settings, logs):
            log = scene.subscribers.log
            _live(scene, len(LIFE))  # until the relay has started, and knows who answers
            scene.subscribers.wait(lambda: _told(log) >= len(LIFE) * SUBSCRIPTIONS, PATIENCE)
            log.clear()
            _live(scene, notifications // SUBSCRIPTIONS)
            scene.subscribers.wait(lambda: _told(log) >= notifications, PATIENCE)
        return Lags(sorted(one.at - _time(one.body) for one in log if one.who != "bad"))


def _told(log: list[Received]) -> int:
    return sum(one.who != "bad" for one in log)


def _time(body: dict[str, str]) -> float:
    return datetime.fromisoformat(body["timeStamp"]).timestamp()


def _live(scene: Scene, changes: int) -> None:
    """So many changes of state, evenly in time."""
    begun = time.monotonic()
    for number in range(changes):
        time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        state = LIFE[number % len(LIFE)]
        if state == LIFE[0]:
            operation = scene.begin()
        else:
            scene.move(operation, state)


@contextmanager
def _scene(mongo_uri: str) -> Iterator[Scene]:
    """With the settings an operator gets who sets none."""
    usual = Settings()
    names = ("callback_timeout", "callback_schedule", "relay_pause", "lease")
    db = connect(mongo_uri, f"tell_{uuid4().hex[:8]}")
    with receiving() as subscribers:
        yield Scene(db, mongo_uri, subscribers, **{name: getattr(usual, name) for name in names})
    db.client.drop_database(db.name)
    db.client.close()
