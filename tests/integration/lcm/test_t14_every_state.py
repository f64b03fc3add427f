"""T14 of the acceptance table: seven states × every task and request; only the domain's table decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from tests.stage import LOAD_BALANCER, NFVO, Stage
from vnfm.domain.operation import ACTIVE, RUNNABLE, TASKS, CancelMode, OperationState, OperationType
from vnfm.errors import Conflict
from vnfm.lcm.plans import PLANS
from vnfm.services import instances, tasks
from vnfm.store.client import Db, connect

S = OperationState
AFTER = {"retry": S.PROCESSING, "rollback": S.ROLLING_BACK, "fail": S.FAILED}
VERBS: Mapping[str, Callable[..., object]] = {
    "retry": tasks.retry,
    "rollback": tasks.rollback,
    "fail": tasks.fail,
    **{f"cancel {mode}": partial(tasks.cancel, mode=str(mode)) for mode in CancelMode},
}
#: What a NOT_INSTANTIATED instance may begin when nothing holds it.
FREE = {"INSTANTIATE", "MODIFY_INFO"}


@pytest.fixture
def database(stage: Stage) -> Iterator[Db]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    yield db
    db.client.close()


def place(stage: Stage, database: Db, state: OperationState) -> tuple[str, str]:
    """An INSTANTIATE in a state, without a worker; ids of instance and operation."""
    instance = stage.create(LOAD_BALANCER)
    operation = stage.instantiate(instance.id)
    error = None if state in RUNNABLE | {S.COMPLETED} else {"status": 500, "detail": "a test's"}
    facts = {"state": str(state), "active": state in ACTIVE, "runnable": state in RUNNABLE, "error": error}
    database["operations"].update_one({"_id": operation}, {"$set": facts})
    return instance.id, operation


def accepts(act: Callable[[], Any]) -> bool:
    try:
        act()
    except Conflict:
        return False
    return True


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", S)
def test_a_task(stage: Stage, database: Db, state: OperationState, verb: str) -> None:
    _, operation = place(stage, database, state)
    before = stage.operation(operation)
    task = verb.partition(" ")[0]
    allowed = state in TASKS[task]
    assert accepts(lambda: VERBS[verb](stage.deps, NFVO, operation)) == allowed
    after = stage.operation(operation)
    if not allowed:
        assert after == before
    elif task == "cancel":
        assert (after.state, after.cancel_mode) == (state, CancelMode(verb.partition(" ")[2]))
    else:
        assert after.state is AFTER[task]


@pytest.mark.parametrize("kind", PLANS)
@pytest.mark.parametrize("state", S)
def test_a_request(stage: Stage, database: Db, state: OperationState, kind: OperationType) -> None:
    """One active operation per instance; and then the instance's own state decides."""
    instance, _ = place(stage, database, state)
    bodies = {"INSTANTIATE": stage.request(LOAD_BALANCER), "TERMINATE": {"terminationType": "FORCEFUL"}}
    allowed = state not in ACTIVE and str(kind) in FREE
    assert accepts(lambda: stage.begin(instance, kind, bodies.get(str(kind), {}))) == allowed


@pytest.mark.parametrize("state", S)
def test_a_deletion(stage: Stage, database: Db, state: OperationState) -> None:
    instance, _ = place(stage, database, state)
    assert accepts(lambda: instances.delete(stage.deps, NFVO, instance, None)) == (state not in ACTIVE)
