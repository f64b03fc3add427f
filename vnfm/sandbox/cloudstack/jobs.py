"""Asynchronous jobs: submitted, pending, ended; cut off when the server restarts; forgotten after a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.faults import Fault, Faults
from vnfm.sandbox.cloudstack.history import Trail, open_trail
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.world import World

LOG = logging.getLogger(__name__)

# how long a job takes, in units of sandbox.job.seconds; measured on the real server where it was
WEIGHTS = {
    "deployVirtualMachine": 1.0,
    "deployVnfAppliance": 1.5,
    "startVirtualMachine": 1.2,
    "stopVirtualMachine": 0.8,
    "rebootVirtualMachine": 0.6,
    "restoreVirtualMachine": 1.5,
    "destroyVirtualMachine": 0.8,
    "expungeVirtualMachine": 0.6,
    "deleteNetwork": 0.6,
    "restartNetwork": 0.8,
}
USUAL = 0.2


def nothing() -> None:
    """Default for a job that changes nothing at its start, or needs no repair after a restart."""


@dataclass(kw_only=True)
class Submission:
    """What a handler hands over: how the job begins, ends and, cut off, leaves its object."""

    finish: Callable[[], Json]
    begin: Callable[[], None] = nothing
    repair: Callable[[], None] = nothing
    undo: Callable[[], None] = nothing  # after the work itself failed
    kind: str | None = None
    row: model.Row | None = None
    shows_row: bool = True  # False: jobinstanceid is missing, as for networks
    lane: model.Row | None = None  # jobs on one VM run one after the other
    created: str | None = None


Handler = Callable[[Call], Awaitable[Json | Submission]]
Handlers = dict[str, Handler]


@dataclass
class Running:
    job: model.Job
    submission: Submission
    trail: Trail | None = None
    task: asyncio.Task[None] | None = None


@dataclass
class Jobs:
    world: World
    faults: Faults
    running: dict[str, Running] = field(default_factory=dict)
    lanes: dict[model.Row, asyncio.Lock] = field(default_factory=dict)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def submit(self, call: Call, submission: Submission) -> Json:
        world = self.world
        job = model.Job(
            **vars(world.birth(world.jobs)),
            owner=call.account,
            user=call.user,
            java=call.command.root_java if call.root else call.command.java,
            kind=submission.kind,
            row=submission.row,
            shows_row=submission.shows_row,
        )
        world.jobs.add(job)
        resource = submission.lane or submission.row
        entry = Running(job, submission, open_trail(world, call.command.name, call.user, resource))
        self.running[job.id] = entry
        if job.row is not None:
            self.world.pending[job.row] = job
        entry.task = asyncio.ensure_future(self.work(call.command.name, entry))
        answer: Json = {"jobid": job.id}
        if submission.created:
            answer = {"id": submission.created, **answer}
        return answer

    async def work(self, command: str, entry: Running) -> None:
        lane = entry.submission.lane
        if lane is None:
            await self.run(command, entry)
            return
        async with self.lanes.setdefault(lane, asyncio.Lock()):
            await self.run(command, entry)

    async def run(self, command: str, entry: Running) -> None:
        fault = self.faults.job(command)
        submission = entry.submission
        if entry.trail is not None:
            entry.trail.note("Started")
        try:
            submission.begin()
            seconds, refusal = self.foresee(command, fault, submission.lane)
            await self.wait(seconds)
            if refusal is not None:
                submission.undo()
                raise refusal
            result = submission.finish()
        except Refusal as failure:
            self.end(entry, 2, failure.ended())
        except Exception:
            LOG.exception("the emulator's own fault in a job of %s", command)
            self.end(entry, 2, broken("unforeseen").ended())
        else:
            self.end(entry, 1, result)

    def foresee(
        self, command: str, fault: Fault | None, lane: model.Row | None
    ) -> tuple[float, Refusal | None]:
        """How long the job takes and how it fails: a planted fault, and the simulator's mocks."""
        world = self.world
        seconds = WEIGHTS.get(command, USUAL) * world.settings.number("sandbox.job.seconds")
        hosts = sum(host.systemvm is None for host in world.hosts)
        state = lane.state if isinstance(lane, model.VM) else None
        mock = world.simulator.meet(command, state, hosts)
        refusal: Refusal | None = None
        if mock is not None:
            seconds += mock.wait
            if mock.fails:
                order = mock.name.removesuffix("Command")
                refusal = broken(f"Unable to get answer that is of class com.cloud.agent.api.{order}Answer")
        if fault is not None and fault.kind == "hold":
            seconds = fault.seconds
        if fault is not None and fault.kind == "fail":
            refusal = Refusal(fault.code, fault.text)
        return seconds, refusal

    async def wait(self, seconds: float) -> None:
        """Sleep, unless somebody releases all jobs before."""
        try:
            await asyncio.wait_for(self.opened.wait(), max(seconds, 0.0005))
        except TimeoutError:
            return

    def release(self) -> int:
        """Let all jobs that are under way end now."""
        self.opened.set()
        self.opened = asyncio.Event()
        return len(self.running)

    def end(self, entry: Running, status: int, result: Json) -> None:
        job = entry.job
        job.status, job.result, job.completed = status, result, self.world.clock.now()
        code = result.get("errorcode", 0) if status == 2 else 0
        job.code = code if isinstance(code, int) else 530
        self.running.pop(job.id, None)
        if entry.trail is not None:
            entry.trail.note("Completed", "ERROR" if status == 2 else "INFO")
        if job.row is not None and self.world.pending.get(job.row) is job:
            del self.world.pending[job.row]

    def cut_off(self) -> None:
        """The server died: pending jobs fail without a word, their objects leave the transitional state."""
        for entry in tuple(self.running.values()):
            if entry.task:
                entry.task.cancel()
            entry.submission.repair()
            job = entry.job
            job.status, job.code, job.cut_off, job.completed = 2, 530, True, self.world.clock.now()
        self.running.clear()
        self.lanes.clear()
        self.world.pending.clear()

    def expire(self, seconds: float) -> None:
        """Ended jobs older than this are gone; asking for one is then 431."""
        limit = self.world.clock.now() - seconds
        for job in self.world.jobs:
            if job.completed is not None and job.completed <= limit:
                self.world.jobs.remove(job)
