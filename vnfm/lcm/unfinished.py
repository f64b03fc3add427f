"""What the journal cannot tell of an operation that is given up: the VIM is asked, and nothing is done there.

A step that failed may have made something all the same: the answer to its call was lost, and then it could
not look. What cannot be found out now either goes into the inventory under its name (``UNSEEN``).
"""

from __future__ import annotations

from vnfm.domain.operation import StepEntry, StepState
from vnfm.errors import VnfmError
from vnfm.lcm.context import Context
from vnfm.lcm.steps import STEPS
from vnfm.lcm.steps.making import Making
from vnfm.lcm.steps.rewiring import note_nics


def look_again(ctx: Context) -> list[str]:
    """Note in the journal what is there. Answers what could not be found out, for the warnings."""
    return [*note_nics(ctx), *_note_made(ctx)]


def _note_made(ctx: Context) -> list[str]:
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    recorded = {item["id"] for item in ctx.instance.resources}
    begun = [e for e in ctx.op.steps if e.state not in {StepState.PENDING, StepState.DONE}]
    unseen = []
    for entry in begun:
        step = STEPS.get(entry.name)  # a journal of a later release may have others
        if isinstance(step, Making) and entry.key not in undone:
            unseen += _note(ctx, step, entry, recorded)
    return unseen


def _note(ctx: Context, step: Making, entry: StepEntry, recorded: set[str]) -> list[str]:
    trace = step.trace(ctx, entry.target)
    try:
        found = ctx.vim.find(trace)
    except VnfmError as exc:
        entry.memo = {**entry.memo, "unseen": [f"{trace.kind}/{trace.holder}/{trace.name}"]}
        what = f"{trace.kind} {trace.name}"
        return [f"whether there is a {what} could not be found out; TERMINATE will look: {exc.detail}"]
    bodies = [*(entry.memo.get("bodies") or []), *(one for one in found if one not in recorded)]
    entry.memo = {**entry.memo, "unseen": [], "bodies": list(dict.fromkeys(bodies))}
    return []
