"""What an operator is told that can be done: the tasks that are possible, each by what it would do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.domain import make_operation
from vnfm.domain.operation import Operation, OperationState, OperationType, StepEntry, StepState
from vnfm.domain.remedy import remedies, without

ERROR = {"status": 500, "detail": "no room", "step": "deploy_vnfc:web-0"}


def stopped(kind: OperationType, *steps: StepEntry, **more: Any) -> Operation:
    facts = {"error": ERROR, "state": OperationState.FAILED_TEMP, **more}
    return make_operation(type=kind, steps=list(steps), **facts)


@pytest.mark.parametrize("state", set(OperationState) - {OperationState.FAILED_TEMP})
def test_nothing_where_nothing_is_to_be_decided(state: OperationState) -> None:
    assert remedies(stopped(OperationType.SCALE, state=state)) == {}


def test_all_three_ways_out() -> None:
    found = remedies(stopped(OperationType.INSTANTIATE))
    assert set(found) == {"retry", "rollback", "fail"}
    assert found["retry"] == "goes on where it stopped, once the cause is mended"
    assert found["rollback"].startswith("takes back")
    assert found["fail"].endswith("terminate removes what was made")


def test_a_rollback_that_is_not_possible_says_why() -> None:
    begun = StepEntry("remove", "SERVER/vm-1", 3, state=StepState.INTENT)
    found = remedies(stopped(OperationType.SCALE, begun))
    assert found["rollback"] == "not possible: SERVER/vm-1 is removed, or half so, and does not come back"
    assert found["fail"].endswith("SCALE can be asked for again")


def test_a_rollback_that_has_stopped_goes_on() -> None:
    undo = [StepEntry("deploy_vnfc", "web-0", 0, state=StepState.FAILED)]
    found = remedies(stopped(OperationType.SCALE, undo=undo))
    assert found["rollback"].startswith("goes on taking back")
    assert "what was taken back is made anew" in found["retry"]


def test_no_retry_helps_against_a_key_that_the_vim_does_not_know() -> None:
    error = {**ERROR, "vimErrorCode": 401}
    assert "accepts the key again" in remedies(stopped(OperationType.SCALE, error=error))["retry"]


def test_an_operation_that_is_being_given_up_can_only_be_given_up() -> None:
    assert set(remedies(stopped(OperationType.SCALE, given_up=True))) == {"fail"}


def test_a_decision_takes_the_advice_away() -> None:
    assert without({**ERROR, "remedies": {"retry": "…"}}) == ERROR
    assert without(None) is None
