"""Steps that make something with a name: whoever has not heard what came of a call finds it by that."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from vnfm.engine.step import Memo, Progress, Recovery, Step
from vnfm.lcm.context import Context
from vnfm.lcm.steps.removal import remove_made
from vnfm.vim.port import Trace


class Making(Step[Context]):
    """Makes one thing in the VIM; its id is the result's or the memo's ``id``."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True
    #: As the journal has it.
    name: ClassVar[str]

    @abstractmethod
    def trace(self, ctx: Context, target: str) -> Trace:
        """Kind and name of what it makes."""

    def find(self, ctx: Context, target: str) -> Sequence[str]:
        """Ids of all that has the name, oldest first."""
        return ctx.vim.find(self.trace(ctx, target))

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove all that has the name, and what is recorded."""
        found = self.find(ctx, target)
        return remove_made(ctx, f"{self.name}:{target}", self.trace(ctx, target).kind, found, memo)
