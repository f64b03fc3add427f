"""The states of an occurrence, against the table of the standard (SOL003 5.6.2.2), written down once more."""

from __future__ import annotations

import pytest

from tests.fakes.domain import make_operation
from vnfm.domain.operation import (
    ACTIVE,
    RUNNABLE,
    TASKS,
    CancelMode,
    Event,
    OperationState,
    OperationType,
    StepEntry,
    next_state,
)

#: state: event → next state; what is not here is illegal.
TABLE = {
    "STARTING": {"BEGIN": "PROCESSING", "REFUSE": "ROLLED_BACK"},
    "PROCESSING": {"COMPLETE": "COMPLETED", "FAIL": "FAILED_TEMP"},
    "FAILED_TEMP": {"RETRY": "PROCESSING", "ROLL_BACK": "ROLLING_BACK", "GIVE_UP": "FAILED"},
    "ROLLING_BACK": {"COMPLETE": "ROLLED_BACK", "FAIL": "FAILED_TEMP"},
    "COMPLETED": {},
    "FAILED": {},
    "ROLLED_BACK": {},
}


def test_the_table_here_has_every_state() -> None:
    assert set(TABLE) == set(OperationState)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", OperationState)
def test_only_the_table_moves_an_operation(state: OperationState, event: Event) -> None:
    wanted = TABLE[state].get(event)
    if wanted is not None:
        assert next_state(state, event) == wanted
        return
    with pytest.raises(ValueError, match=f"in {state} cannot {event}"):
        next_state(state, event)


def test_an_ended_operation_frees_its_instance_and_no_worker_looks_at_one_at_rest() -> None:
    final = {state for state, events in TABLE.items() if not events}
    assert set(OperationState) - final == ACTIVE
    assert ACTIVE - {"FAILED_TEMP"} == RUNNABLE


@pytest.mark.parametrize("state", OperationState)
def test_tasks_by_state(state: OperationState) -> None:
    wanted = {
        "FAILED_TEMP": {"retry", "rollback", "fail"},
        "STARTING": {"cancel"},
        "PROCESSING": {"cancel"},
        "ROLLING_BACK": {"cancel"},
    }.get(state, set())
    operation = make_operation(state=state)
    assert {task for task in TASKS if operation.allows(task)} == wanted


def test_a_second_cancel_and_the_rollback_of_a_terminate_are_not_offered() -> None:
    assert not make_operation(cancel_mode=CancelMode.GRACEFUL).allows("cancel")
    gone = make_operation(type=OperationType.TERMINATE, state=OperationState.FAILED_TEMP)
    assert gone.allows("retry")
    assert not gone.allows("rollback")


def test_a_step_is_found_by_its_key() -> None:
    operation = make_operation(steps=[StepEntry("check_vim", "", 0), StepEntry("deploy_vnfc", "fw-0", 1)])
    assert operation.step("deploy_vnfc:fw-0").target == "fw-0"
    assert operation.step("check_vim").stage == 0
    with pytest.raises(KeyError):
        operation.step("deploy_vnfc:fw-1")
