"""The runner with a journal in memory: what doubt, patience and jobs come to. The rest is in integration."""

from __future__ import annotations

import copy
import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from tests.fakes.domain import make_operation
from vnfm.domain.operation import (
    RUNNABLE,
    CancelMode,
    Operation,
    OperationState,
    StepEntry,
    StepState,
)
from vnfm.engine.faultpoints import FaultPoints
from vnfm.engine.journal import Claim, Hold
from vnfm.engine.runner import MOST_JOBS, Machinery, Slice
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Forbidden, Permanent, Temporary, Unknown

T0 = datetime(2026, 1, 2, tzinfo=UTC)


class Memory:
    """A journal of one operation; time passes only from claim to claim."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.due: datetime | None = T0
        self.now = T0
        self.written: list[tuple[str, str]] = []
        #: A cancel that comes when an entry has been written in a state.
        self.asked: dict[tuple[str, str], CancelMode] = {}

    def claim(self, owner: str, lease: float) -> Claim | None:
        self.now = max(self.now, self.due or self.now)
        self.operation.owner = owner
        self.operation.fence += 1
        return Claim(copy.deepcopy(self.operation), self.now)

    def renew(self, owner: str, holds: Collection[Hold], lease: float) -> None:
        raise AssertionError("the runner renews nothing")

    def write(
        self, operation: Operation, steps: Sequence[int], *, state_changed: bool = False
    ) -> CancelMode | None:
        self.written += [(operation.track[i].key, str(operation.track[i].state)) for i in steps]
        wanted = self.operation.cancel_mode or (self.asked.get(self.written[-1]) if steps else None)
        self.operation = copy.deepcopy(operation)
        self.operation.cancel_mode = wanted if operation.state in RUNNABLE else None
        return wanted

    def release(self, operation: Operation, steps: Sequence[int], due: datetime | None) -> None:
        self.write(operation, steps)
        self.due = due


Script = list[Progress | Exception]


class Scripted(Step[dict[str, Any]]):
    """Says what the script says; the last line for ever. The context is {"diary": […], target: script}."""

    recovery: ClassVar[Recovery] = Recovery.PROBE

    def advance(self, ctx: dict[str, Any], target: str, memo: Memo) -> Progress:
        return self._say(ctx, f"act {target}")

    def probe(self, ctx: dict[str, Any], target: str, memo: Memo) -> Progress:
        return self._say(ctx, f"look {target}")

    def _say(self, ctx: dict[str, Any], what: str) -> Progress:
        ctx["diary"].append(what)
        lines: Script = ctx[what]
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        if isinstance(line, Exception):
            raise line
        return line


def play(
    *steps: StepEntry,
    patience: float = 60,
    state: OperationState = OperationState.PROCESSING,
    cancel: tuple[str, CancelMode] | None = None,
    **script: Script,
) -> tuple[Operation, list[str], list[str], Memory]:
    """Run to the end; what came of it, the diary, what was tidied, and the journal. ``cancel`` is asked for
    when step a has been written in that state, while the worker has it."""
    journal = Memory(make_operation(steps=list(steps), state=state))
    if cancel:
        journal.asked = {("do:a", cancel[0]): cancel[1]}
    world: dict[str, Any] = {"diary": [], **{key.replace("_", " "): lines for key, lines in script.items()}}
    tidied: list[str] = []
    machine: Machinery[dict[str, Any]] = Machinery(
        journal=journal,
        steps={"do": Scripted()},
        make_context=lambda operation, now: world,
        summarise=lambda ctx: {},
        report=lambda operation, entry, error: world["diary"].append("report"),
        faults=FaultPoints(),
        patience=patience,
        tidy=lambda ctx: tidied.append("tidied"),
    )
    for _ in range(200):
        claim = journal.claim("w", 30)
        assert claim is not None
        Slice(machine, claim).run()
        if journal.operation.state not in RUNNABLE:
            return journal.operation, world["diary"], tidied, journal
    raise AssertionError(f"no end: {world['diary'][-6:]}")


def test_a_lost_answer_is_looked_for_even_when_patience_is_over() -> None:
    ended, diary, _, _ = play(
        StepEntry("do", "a", 0), patience=0, act_a=[Unknown("lost")], look_a=[Done({"id": "vm"})]
    )
    assert diary == ["act a", "look a"]
    assert ended.state is OperationState.COMPLETED


def test_losing_every_answer_ends_with_patience_after_a_last_look() -> None:
    afresh = Wait({"try": 1}, 0, afresh=True)
    ended, diary, _, journal = play(
        StepEntry("do", "a", 0), patience=9, act_a=[Unknown("reply lost")], look_a=[afresh]
    )
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["detail"] == "step do of a: reply lost"
    assert diary == ["act a", "look a"] * 5, "every 2 s for 9 s, and the last is a look"
    assert timedelta(seconds=9) <= journal.now - T0 < timedelta(seconds=12)


def test_a_look_that_finds_something_is_progress_and_patience_begins_anew() -> None:
    found = Wait({"phase": "clean"}, 0)
    answers: Script = [Unknown("lost")] * 6 + [Done({})]
    ended, _, _, journal = play(StepEntry("do", "a", 0), patience=5, act_a=answers, look_a=[found])
    assert ended.state is OperationState.COMPLETED
    assert journal.now - T0 >= timedelta(seconds=12)


def test_a_doubt_outlives_a_look_that_could_not_be_taken() -> None:
    """The VIM is not reachable after a lost answer: acting again without a look could make a second body."""
    looks: Script = [Temporary("refused", 1.0), Temporary("refused", 1.0), Done({"id": "vm"})]
    ended, diary, _, journal = play(StepEntry("do", "a", 0), act_a=[Unknown("lost")], look_a=looks)
    assert diary == ["act a", "look a", "look a", "look a"]
    assert ended.state is OperationState.COMPLETED
    assert ("do:a", "WAITING") not in journal.written


def test_every_act_has_an_intent_before_it_and_a_look_has_none() -> None:
    answers: Script = [Wait({"job": "1"}, 0.1, watching=True), Wait({"go": "on"}, 0.1), Done({})]
    _, _, _, journal = play(StepEntry("do", "a", 0), act_a=answers)
    states = [state for _, state in journal.written]
    assert states == ["INTENT", "WATCHING", "WAITING", "INTENT", "DONE"]


def test_jobs_are_kept_when_the_memo_has_moved_on() -> None:
    answers: Script = [
        Wait({"job": "7"}, 0.1, watching=True, job="7"),
        Wait({"job": "7"}, 0.1, watching=True, job="7"),
        Wait({"phase": "verify"}, 0),
        Wait({"job": "8"}, 0.1, watching=True, job="8"),
        Done({"id": "vm"}),
    ]
    ended, *_ = play(StepEntry("do", "a", 0), act_a=answers)
    assert ended.steps[0].jobs == ["7", "8"]


def test_a_step_that_starts_jobs_for_days_keeps_the_last_ones() -> None:
    answers: Script = [Wait({}, 0.1, job=str(i)) for i in range(MOST_JOBS + 5)] + [Done({})]
    ended, *_ = play(StepEntry("do", "a", 0), act_a=answers)
    assert ended.steps[0].jobs == [str(i) for i in range(5, MOST_JOBS + 5)]


def test_success_clears_the_trouble() -> None:
    ended, *_ = play(StepEntry("do", "a", 0), act_a=[Temporary("later", 1.0), Done({})])
    assert (ended.steps[0].troubled, ended.steps[0].problem, ended.steps[0].attempts) == (None, None, 1)


def test_what_was_brought_is_tidied_away_before_rolled_back_and_only_then() -> None:
    refused: Script = [Forbidden("the NFVO says no", nfvoStatus=403)]
    ended, _, tidied, _ = play(StepEntry("do", "a", -1), state=OperationState.STARTING, act_a=refused)
    assert (ended.state, tidied) == (OperationState.ROLLED_BACK, ["tidied"])
    assert ended.error == {
        "status": 403,
        "nfvoStatus": 403,
        "step": "do:a",
        "detail": "step do of a: the NFVO says no",
    }
    ended, _, tidied, _ = play(StepEntry("do", "a", 0), act_a=refused)
    assert (ended.state, tidied) == (OperationState.FAILED_TEMP, [])


def test_trouble_and_failure_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="vnfm.engine.runner")
    answers: Script = [Temporary("busy", 1.0), Temporary("busy", 1.0), Permanent("no room", vimErrorCode=533)]
    play(StepEntry("do", "a", 0), act_a=answers)
    lines = [(record.levelname, record.getMessage(), record.__dict__) for record in caplog.records]
    entered = "the operation has entered a state"
    assert [line[:2] for line in lines] == [
        ("INFO", "a step meets errors: step do of a: busy"),
        ("WARNING", "a step has failed: step do of a: no room"),
        ("INFO", entered),
    ]
    for _, told, record in lines:
        facts = {name: record[name] for name in ("operationId", "vnfInstanceId", "requestId")}
        assert facts == {"operationId": "o1", "vnfInstanceId": "i1", "requestId": "r"}
        assert record.get("step") == (None if told == entered else "do:a")
    states = [(record["operation"], record["state"]) for _, told, record in lines if told == entered]
    assert states == [("INSTANTIATE", "FAILED_TEMP")]


def test_a_defect_is_reported_and_told_without_its_text() -> None:
    ended, diary, _, _ = play(StepEntry("do", "a", 0), act_a=[RuntimeError("secret-canary")])
    assert diary == ["act a", "report"]
    assert "secret-canary" not in str(ended.error)
    assert "RuntimeError" in str(ended.error)


def test_an_entry_found_in_intent_is_in_doubt() -> None:
    _, diary, _, _ = play(StepEntry("do", "a", 0, StepState.INTENT), look_a=[Done({})])
    assert diary == ["look a"]


GRACEFUL, FORCEFUL = CancelMode.GRACEFUL, CancelMode.FORCEFUL


@pytest.mark.parametrize("mode", [GRACEFUL, FORCEFUL])
@pytest.mark.parametrize("stage", [0, 1])
def test_a_cancel_is_heard_at_the_next_boundary_by_the_worker_that_is_at_it(
    mode: CancelMode, stage: int
) -> None:
    """Step a goes on at once for ever, in one slice: only its own writes can tell the worker."""
    ended, diary, _, _ = play(
        StepEntry("do", "a", 0),
        StepEntry("do", "b", stage),
        cancel=("INTENT", mode),
        act_a=[Done({})],
        act_b=[Done({})],
    )
    assert diary == ["act a"]
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["detail"] == f"cancelled by request ({mode.lower()}) before do:b"
    assert ended.steps[1].state is StepState.PENDING


@pytest.mark.parametrize(("mode", "calls"), [(GRACEFUL, 3), (FORCEFUL, 1)])
def test_a_graceful_cancel_sees_a_job_to_its_end(mode: CancelMode, calls: int) -> None:
    job = Wait({"job": "1"}, 0, watching=True)
    answers: Script = [job, job, Done({})]
    ended, diary, _, _ = play(
        StepEntry("do", "a", 0), StepEntry("do", "b", 1), cancel=("WATCHING", mode), act_a=answers
    )
    assert diary == ["act a"] * calls
    assert ended.state is OperationState.FAILED_TEMP


def test_a_doubt_of_this_slice_is_looked_into_before_a_cancel_takes_effect() -> None:
    ended, diary, _, _ = play(
        StepEntry("do", "a", 0),
        StepEntry("do", "b", 1),
        cancel=("INTENT", FORCEFUL),
        act_a=[Unknown("reply lost")],
        look_a=[Done({"id": "vm"})],
    )
    assert diary == ["act a", "look a"]
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.steps[0].result == {"id": "vm"}
