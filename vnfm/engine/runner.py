"""Runs one operation for as long as there is something to do now, then gives it up until it is due again.

Called by the worker with a fresh claim. What a slice guarantees: every acting call is preceded by a
journalled INTENT, every outcome is journalled under the fence before the next call, and nothing is done once
the lease is lost. What it does not: stop a call that is already in the air; there the VIM must refuse, or
the step's ``probe`` must find out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from vnfm.domain.operation import RUNNABLE, Event, Operation, OperationState, StepEntry, StepState, next_state
from vnfm.engine import retry
from vnfm.engine.faultpoints import FaultPoints
from vnfm.engine.journal import Claim, Journal, LeaseLost
from vnfm.engine.step import Done, Progress, Recovery, Step, Wait
from vnfm.errors import ClientError, Permanent, VnfmError

ContextT = TypeVar("ContextT")

log = logging.getLogger(__name__)

#: States of a step that has begun and must be seen to its end even when another step has failed.
IN_FLIGHT = frozenset({StepState.INTENT, StepState.WAITING, StepState.WATCHING})

#: So many jobs are kept per step; one that waits for days may start thousands.
MOST_JOBS = 20


@dataclass(frozen=True, slots=True)
class Machinery(Generic[ContextT]):
    """What every slice needs, put together by bootstrap.

    ``summarise`` derives the outward attributes of an operation (grant id, resource changes, warnings) from
    its journal. ``report`` is told of exceptions that no rule foresees. ``tidy`` is called before an
    operation becomes ROLLED_BACK, perhaps more than once.
    """

    journal: Journal
    steps: Mapping[str, Step[ContextT]]
    make_context: Callable[[Operation, datetime], ContextT]
    summarise: Callable[[ContextT], Mapping[str, Any]]
    report: Callable[[Operation, StepEntry, Exception], None]
    faults: FaultPoints
    patience: float
    tidy: Callable[[ContextT], None] = lambda context: None


class Slice(Generic[ContextT]):
    """One claim's worth of work on one operation."""

    def __init__(self, machinery: Machinery[ContextT], claim: Claim) -> None:
        self._m = machinery
        self._op = claim.operation
        self._started = claim.now
        self._stopwatch = time.monotonic()
        self._doubtful = {entry.key for entry in self._op.steps if entry.state is StepState.INTENT}
        self._unwritten: set[int] = set()
        self._context = machinery.make_context(self._op, claim.now)

    def run(self) -> None:
        """Work until every step waits or the operation has left RUNNABLE; may raise LeaseLost."""
        while self._op.state in RUNNABLE:
            stage = self._open_steps()
            if not stage:
                self._end_stages()
                continue
            if self._op.state is OperationState.STARTING and self._op.steps[stage[0]].stage >= 0:
                self._move(Event.BEGIN)
            ready = [index for index in stage if self._is_due(self._op.steps[index])]
            if not ready:
                self._give_up(stage)
                return
            for index in ready:
                self._advance(index, self._op.steps[index])

    # Which steps are open, and when.

    def _now(self) -> datetime:
        """The database server's time: its word at the claim plus our own stop-watch."""
        return self._started + timedelta(seconds=time.monotonic() - self._stopwatch)

    def _open_steps(self) -> list[int]:
        """Indexes of the current stage's open steps; once one has failed, only of those in flight."""
        unfinished = [
            index for index, entry in enumerate(self._op.steps) if entry.state is not StepState.DONE
        ]
        if not unfinished:
            return []
        current = min(self._op.steps[index].stage for index in unfinished)
        stage = [index for index in unfinished if self._op.steps[index].stage == current]
        if any(self._op.steps[index].state is StepState.FAILED for index in stage):
            return [index for index in stage if self._op.steps[index].state in IN_FLIGHT]
        return stage

    def _is_due(self, entry: StepEntry) -> bool:
        return entry.due is None or entry.due <= self._now()

    def _give_up(self, stage: list[int]) -> None:
        due = min(due for index in stage if (due := self._op.steps[index].due) is not None)
        self._m.journal.release(self._op, sorted(self._unwritten), due)

    # One call of one step.

    def _advance(self, index: int, entry: StepEntry) -> None:
        boundary = f"{entry.key}/{entry.memo.get('phase', 'start')}"
        watching = entry.state is StepState.WATCHING
        if entry.state in {StepState.PENDING, StepState.WAITING}:
            entry.state = StepState.INTENT
            entry.started = entry.started or self._now()
            self._write(index)
        self._m.faults.reach(f"{boundary}/before")
        try:
            progress = self._call(entry)
        except LeaseLost:
            raise
        except VnfmError as exc:
            self._record_error(entry, exc)
        except Exception as exc:
            self._m.report(self._op, entry, exc)
            self._record_error(entry, Permanent(f"a defect in this VNFM ({type(exc).__name__}); see its log"))
        else:
            self._record(entry, progress)
        self._m.faults.reach(f"{boundary}/after-call")
        if watching and entry.state is StepState.WATCHING:
            self._unwritten.add(index)  # nothing new was learnt: it is written with the release
        else:
            self._write(index)
        self._m.faults.reach(f"{boundary}/after-journal")

    def _call(self, entry: StepEntry) -> Progress:
        step = self._m.steps.get(entry.name)
        if step is None:
            raise Permanent(f"the journal names a step this release does not know: {entry.name}")
        doubtful = entry.key in self._doubtful
        self._doubtful.discard(entry.key)
        if doubtful and step.recovery is Recovery.ASK:
            raise Permanent("a worker died in this step and only a human can tell how far it came")
        if doubtful and step.recovery is Recovery.PROBE:
            return step.probe(self._context, entry.target, entry.memo)
        return step.advance(self._context, entry.target, entry.memo)

    # What came of it.

    def _record(self, entry: StepEntry, progress: Progress) -> None:
        entry.problem = entry.troubled = None
        match progress:
            case Wait():
                entry.state = StepState.WATCHING if progress.watching else StepState.WAITING
                entry.memo = progress.memo
                entry.due = self._now() + timedelta(seconds=progress.delay)
                if progress.job and progress.job not in entry.jobs:
                    entry.jobs = [*entry.jobs, progress.job][-MOST_JOBS:]
            case Done(result):
                entry.state = StepState.DONE
                entry.result = result
                entry.due = None
                entry.ended = self._now()

    def _record_error(self, entry: StepEntry, error: VnfmError) -> None:
        now = self._now()
        entry.attempts += 1
        news = entry.troubled is None
        entry.troubled = entry.troubled or now
        entry.problem = _problem(entry, error)
        step = self._m.steps.get(entry.name)
        recovery = step.recovery if step else Recovery.ASK
        verdict = retry.judge(error, recovery, (now - entry.troubled).total_seconds(), self._m.patience)
        watching = entry.state is StepState.WATCHING and verdict.state is StepState.WAITING
        entry.state = StepState.WATCHING if watching else verdict.state
        if verdict.delay is None:
            entry.due, entry.ended = None, now
            log.warning("a step has failed: %s", entry.error, extra=self._facts(entry))
            return
        if news:
            log.info("a step meets errors: %s", entry.error, extra=self._facts(entry))
        entry.due = now + timedelta(seconds=verdict.delay)
        if verdict.state is StepState.INTENT:
            self._doubtful.add(entry.key)

    def _facts(self, entry: StepEntry) -> Mapping[str, str]:
        """What a log record about a step must name to be found."""
        return {
            "operationId": self._op.id,
            "vnfInstanceId": self._op.vnf_instance_id,
            "requestId": self._op.request_id,
            "step": entry.key,
        }

    def _end_stages(self) -> None:
        """No step is open: either all are done, or one has failed and the rest has come to rest."""
        failed = next((entry for entry in self._op.steps if entry.state is StepState.FAILED), None)
        if failed is None:
            self._move(Event.COMPLETE)
            return
        self._op.error = failed.problem
        if self._op.state is OperationState.STARTING:
            self._m.tidy(self._context)
            self._move(Event.REFUSE)
        else:
            self._move(Event.FAIL)

    def _move(self, event: Event) -> None:
        self._op.state = next_state(self._op.state, event)
        self._op.state_entered_time = self._now()
        for name, value in self._m.summarise(self._context).items():
            setattr(self._op, name, value)
        self._m.journal.write(self._op, sorted(self._unwritten), state_changed=True)
        self._unwritten.clear()

    def _write(self, index: int) -> None:
        self._m.journal.write(self._op, [index])
        self._unwritten.discard(index)


def _problem(entry: StepEntry, error: VnfmError) -> Mapping[str, Any]:
    """ProblemDetails of a failed step: which step, what the other side answered (SOL013 6.3)."""
    status = error.status if isinstance(error, ClientError) else 500
    where = f"step {entry.name} of {entry.target}" if entry.target else f"step {entry.name}"
    facts = {"status": status, **error.facts}
    return {**facts, "step": entry.key, "detail": f"{where}: {error.detail}"}
