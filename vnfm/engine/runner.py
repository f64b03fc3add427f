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

from vnfm.domain.operation import (
    RUNNABLE,
    CancelMode,
    Event,
    Operation,
    OperationState,
    StepEntry,
    StepState,
    next_state,
)
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
    #: Pause before the look at what a call has come to whose answer was lost.
    settle: float = 2.0
    tidy: Callable[[ContextT], None] = lambda context: None
    #: Seconds since whenever; how the time of the claim goes on within a slice.
    stopwatch: Callable[[], float] = time.monotonic


class Slice(Generic[ContextT]):
    """One claim's worth of work on one operation."""

    def __init__(self, machinery: Machinery[ContextT], claim: Claim) -> None:
        self._m = machinery
        self._op = claim.operation
        self._started = claim.now
        self._begun = machinery.stopwatch()
        self._doubtful = {entry.key for entry in self._op.track if entry.state is StepState.INTENT}
        #: In doubt and not looked at since: a cancel lets each be looked at once.
        self._unlooked = set(self._doubtful)
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
            ready = [index for index in stage if self._is_due(self._op.track[index])]
            if not ready:
                self._give_up(stage)
                return
            for index in ready:
                self._advance(index, self._op.track[index])
                if self._op.cancel_mode is not None:
                    break  # asked for meanwhile: what is open now is another question

    # Which steps are open, and when.

    def _now(self) -> datetime:
        """The database server's time: its word at the claim plus our own stop-watch."""
        return self._started + timedelta(seconds=self._m.stopwatch() - self._begun)

    def _open_steps(self) -> list[int]:
        """Indexes of the current stage's open steps.

        Once one has failed, only of those in flight; once a cancel is wanted, only of those that merely
        watch a job of the VIM, or not even those if it is to be forceful. What a call in doubt has made must
        not be forgotten, so a cancel waits for one look at each.
        """
        track = self._op.track
        unfinished = [index for index, entry in enumerate(track) if entry.state is not StepState.DONE]
        if not unfinished:
            return []
        current = min(track[index].stage for index in unfinished)
        stage = [index for index in unfinished if track[index].stage == current]
        if self._op.cancel_mode is not None:
            graceful = self._op.cancel_mode is CancelMode.GRACEFUL
            watched = [index for index in stage if graceful and track[index].state is StepState.WATCHING]
            return [*watched, *(index for index in stage if self._wants_a_look(track[index]))]
        if any(track[index].state is StepState.FAILED for index in stage):
            return [index for index in stage if track[index].state in IN_FLIGHT]
        return stage

    def _wants_a_look(self, entry: StepEntry) -> bool:
        step = self._m.steps.get(entry.name)
        looks = step is not None and step.recovery is Recovery.PROBE
        return looks and self._op.state is OperationState.PROCESSING and entry.key in self._unlooked

    def _is_due(self, entry: StepEntry) -> bool:
        return entry.due is None or entry.due <= self._now()

    def _give_up(self, stage: list[int]) -> None:
        due = min(due for index in stage if (due := self._op.track[index].due) is not None)
        self._m.journal.release(self._op, sorted(self._unwritten), due)

    # One call of one step.

    def _advance(self, index: int, entry: StepEntry) -> None:
        undoing = self._op.state is OperationState.ROLLING_BACK
        boundary = f"{'undo ' * undoing}{entry.key}/{entry.memo.get('phase', 'start')}"
        watching = entry.state is StepState.WATCHING
        self._unlooked.discard(entry.key)
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
        if self._op.state is OperationState.ROLLING_BACK:
            return step.undo(self._context, entry.target, entry.memo)  # finds out itself what is there
        if doubtful and step.recovery is Recovery.ASK:
            raise Permanent("a worker died in this step and only a human can tell how far it came")
        if doubtful and step.recovery is Recovery.PROBE:
            return step.probe(self._context, entry.target, entry.memo)
        return step.advance(self._context, entry.target, entry.memo)

    # What came of it.

    def _record(self, entry: StepEntry, progress: Progress) -> None:
        self._doubtful.discard(entry.key)
        if isinstance(progress, Wait) and progress.afresh and entry.troubled:
            if (self._now() - entry.troubled).total_seconds() >= self._m.patience:
                self._fail(entry)
                return
        else:
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
        waited = (now - entry.troubled).total_seconds()
        doubtful = entry.key in self._doubtful
        patience, settle = self._m.patience, self._m.settle
        verdict = retry.judge(error, recovery, waited, patience, settle=settle, doubtful=doubtful)
        watching = entry.state is StepState.WATCHING and verdict.state is StepState.WAITING
        entry.state = StepState.WATCHING if watching else verdict.state
        if verdict.delay is None:
            self._fail(entry)
            return
        if news:
            log.info("a step meets errors: %s", entry.error, extra=self._facts(entry))
        entry.due = now + timedelta(seconds=verdict.delay)
        if verdict.state is StepState.INTENT:
            if not doubtful:
                self._unlooked.add(entry.key)
            self._doubtful.add(entry.key)

    def _fail(self, entry: StepEntry) -> None:
        entry.state, entry.due, entry.ended = StepState.FAILED, None, self._now()
        log.warning("a step has failed: %s", entry.error, extra=self._facts(entry))

    def _facts(self, entry: StepEntry) -> Mapping[str, str]:
        """What a log record about a step must name to be found."""
        return {**self._whose(), "step": entry.key}

    def _whose(self) -> Mapping[str, str]:
        return {
            "operationId": self._op.id,
            "vnfInstanceId": self._op.vnf_instance_id,
            "requestId": self._op.request_id,
        }

    def _end_stages(self) -> None:
        """No step is open: all are done, one has failed and the rest rests, or a cancel takes effect."""
        left = [entry for entry in self._op.track if entry.state is not StepState.DONE]
        if not left:
            if self._op.state is OperationState.ROLLING_BACK:
                self._m.tidy(self._context)
            else:
                self._op.error = None
            self._move(Event.COMPLETE)
            return
        failed = next((entry for entry in left if entry.state is StepState.FAILED), None)
        if failed is not None:
            self._op.error = failed.problem
        else:
            mode = str(self._op.cancel_mode).lower()
            self._op.error = {"status": 409, "detail": f"cancelled by request ({mode}) before {left[0].key}"}
        if self._op.state is OperationState.STARTING:
            self._m.tidy(self._context)
            self._move(Event.REFUSE)
        else:
            self._move(Event.FAIL)

    def _move(self, event: Event) -> None:
        if self._unwritten:
            self._m.journal.write(self._op, sorted(self._unwritten))
            self._unwritten.clear()
        self._op.state = next_state(self._op.state, event)
        self._op.state_entered_time = self._now()
        for name, value in self._summary().items():
            setattr(self._op, name, value)
        self._m.journal.write(self._op, [], state_changed=True)
        facts = {"operation": str(self._op.type), "state": str(self._op.state)}
        log.info("the operation has entered a state", extra={**self._whose(), **facts})

    def _summary(self) -> Mapping[str, Any]:
        """What the journal tells the outside; a defect in telling must not keep an operation from its end."""
        try:
            return self._m.summarise(self._context)
        except Exception:
            log.exception(
                "the operation's changes could not be summarised", extra={"operationId": self._op.id}
            )
            return {}

    def _write(self, index: int) -> None:
        """Journal an entry, and hear whether a cancel was asked for since the claim: it takes effect at the
        next boundary."""
        wanted = self._m.journal.write(self._op, [index])
        self._unwritten.discard(index)
        if wanted is not None and self._op.cancel_mode is None:
            self._op.cancel_mode = wanted


def _problem(entry: StepEntry, error: VnfmError) -> Mapping[str, Any]:
    """ProblemDetails of a failed step: which step, what the other side answered (SOL013 6.3)."""
    status = error.status if isinstance(error, ClientError) else 500
    where = f"step {entry.name} of {entry.target}" if entry.target else f"step {entry.name}"
    facts = {"status": status, **error.facts}
    return {**facts, "step": entry.key, "detail": f"{where}: {error.detail}"}
