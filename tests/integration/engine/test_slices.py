"""The engine against a real mongod, with steps that only keep a diary."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from vnfm.domain.operation import (
    CancelMode,
    Operation,
    OperationState,
    OperationType,
    StepEntry,
    StepState,
)
from vnfm.engine.faultpoints import FaultPoints
from vnfm.engine.journal import LeaseLost
from vnfm.engine.runner import Machinery, Slice
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.engine.worker import Worker
from vnfm.errors import Conflict, Permanent, Temporary, Unknown
from vnfm.store.client import Db
from vnfm.store.operations import Operations


@dataclass
class World:
    """What the steps have done, and what they are told to answer next."""

    diary: list[str] = field(default_factory=list)
    answers: dict[str, list[Progress | Exception | Callable[[], Progress]]] = field(default_factory=dict)

    def act(self, verb: str, target: str) -> Progress:
        self.diary.append(f"{verb} {target}")
        queue = self.answers.get(target) or [Done({"of": target})]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


class Diarist(Step[World]):
    recovery: ClassVar[Recovery] = Recovery.PROBE

    def advance(self, ctx: World, target: str, memo: Memo) -> Progress:
        return ctx.act("advance", target)

    def probe(self, ctx: World, target: str, memo: Memo) -> Progress:
        return ctx.act("probe", target)


class Asker(Diarist):
    recovery = Recovery.ASK


class Repeater(Diarist):
    recovery = Recovery.RERUN


def operation(*steps: StepEntry, instance: str = "") -> Operation:
    now = datetime.now(UTC)
    return Operation(
        id=str(uuid.uuid4()),
        tenant="t",
        vnf_instance_id=instance or str(uuid.uuid4()),
        type=OperationType.INSTANTIATE,
        state=OperationState.STARTING,
        params={},
        plan_version=1,
        steps=list(steps),
        start_time=now,
        state_entered_time=now,
        request_id="r",
    )


def machinery(db: Db, world: World, patience: float = 0.5) -> Machinery[World]:
    store = Operations(db)
    store.ensure_indexes()
    return Machinery(
        journal=store,
        steps={"note": Diarist(), "ask": Asker(), "repeat": Repeater()},
        make_context=lambda operation, now: world,
        summarise=lambda ctx: {},
        report=lambda operation, entry, error: None,
        faults=FaultPoints(),
        patience=patience,
        settle=0.01,
    )


def work_until_ended(db: Db, machine: Machinery[World], operation_id: str, seconds: float = 10) -> Operation:
    """Claim and run slices, as one worker would, until the operation rests."""
    store = Operations(db)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        claim = store.claim("w", 30)
        if claim is not None:
            Slice(machine, claim).run()
        found = store.get("t", operation_id)
        assert found is not None
        if found.state not in {OperationState.STARTING, OperationState.PROCESSING}:
            return found
        time.sleep(0.01)
    raise AssertionError(f"still {found.state}: {found.steps}")


def test_stages_run_in_order_and_every_state_is_told_once(db: Db) -> None:
    world = World()
    machine = machinery(db, world)
    op = operation(
        StepEntry("note", "grant", -1),
        StepEntry("note", "b", 1),
        StepEntry("note", "a", 0),
        StepEntry("note", "c", 1),
    )
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machine, op.id)
    assert ended.state is OperationState.COMPLETED
    assert world.diary == ["advance grant", "advance a", "advance b", "advance c"]
    document = db["operations"].find_one({"_id": op.id})
    assert document is not None
    assert [e["state"] for e in document["outbox"]] == [
        "STARTING",
        "PROCESSING",
        "COMPLETED",
    ]


def test_a_waiting_operation_holds_no_worker_and_remembers_its_memo(db: Db) -> None:
    world = World(answers={"a": [Wait({"job": "7"}, 0.2, watching=True), Done({"id": "vm"})]})
    machine = machinery(db, world)
    op = operation(StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    claim = Operations(db).claim("w", 30)
    assert claim is not None
    Slice(machine, claim).run()
    waiting = Operations(db).get("t", op.id)
    assert waiting is not None
    assert waiting.owner is None
    assert waiting.steps[0].memo == {"job": "7"}
    assert Operations(db).claim("w2", 30) is None, "not due yet"
    assert work_until_ended(db, machine, op.id).steps[0].result == {"id": "vm"}


@pytest.mark.parametrize(
    ("answers", "state", "diary"),
    [
        ([Permanent("no")], OperationState.FAILED_TEMP, ["advance a"]),
        ([Temporary("later", 0.01), Done({})], OperationState.COMPLETED, ["advance a", "advance a"]),
        ([RuntimeError("a defect")], OperationState.FAILED_TEMP, ["advance a"]),
    ],
    ids=["refused", "temporary", "defect"],
)
def test_errors(db: Db, answers: list[Any], state: OperationState, diary: list[str]) -> None:
    world = World(answers={"a": answers})
    op = operation(StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world), op.id)
    assert (ended.state, world.diary) == (state, diary)
    if state is OperationState.FAILED_TEMP:
        assert ended.error is not None
        assert "step note of a" in ended.error["detail"]


def test_a_lost_answer_is_looked_into_before_anything_is_done_again(db: Db) -> None:
    world = World(answers={"a": [Unknown("reply lost"), Done({"id": "found"})]})
    op = operation(StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world, patience=5), op.id)
    assert world.diary == ["advance a", "probe a"]
    assert ended.steps[0].result == {"id": "found"}


def test_temporary_errors_end_with_patience(db: Db) -> None:
    world = World(answers={"a": [Temporary("never", 0.05)]})
    op = operation(StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world, patience=0.3), op.id)
    assert ended.state is OperationState.FAILED_TEMP
    assert 3 <= len(world.diary) < 20


def test_a_failure_before_any_change_rolls_back(db: Db) -> None:
    world = World(answers={"grant": [Permanent("no VIM connection")]})
    op = operation(StepEntry("note", "grant", -1), StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world), op.id)
    assert ended.state is OperationState.ROLLED_BACK
    assert world.diary == ["advance grant"]


def test_what_is_in_flight_is_seen_to_its_end_when_a_sibling_fails(db: Db) -> None:
    world = World(
        answers={"slow": [Wait({"job": "1"}, 0.1), Done({"id": "vm"})], "bad": [Permanent("no room")]}
    )
    op = operation(StepEntry("note", "slow", 0), StepEntry("note", "bad", 0), StepEntry("note", "next", 1))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world), op.id)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.step("note:slow").state is StepState.DONE
    assert "advance next" not in world.diary


@pytest.mark.parametrize(
    ("name", "diary", "state"),
    [
        ("note", ["probe a"], OperationState.COMPLETED),
        ("repeat", ["advance a"], OperationState.COMPLETED),
        ("ask", [], OperationState.FAILED_TEMP),
    ],
)
def test_a_step_in_which_a_worker_died(db: Db, name: str, diary: list[str], state: OperationState) -> None:
    world = World()
    op = operation(StepEntry(name, "a", 0, StepState.INTENT))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, world), op.id)
    assert (world.diary, ended.state) == (diary, state)


def test_a_journal_with_a_step_nobody_knows_is_refused_by_name(db: Db) -> None:
    op = operation(StepEntry("teleport", "a", 0))
    Operations(db).accept("t", op)
    ended = work_until_ended(db, machinery(db, World()), op.id)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert "teleport" in ended.error["detail"]


def test_a_fenced_out_worker_writes_nothing_and_does_nothing_more(db: Db) -> None:
    """T2 in small: a worker sleeps through its lease while its step runs; another takes over."""
    store = Operations(db)
    thieves: list[int] = []

    def sleep_through_the_lease() -> Progress:
        if not thieves:
            time.sleep(0.1)
            taken = store.claim("thief", 30)
            assert taken is not None
            thieves.append(taken.operation.fence)
        return Done({"id": "zombie"})

    world = World(answers={"a": [sleep_through_the_lease]})
    op = operation(StepEntry("note", "a", 0), StepEntry("note", "b", 1))
    machine = machinery(db, world)
    store.accept("t", op)
    claim = store.claim("zombie", 0.05)
    assert claim is not None
    with pytest.raises(LeaseLost):
        Slice(machine, claim).run()
    assert thieves, "the take-over happened"
    found = store.get("t", op.id)
    assert found is not None
    assert found.steps[0].state is StepState.INTENT
    assert "advance b" not in world.diary


def test_one_active_operation_per_instance(db: Db) -> None:
    store = Operations(db)
    store.ensure_indexes()
    outcomes: list[str] = []

    def accept() -> None:
        try:
            store.accept("t", operation(StepEntry("note", "a", 0), instance="same"))
            outcomes.append("202")
        except Conflict:
            outcomes.append("409")

    threads = [threading.Thread(target=accept) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["202"] + ["409"] * 49


def test_twenty_workers_never_claim_one_operation_twice(db: Db) -> None:
    store = Operations(db)
    store.ensure_indexes()
    for _ in range(40):
        store.accept("t", operation(StepEntry("note", "a", 0)))
    claimed: list[str] = []

    def race(name: str) -> None:
        while (claim := store.claim(name, 30)) is not None:
            claimed.append(claim.operation.id)

    threads = [threading.Thread(target=race, args=(f"w{i}",)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 40


def test_claims_use_the_index_of_due_operations(db: Db) -> None:
    Operations(db).ensure_indexes()
    query = {"runnable": True, "$expr": {"$lte": ["$due", "$$NOW"]}}
    plan = db["operations"].find(query).sort("due").explain()["queryPlanner"]["winningPlan"]
    assert "'due'" in str(plan)
    assert "COLLSCAN" not in str(plan)
    assert "'SORT'" not in str(plan)


def test_a_worker_renews_what_it_is_still_at(db: Db) -> None:
    """A step that takes longer than the lease is not taken over while its worker lives."""

    def slow() -> Progress:
        time.sleep(1.0)
        return Done({})

    world = World(answers={"a": [slow]})
    machine = machinery(db, world)
    op = operation(StepEntry("note", "a", 0))
    Operations(db).accept("t", op)
    workers = [Worker(f"w{i}", machine, threads=2, lease=0.3, idle_pause=0.02) for i in range(2)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = Operations(db).get("t", op.id)
        assert found is not None
        if found.state is OperationState.COMPLETED:
            break
        time.sleep(0.02)
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join()
    assert found.state is OperationState.COMPLETED
    assert world.diary == ["advance a"]
    assert found.fence == 1


@pytest.mark.parametrize("mode", list(CancelMode))
def test_a_cancel_reaches_the_worker_that_holds_the_operation(db: Db, mode: CancelMode) -> None:
    """The lease lasts half a minute, and nobody else may touch the operation until then."""
    store = Operations(db)
    op = operation(StepEntry("note", "a", 0), StepEntry("note", "b", 1))

    def cancelled_meanwhile() -> Progress:
        assert store.ask_cancel("t", op.id, mode)
        return Done({})

    world = World(answers={"a": [cancelled_meanwhile]})
    machine = machinery(db, world)
    store.accept("t", op)
    claim = store.claim("w", 30)
    assert claim is not None
    Slice(machine, claim).run()
    ended = store.get("t", op.id)
    assert ended is not None
    assert (ended.state, world.diary) == (OperationState.FAILED_TEMP, ["advance a"])
    assert ended.cancel_mode is None


def test_a_cancel_that_comes_before_a_long_pause_is_not_left_waiting(db: Db) -> None:
    """The owner has not heard of it when it gives the operation up for an hour."""
    store = Operations(db)
    store.ensure_indexes()
    op = operation(StepEntry("note", "a", 0))
    store.accept("t", op)
    claim = store.claim("w", 30)
    assert claim is not None
    assert store.ask_cancel("t", op.id, CancelMode.FORCEFUL)
    store.release(claim.operation, [0], claim.now + timedelta(hours=1))
    again = store.claim("w", 30)
    assert again is not None
    assert again.operation.cancel_mode is CancelMode.FORCEFUL
