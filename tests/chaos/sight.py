"""What the made-up lives see of themselves: one life and its VNF after a rule, and the chance that chooses
among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from random import Random
from typing import Any

from hypothesis import strategies as st

from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import RUNNABLE, Operation, OperationState, OperationType
from vnfm.lcm.plans import PLANS


class Chance(Random):
    """Drawn as one number: what is drawn later depends on the world, and hypothesis must not notice that."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._seed = seed

    def __repr__(self) -> str:
        return f"Chance({self._seed})"


CHANCE = st.integers(0, 999).map(Chance)


@dataclass
class Life:
    """One VNF and what it is at."""

    name: str
    instance_id: str
    operation_id: str | None = None
    #: What was given up has left marks that only TERMINATE removes.
    tainted: bool = False


@dataclass(frozen=True)
class Sight:
    """A life as it was seen after the last rule."""

    life: Life
    instance: Instance
    operation: Operation | None

    @property
    def runs(self) -> bool:
        return self.operation is not None and self.operation.state in RUNNABLE

    @property
    def failed(self) -> bool:
        return self.operation is not None and self.operation.state is OperationState.FAILED_TEMP

    @property
    def idle(self) -> bool:
        return not self.runs and not self.failed

    @property
    def gone(self) -> bool:
        """Nothing is left of it but its identifier."""
        made = self.instance.state is InstantiationState.INSTANTIATED or self.instance.is_half_made
        return self.idle and not made

    @property
    def kinds(self) -> list[OperationType]:
        """Operations that its state permits, the least curious last."""
        mild = [OperationType.MODIFY_INFO, OperationType.TERMINATE]
        found = [kind for kind in PLANS if self.idle and self.instance.refusal(kind) is None]
        return sorted(found, key=lambda kind: kind in mild)


def wants(which: Callable[[Sight], bool]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule for lives of some kind. No precondition of hypothesis: what it draws must not depend on ours."""

    def wrap(act: Callable[..., None]) -> Callable[..., None]:
        @wraps(act)
        def perhaps(self: Any, **drawn: Any) -> None:
            if any(map(which, self.seen)):
                act(self, **drawn)

        return perhaps

    return wrap
