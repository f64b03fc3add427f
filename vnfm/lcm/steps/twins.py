"""What a call in doubt may have made besides, where the VIM lets several things have one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vnfm.engine.step import Done, Memo, Progress
from vnfm.lcm.context import Context
from vnfm.lcm.steps.removal import remove_all
from vnfm.vim.port import Kind, Resource


def drop_twins(ctx: Context, kind: Kind, found: Sequence[str], memo: Memo) -> Progress:
    """Keep ``memo["id"]`` and remove the others of its name; nobody uses them, their maker lost its lease."""
    others = [Resource(kind, one) for one in found if one != memo["id"]]
    progress = remove_all(ctx, others, memo.get("removal") or {})
    if isinstance(progress, Done):
        return Done({"id": memo["id"]})
    return replace(progress, memo={**memo, "removal": progress.memo})
