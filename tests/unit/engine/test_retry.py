"""What a step's error means: the whole table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnfm.domain.operation import StepState
from vnfm.engine.retry import judge, next_pause
from vnfm.engine.step import Recovery
from vnfm.errors import Conflict, Permanent, Temporary, Unknown, VnfmError

RERUN, PROBE, ASK = Recovery.RERUN, Recovery.PROBE, Recovery.ASK
LATER, LOST = Temporary("later", 5.0), Unknown("reply lost")
FAILED = (StepState.FAILED, None)
SETTLE = 3.0
AGAIN, LOOK = (StepState.WAITING, 5.0), (StepState.INTENT, SETTLE)


@pytest.mark.parametrize(
    ("error", "recovery", "waited", "doubtful", "verdict"),
    [
        (Permanent("no"), PROBE, 0, False, FAILED),
        (Conflict("no"), RERUN, 0, False, FAILED),
        (VnfmError("what?"), RERUN, 0, False, FAILED),
        # Temporary: patience, the same for all.
        (LATER, RERUN, 0, False, AGAIN),
        (LATER, PROBE, 0, False, AGAIN),
        (LATER, ASK, 0, False, AGAIN),
        (LATER, RERUN, 58, False, (StepState.WAITING, 2.0)),
        (LATER, RERUN, 60, False, FAILED),
        (LATER, PROBE, 61, False, FAILED),
        # A look that could not be taken clears no doubt.
        (LATER, PROBE, 0, True, (StepState.INTENT, 5.0)),
        (LATER, PROBE, 60, True, FAILED),
        # Unknown: look; whoever cannot look asks a human.
        (LOST, ASK, 0, False, FAILED),
        (LOST, RERUN, 0, False, LOOK),
        (LOST, RERUN, 60, False, FAILED),
        (LOST, PROBE, 0, False, LOOK),
        (LOST, PROBE, 0, True, LOOK),
        (LOST, PROBE, 60, False, LOOK),
        (LOST, PROBE, 60, True, FAILED),
    ],
)
def test_verdicts(
    error: VnfmError,
    recovery: Recovery,
    waited: float,
    doubtful: bool,
    verdict: tuple[StepState, float | None],
) -> None:
    found = judge(error, recovery, waited, 60.0, settle=SETTLE, doubtful=doubtful)
    assert (found.state, found.delay) == verdict


def test_a_patience_of_nothing_still_ends() -> None:
    assert judge(LATER, RERUN, 0.0, 0.0).delay is None


@given(st.floats(0.01, 10), st.integers(0, 10_000))
def test_pauses_grow_to_ten_times_the_first(first: float, looks: int) -> None:
    assert first <= next_pause(first, looks) <= first * 10
    assert next_pause(first, looks) <= next_pause(first, looks + 1)


def test_pauses() -> None:
    assert [next_pause(2.0, looks) for looks in (0, 1, 2, 5, 6, 100)] == [2.0, 3.0, 4.5, 15.1875, 20.0, 20.0]
