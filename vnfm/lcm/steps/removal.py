"""Taking things away: a server in service, and any resource by its recorded id.

``Vim.remove`` is repeated until the VIM proves the thing gone; an empty list is no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import RUNNING, drive
from vnfm.vim.port import Failed, Finished, Kind, Lingering, Outcome, Resource, Started, Trace

#: What is refused while bodies that the VIM is still purging have a NIC in it, or are its members: look again
#: for so long.
BUSY = frozenset({Kind.NETWORK, Kind.SECURITY_GROUP})
BUSY_SECONDS = 300.0


def remove_made(ctx: Context, key: str, kind: Kind, found: Iterable[str], memo: Memo) -> Progress:
    """Undo of the step ``key``: remove what was found by its name, and what it recorded, for an empty list
    is no proof."""
    made = ctx.op.step(key)
    known = made.result.get("id") or made.memo.get("id")
    ids = dict.fromkeys([*([known] if known else []), *found])
    return remove_all(ctx, [Resource(kind, one) for one in ids], memo)


def remove_all(ctx: Context, resources: Sequence[Resource], memo: Memo) -> Progress:
    """Remove things, one after the other, each until it is proven gone; the same list at every call.

    What the VIM will only purge by itself is waited for, and then, if the policy says so, left: the result's
    ``left`` names it.
    """
    memo = {**memo, "begun": memo.get("begun") or ctx.now.isoformat()}
    if memo.get("phase") == "job":
        outcome = ctx.vim.poll(memo["job"])
        if isinstance(outcome, Started):
            return watch(ctx, outcome, memo)
        if isinstance(outcome, Failed):
            return _refused(ctx, Resource(Kind(memo["kind"]), memo["of"]), memo, outcome)
    left = memo.get("left") or {}
    for resource in resources:
        progress = None if resource.id in left else _remove(ctx, resource, memo)
        if progress is not None:
            return progress
    return Done({"left": "; ".join(left.values())} if left else {"gone": True})


def _remove(ctx: Context, resource: Resource, memo: Memo) -> Progress | None:
    """One call for one thing; None when it is proven gone."""
    match ctx.vim.remove(resource):
        case Finished():
            return None
        case Started() as outcome:
            after = {**_kept(memo), "phase": "job", "kind": str(resource.kind), "of": resource.id}
            return watch(ctx, outcome, after)
        case Lingering(text, delay):
            return _linger(ctx, resource, memo, text, delay)
        case Failed() as outcome:
            return _refused(ctx, resource, memo, outcome)


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in ("begun", "left") if memo.get(key)}


def _refused(ctx: Context, resource: Resource, memo: Memo, failed: Failed) -> Progress:
    """A refused removal: perhaps only until the VIM has purged what uses it."""
    if failed.interrupted:
        return Wait({**_kept(memo), "phase": "again"}, ctx.policy.poll_pause * 3)
    if resource.kind not in BUSY:
        raise verdict(failed, _naming(ctx, resource))
    leave = ctx.policy.purge_policy == "leave"
    if _waited(ctx, memo) < (ctx.policy.purge_patience if leave else BUSY_SECONDS):
        return Wait({**_kept(memo), "phase": "busy"}, ctx.policy.poll_pause * 3)
    if leave:
        return _leave(resource, memo, f"is still in use by bodies that the VIM has not purged: {failed.text}")
    raise verdict(failed, _naming(ctx, resource))


def _naming(ctx: Context, resource: Resource) -> str:
    return f"removing {resource.kind} {resource.id}" if ctx.op.undo else ""


def _linger(ctx: Context, resource: Resource, memo: Memo, text: str, delay: float) -> Progress:
    left = ctx.policy.purge_patience - _waited(ctx, memo)
    if left > 0:
        return Wait({**_kept(memo), "phase": "linger", "why": text}, min(delay, left))
    if ctx.policy.purge_policy == "leave":
        return _leave(resource, memo, f"awaits the VIM's own purge: {text}")
    raise Permanent(f"not purged within {ctx.policy.purge_patience:.0f} s: {text}")


def _leave(resource: Resource, memo: Memo, why: str) -> Progress:
    """Go on with the rest; the operation's warnings will name this one."""
    known = {**(memo.get("left") or {}), resource.id: f"{resource.kind}/{resource.id} {why}"}
    return Wait({**_kept(memo), "left": known}, 0)


class RemoveResource(Step[Context]):
    """Remove one recorded resource until it is proven gone. Target: KIND/id."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask for the removal, or see how its job stands."""
        kind, _, resource_id = target.partition("/")
        return remove_all(ctx, [Resource(Kind(kind), resource_id)], memo)


class RemoveUnseen(Step[Context]):
    """Remove what the VIM could not be asked about when an operation was given up, if it is there. Target:
    KIND/holder/name."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Find it by its name; what is recorded as well has a step of its own."""
        if "ids" not in memo:
            kind, holder, name = target.split("/", 2)
            recorded = {item["id"] for item in ctx.instance.resources}
            found = ctx.vim.find(Trace(Kind(kind), name, holder))
            return Wait({"kind": kind, "ids": [one for one in found if one not in recorded]}, 0)
        made = [Resource(Kind(memo["kind"]), one) for one in memo["ids"]]
        progress = remove_all(ctx, made, memo.get("removal") or {})
        if isinstance(progress, Done):
            return progress
        return replace(progress, memo={**memo, "removal": progress.memo})


class StopVnfc(Step[Context]):
    """Graceful end: ask the guest to shut down, and after the time-out pull the plug. Target: server id."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Stop it; a server that is not there or not running needs no stopping."""
        memo = {**memo, "begun": memo.get("begun") or ctx.now.isoformat()}
        if memo.get("phase") == "job":
            return self._look(ctx, target, memo)
        server = ctx.vim.read_server(target)
        if server is None or server.state.lower() != RUNNING:
            return Done({"stopped": True, "former": memo.get("former")})
        memo = {**memo, "former": RUNNING}
        force = memo.get("phase") == "force"
        outcome = ctx.vim.stop_server(target, force=force)
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, "phase": "job", "forced": force})
        return self._ended({**memo, "forced": force}, outcome)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A server that was to be removed, and is not, runs again if it ran before."""
        forward = ctx.op.step(f"stop_vnfc:{target}")
        if RUNNING not in (forward.result.get("former"), forward.memo.get("former")):
            return Done({})
        return drive(ctx, target, RUNNING, memo)

    def _look(self, ctx: Context, target: str, memo: Memo) -> Progress:
        outcome = ctx.vim.poll(memo["job"])
        if not isinstance(outcome, Started):
            return self._ended(memo, outcome)
        timeout = _guest_time(ctx)
        if timeout is not None and not memo["forced"] and _waited(ctx, memo) >= timeout:
            return self._force(memo)
        return watch(ctx, outcome, memo, least=timeout or 0.0)

    def _ended(self, memo: Memo, outcome: Outcome) -> Progress:
        if not isinstance(outcome, Failed):
            return Done({"stopped": True, "forced": memo["forced"], "former": RUNNING})
        if memo["forced"] and not outcome.interrupted:
            raise verdict(outcome, "by force")
        return self._force(memo)

    def _force(self, memo: Memo) -> Progress:
        return Wait({"phase": "force", "begun": memo["begun"], "former": RUNNING}, 0)


def _guest_time(ctx: Context) -> float | None:
    """Seconds a guest is given: the request's, else what the VNFD recommends at most, else no limit."""
    asked = ctx.op.params.get("gracefulTerminationTimeout")
    if asked is not None or ctx.instance.instantiated_vnf_info is None:
        return asked
    rules = standing.flavour_of(ctx.instance, ctx.source_vnfd).operations
    return rules.max_recommended_graceful_termination_timeout


def _waited(ctx: Context, memo: Memo) -> float:
    return ctx.elapsed(memo["begun"])
