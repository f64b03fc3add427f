"""What is told of an operation in each state (SOL003 5.5.2.17)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vnfm.domain import event
from vnfm.domain.operation import Operation, OperationState, OperationType

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = {"affectedVnfcs": [{"id": "c1"}]}


def operation(state: str, **fields: object) -> Operation:
    return Operation(
        "op1", "t", "i1", OperationType.SCALE, OperationState(state), {}, 1, [], NOW, NOW, "r", **fields
    )  # type: ignore[arg-type]  # a table of mixed types


@pytest.mark.parametrize(
    ("state", "has_error"),
    [
        ("STARTING", False),
        ("PROCESSING", False),
        ("COMPLETED", False),
        ("ROLLING_BACK", False),
        ("FAILED_TEMP", True),
        ("FAILED", True),
        ("ROLLED_BACK", True),
    ],
)
def test_the_error_is_told_in_the_states_of_the_standard(state: str, has_error: bool) -> None:
    told = event.news(operation(state, error={"status": 500, "detail": "x"}, resource_changes=CHANGED))
    assert ("error" in told) is has_error
    assert told["resource_changes"] == CHANGED


def test_what_has_not_been_changed_is_not_told() -> None:
    assert event.news(operation("STARTING")) == {}
