"""What the engine needs of a store: claim, renew, write under a fence. ``store.operations`` satisfies it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vnfm.domain.operation import CancelMode, Operation
from vnfm.errors import VnfmError


class LeaseLost(VnfmError):
    """Another worker has taken the operation over: stop, touch nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation that is ours until its lease ends; ``now`` is the database server's time at the claim."""

    operation: Operation
    now: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What identifies a claim in later writes."""

    operation_id: str
    fence: int


class Journal(Protocol):
    """Operations as the engine sees them."""

    def claim(self, owner: str, lease: float) -> Claim | None:
        """Take the operation that has been due longest, or None."""
        ...

    def renew(self, owner: str, holds: Collection[Hold], lease: float) -> None:
        """Stay owner of ``holds`` for ``lease`` more seconds; silent about lost ones."""
        ...

    def write(
        self, operation: Operation, steps: Sequence[int], *, state_changed: bool = False
    ) -> CancelMode | None:
        """Store entries of the current track (and, with ``state_changed``, the state with its outbox entry).

        Tells the cancel that is wanted by now. ``LeaseLost`` if the fence has moved on.
        """
        ...

    def release(self, operation: Operation, steps: Sequence[int], due: datetime | None) -> None:
        """As ``write``, and give the operation up until ``due`` (server time); None if it has ended."""
        ...
