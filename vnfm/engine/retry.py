"""What a step's error means for its operation: a pure rule, tested as a table."""

from __future__ import annotations

from dataclasses import dataclass

from vnfm.domain.operation import StepState
from vnfm.engine.step import Recovery
from vnfm.errors import Temporary, Unknown, VnfmError


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` the step's next state; ``delay`` None means the operation fails."""

    state: StepState
    delay: float | None


def judge(
    error: VnfmError,
    recovery: Recovery,
    waited: float,
    patience: float,
    *,
    settle: float = 2.0,
    doubtful: bool = False,
) -> Verdict:
    """Decide after ``error``; ``waited`` is how many seconds this step has been meeting errors already,
    ``settle`` is the pause before a look at what a lost call has come to: the VIM may still be at it;
    ``doubtful`` says that it was in doubt before this call, so that for a PROBE step the call was a look.

    Temporary and Unknown errors are met with patience. After an Unknown the step stays in INTENT, so that a
    PROBE step looks before it acts, once even when patience is over; a step that can only ask stops at once.
    A doubt is not cleared by a look that could not be taken.
    """
    if isinstance(error, Unknown):
        may_look = recovery is Recovery.PROBE and not doubtful
        if recovery is Recovery.ASK or (waited >= patience and not may_look):
            return Verdict(StepState.FAILED, None)
        return Verdict(StepState.INTENT, settle)
    if isinstance(error, Temporary) and waited < patience:
        state = StepState.INTENT if doubtful else StepState.WAITING
        return Verdict(state, min(error.delay, max(patience - waited, 0.0)))
    return Verdict(StepState.FAILED, None)


def next_pause(first: float, attempts: int) -> float:
    """The pause before look number ``attempts``: grows by half, at most ten times ``first``."""
    return float(min(first * 1.5 ** min(attempts, 16), first * 10))
