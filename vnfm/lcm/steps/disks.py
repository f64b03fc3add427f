"""Data disks that outlive their server: taken off an old body and put under a new one. Target: VNFC
key/storage id."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import server_of
from vnfm.lcm.steps.repair import is_to_be_recreated
from vnfm.vim.port import Failed, Outcome, Started


class DetachVolume(Step[Context]):
    """Take a data disk off a server that is to be removed; the VIM calls a free one detached already."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Detach it, or see how that stands."""
        if not is_to_be_recreated(ctx, target.partition("/")[0]):
            return Done({"skipped": True})
        volume = _volume(ctx, target)
        if "held" not in memo:  # before anything is done: a rollback must know it
            return Wait({"phase": "act", "held": _holds(ctx, target, volume)}, 0)
        outcome = ctx.vim.poll(memo["job"]) if memo.get("phase") == "job" else ctx.vim.detach_volume(volume)
        return _followed(ctx, outcome, {**memo, "phase": "job"}, {"id": volume, "held": memo["held"]})

    def renew(self, memo: Memo) -> Memo:
        """A rollback after the retry must still know whether it was attached."""
        return {"held": memo["held"]} if "held" in memo else {}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Put it back under the server it was taken from."""
        entry = ctx.op.step(f"detach_volume:{target}")
        if not (entry.result.get("held") or entry.memo.get("held")):
            return Done({})
        server = standing.vnfc(ctx.instance, target.partition("/")[0]).server
        return _attach(ctx, target, server, memo)


class ReattachVolume(Step[Context]):
    """Put a data disk under the server that has taken the place of its former one."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Attach it, or see how that stands; one that is attached there already is no harm."""
        key = target.partition("/")[0]
        if not is_to_be_recreated(ctx, key):
            return Done({"skipped": True})
        return _attach(ctx, target, server_of(ctx, key), memo)


def _holds(ctx: Context, target: str, volume: str) -> bool:
    key = target.partition("/")[0]
    if ctx.result(f"diagnose_vnfc:{key}").get("state") is None:
        return False
    return volume in ctx.vim.list_volumes(standing.vnfc(ctx.instance, key).server)


def _volume(ctx: Context, target: str) -> str:
    key, _, storage = target.partition("/")
    return standing.vnfc(ctx.instance, key).volumes[storage]


def _attach(ctx: Context, target: str, server: str, memo: Memo) -> Progress:
    volume = _volume(ctx, target)
    pending = memo.get("phase") == "job"
    outcome = ctx.vim.poll(memo["job"]) if pending else ctx.vim.attach_volume(volume, server)
    return _followed(ctx, outcome, {"phase": "job"}, {"id": volume})


def _followed(ctx: Context, outcome: Outcome, memo: Memo, result: Memo) -> Progress:
    match outcome:
        case Started():
            return watch(ctx, outcome, memo)
        case Failed():
            raise verdict(outcome)
        case _:
            return Done(result)
