"""What a step is: a small state machine whose memory is its journal entry.

The runner calls ``advance`` until it says ``Done``. Whatever a step must remember between two calls it
returns in ``Wait.memo``; the runner journals that before the next call, so a step never blocks a thread and
any worker can go on with it. A worker may die inside ``advance``; what then is unknown, and each step
declares how to find out:

* ``RERUN`` – calling ``advance`` again is harmless (reads, idempotent writes). No creating step may say so.
* ``PROBE`` – ``probe`` looks at the world first and says how to go on.
* ``ASK``   – nobody can tell; the operation stops in FAILED_TEMP and a human decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

ContextT = TypeVar("ContextT")
Memo = Mapping[str, Any]


class Recovery(StrEnum):
    """What a half-done run leaves, and so what a second worker must do first."""

    RERUN = "RERUN"
    PROBE = "PROBE"
    ASK = "ASK"


@dataclass(frozen=True, slots=True)
class Done:
    """The step is finished; ``result`` is journalled and later steps read it."""

    result: Memo = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not finished: journal ``memo`` and call again after ``delay`` seconds (0 = at once).

    ``watching`` promises that the next call only looks (polls a job): it needs no INTENT before it.
    ``job`` is the id of the VIM job waited for, as the VIM shows it; the journal keeps it when the memo has
    long moved on.
    """

    memo: Memo
    delay: float = 1.0
    watching: bool = False
    job: str | None = None
    #: What a look says that found nothing of an earlier try: the next call acts anew, if patience lasts.
    afresh: bool = False


Progress = Done | Wait


class Step(ABC, Generic[ContextT]):
    """One kind of step; ``target`` says which VNFC, virtual link, group … this entry of the plan means."""

    recovery: ClassVar[Recovery]
    #: Whether it makes something in the world; then it must also know how to ``undo``.
    creates: ClassVar[bool] = False

    @abstractmethod
    def advance(self, ctx: ContextT, target: str, memo: Memo) -> Progress:
        """Do the next bit. ``memo`` is {} at first."""

    def probe(self, ctx: ContextT, target: str, memo: Memo) -> Progress:
        """Find out how far an interrupted ``advance`` came; ``PROBE`` steps must say how."""
        raise TypeError(f"{type(self).__name__} declares {self.recovery} and has no probe")

    @property
    def can_undo(self) -> bool:
        """Whether a rollback has something to do for this kind of step."""
        return type(self).undo is not Step.undo

    def renew(self, memo: Memo) -> Memo:
        """What of ``memo`` a retry starts with, after the step has failed or was undone."""
        return {}

    def undo(self, ctx: ContextT, target: str, memo: Memo) -> Progress:
        """Take back what ``advance`` made, finished or half-done; creating steps must say how."""
        raise TypeError(f"{type(self).__name__} creates nothing that could be undone")
