"""A worker without a process: its slices run on the caller's thread, when the caller says so, and time passes
when they wait, and stands still while they work. So what happened can be made to happen again, and be made
shorter.

The engine, the steps and the adapters are those of ``vnfm worker``; only the clock is ours. The emulated
cloud's jobs end when time passes and not before.
"""

from __future__ import annotations

import dataclasses
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stage import Stage, journal
from vnfm import bootstrap
from vnfm.domain.operation import RUNNABLE, Operation
from vnfm.engine.runner import Slice
from vnfm.lcm.context import Context
from vnfm.outbound import Destinations, Outbound
from vnfm.vim.cloudstack import vim as cloudstack
from vnfm.vim.port import Scope, Vim, VimConnection

#: Long enough for a job to end only by our hand.
HELD = 36_000.0
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
#: No operation needs more slices with the settings below, unless it never ends.
MOST_SLICES = 400
SETTINGS: Mapping[str, Any] = {
    "step_patience": 20.0,
    "purge_patience": 60.0,
    "job_patience": 60.0,
    "log_level": "CRITICAL",
}


class Killed(BaseException):
    """The worker dies here; nothing catches it, so nothing more is written."""


@dataclass
class Deaths:
    """In the place of ``FaultPoints``: takes down the points passed (ids of the VIM as ``*``), and dies at
    the one called ``at``, or when there are none ``left``."""

    at: str | None = None
    left: int | None = None
    passed: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        point = UUID.sub("*", name)
        self.passed.append(point)
        if self.left is not None:
            self.left -= 1
        if point == self.at or self.left == 0:
            self.at = self.left = None
            raise Killed(name)


class Clockwork:
    """The hand that winds one stage's operations on."""

    def __init__(self, stage: Stage) -> None:
        self.now = datetime.now(UTC)
        self.deaths = Deaths()
        #: So many pauses pass without a job of the cloud coming to its end.
        self.slow = 0
        self._ids = 0
        ours = {"clock": self._clock, "database_time": self._clock, "new_id": self._new_id}
        self.stage = dataclasses.replace(stage, deps=dataclasses.replace(stage.deps, **ours))
        self._db = bootstrap.open_database(stage.settings)
        self._outbound = Outbound(rules=Destinations(loopback=True), clock=lambda: self.now.timestamp())
        self._vims: dict[str, Vim] = {}
        ports = bootstrap.make_ports(stage.settings, self._db, self._outbound)
        made = bootstrap.make_machinery(
            stage.settings, self._db, dataclasses.replace(ports, connect_vim=self._connect)
        )
        self._machinery = dataclasses.replace(made, faults=self.deaths, stopwatch=lambda: 0.0)

    def close(self) -> None:
        self._outbound.close()
        self._db.client.close()

    def reset(self) -> None:
        """An empty database and the world as it was at first."""
        self.deaths.at, self.deaths.left, self.slow = None, None, 0
        self._vims.clear()
        self._ids = 0
        for name in self._db.list_collection_names():
            if name != "vnfds":
                self._db[name].delete_many({})
        nfvo = self.stage.nfvo.nfvo
        nfvo.faults.clear()
        nfvo.grants.clear()
        self.stage.door("reset", {})
        self.stage.door("settings", {"expunge.delay": "1", "expunge.interval": "1"})
        self.hold_jobs()

    def _clock(self) -> datetime:
        return self.now

    def _new_id(self) -> str:
        self._ids += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, str(self._ids)))

    def _connect(self, connection: VimConnection, scope: Scope) -> Vim:
        key = repr((connection, scope))
        if key not in self._vims:
            self._vims[key] = cloudstack.connect(
                connection, scope, self._outbound.line, sleep=lambda seconds: self._await_server()
            )
        return self._vims[key]

    def _await_server(self) -> None:
        """A management server that restarts takes real time."""
        while not self._is_up():
            time.sleep(0.002)

    def _is_up(self) -> bool:
        cloud = self.stage.cloud
        serving = cloud.current is not None and cloud.current.started and not cloud.current.should_exit
        return serving and cloud.down is None

    # Slices.

    def slice(self, operation_id: str) -> Operation:
        """One slice of an operation, after the time it wants to wait; what is left of it when it dies."""
        operation = self.stage.operation(operation_id)
        if operation.state not in RUNNABLE:
            return operation
        self._pass(self._due(operation_id))
        self._db["operations"].update_one({"_id": operation_id}, {"$set": {"due": LONG_AGO}})
        claim = self._machinery.journal.claim("clockwork", HELD)
        assert claim is not None
        assert claim.operation.id == operation_id
        try:
            Slice[Context](self._machinery, dataclasses.replace(claim, now=self.now)).run()
        except Killed:
            self._vims.clear()  # the next worker has learnt nothing yet
        return self.stage.operation(operation_id)

    def settle(self, operation_id: str) -> Operation:
        """Slices until the operation has come to rest."""
        for _ in range(MOST_SLICES):
            operation = self.slice(operation_id)
            if operation.state not in RUNNABLE:
                return operation
        raise AssertionError(f"it does not come to rest\n{journal(operation)}")

    def _due(self, operation_id: str) -> datetime:
        found = self._db["operations"].find_one({"_id": operation_id}, {"due": 1, "owner": 1})
        assert found is not None
        # The lease of a worker that died is not waited for.
        return self.now if found["owner"] is not None else found["due"]

    def _pass(self, due: datetime) -> None:
        """Time passes until ``due``; the cloud's jobs come to their end meanwhile, if it is not slow."""
        self._await_server()
        seconds = max((due - self.now).total_seconds(), 0.0)
        self.now += timedelta(seconds=seconds)
        if self.slow:
            self.slow -= 1
        else:
            self.finish_jobs()
        if seconds:
            self.stage.door("advance", {"seconds": seconds})

    def hold_jobs(self) -> None:
        """From now on jobs end by our hand."""
        self.stage.door("settings", {"sandbox.job.seconds": HELD})

    def restart_cloud(self) -> None:
        """Kill the management server; its pending jobs are cut off."""
        former = self.stage.cloud.current
        self.stage.door("restart", {"seconds": 0.01})
        while self.stage.cloud.current is former:
            time.sleep(0.002)
        self._await_server()

    def finish_jobs(self) -> None:
        """Every job comes to its end, also those that had to wait for another one."""
        for _ in range(10):
            if not self.stage.door("release", {})["released"]:
                return


@contextmanager
def winding(stage: Stage) -> Iterator[Clockwork]:
    """A clockwork for a stage."""
    clockwork = Clockwork(stage)
    try:
        yield clockwork
    finally:
        clockwork.close()
