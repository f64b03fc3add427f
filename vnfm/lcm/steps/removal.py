"""Taking things away: a server in service, and any resource by its recorded id.

``Vim.remove`` is repeated until the VIM proves the thing gone; an empty list is no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.vim.port import Failed, Finished, Kind, Lingering, Outcome, Resource, Started

#: A network is refused while bodies that the VIM is still purging have a NIC in it: look again for so long.
BUSY_SECONDS = 300.0


def remove_all(ctx: Context, resources: Sequence[Resource], memo: Memo) -> Progress:
    """Remove several things, one after the other; ``resources`` is what is (perhaps) still there."""
    if memo.get("phase") == "job":
        outcome = ctx.vim.poll(memo["job"])
        if isinstance(outcome, Started):
            return watch(ctx, outcome, memo)
        if isinstance(outcome, Failed) and not outcome.interrupted:
            raise verdict(outcome, "removing what an earlier try left")
    for resource in resources:
        outcome = ctx.vim.remove(resource)
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {"phase": "job"})
        if isinstance(outcome, Lingering):
            return Wait({"phase": "linger"}, outcome.delay)
        if isinstance(outcome, Failed):
            raise verdict(outcome, f"removing {resource.kind} {resource.id}")
    return Done({})


class RemoveResource(Step[Context]):
    """Remove one recorded resource until it is proven gone. Target: KIND/id."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask for the removal, or see how its job stands."""
        kind, _, resource_id = target.partition("/")
        begun = memo.get("begun") or ctx.now.isoformat()
        memo = {**memo, "begun": begun}
        if memo.get("phase") == "job":
            outcome = ctx.vim.poll(memo["job"])
            if isinstance(outcome, Started):
                return watch(ctx, outcome, memo)
            if isinstance(outcome, Failed):
                return self._again(ctx, target, memo, outcome)
        return self._judge(ctx, target, memo, ctx.vim.remove(Resource(Kind(kind), resource_id)))

    def _judge(self, ctx: Context, target: str, memo: Memo, outcome: Outcome) -> Progress:
        match outcome:
            case Finished():
                return Done({"gone": True})
            case Started():
                return watch(ctx, outcome, {**memo, "phase": "job"})
            case Lingering(text, delay):
                return self._linger(ctx, target, memo, text, delay)
            case Failed():
                return self._again(ctx, target, memo, outcome)

    def _again(self, ctx: Context, target: str, memo: Memo, failed: Failed) -> Progress:
        """A refused removal: of a network, perhaps only until the VIM has purged its bodies."""
        waited = _waited(ctx, memo)
        patience = BUSY_SECONDS if ctx.policy.purge_policy == "fail" else ctx.policy.purge_patience
        if failed.interrupted or (target.startswith(Kind.NETWORK) and waited < patience):
            return Wait({"phase": "busy", "begun": memo["begun"]}, ctx.policy.poll_pause * 3)
        if target.startswith(Kind.NETWORK) and ctx.policy.purge_policy == "leave":
            return Done(
                {"left": f"{target} is still in use by bodies that the VIM has not purged: {failed.text}"}
            )
        raise verdict(failed)

    def _linger(self, ctx: Context, target: str, memo: Memo, text: str, delay: float) -> Progress:
        left = ctx.policy.purge_patience - _waited(ctx, memo)
        if left > 0:
            return Wait({"phase": "linger", "begun": memo["begun"], "why": text}, min(delay, left))
        if ctx.policy.purge_policy == "leave":
            return Done({"left": f"{target} awaits the VIM's own purge: {text}"})
        raise Permanent(f"not purged within {ctx.policy.purge_patience:.0f} s: {text}")


class StopVnfc(Step[Context]):
    """Graceful end: ask the guest to shut down, and after the time-out pull the plug. Target: server id."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Stop it; a server that is not there or not running needs no stopping."""
        memo = {**memo, "begun": memo.get("begun") or ctx.now.isoformat()}
        if memo.get("phase") == "job":
            return self._look(ctx, target, memo)
        server = ctx.vim.read_server(target)
        if server is None or server.state.lower() != "running":
            return Done({"stopped": True})
        force = memo.get("phase") == "force"
        outcome = ctx.vim.stop_server(target, force=force)
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, "phase": "job", "forced": force})
        return self._ended(target, {**memo, "forced": force}, outcome)

    def _look(self, ctx: Context, target: str, memo: Memo) -> Progress:
        outcome = ctx.vim.poll(memo["job"])
        if not isinstance(outcome, Started):
            return self._ended(target, memo, outcome)
        timeout = ctx.op.params.get("gracefulTerminationTimeout")
        if timeout is not None and not memo["forced"] and _waited(ctx, memo) >= timeout:
            return Wait({"phase": "force", "begun": memo["begun"]}, 0)
        return watch(ctx, outcome, memo)

    def _ended(self, target: str, memo: Memo, outcome: Outcome) -> Progress:
        if not isinstance(outcome, Failed):
            return Done({"stopped": True, "forced": memo["forced"]})
        if memo["forced"] and not outcome.interrupted:
            raise verdict(outcome, "by force")
        return Wait({"phase": "force", "begun": memo["begun"]}, 0)


def _waited(ctx: Context, memo: Memo) -> float:
    return (ctx.now - datetime.fromisoformat(memo["begun"])).total_seconds()
