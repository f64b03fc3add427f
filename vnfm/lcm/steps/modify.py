"""The two steps of MODIFY_INFO: find out what the patch changes, then change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain import patch
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.lcm import access, modify
from vnfm.lcm.context import Context, operation_secret_name
from vnfm.lcm.steps.finalise import settle


class CompareInfo(Step[Context]):
    """Reads only, and remembers: after a crash nobody could tell any more what was there before."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Journal the attributes as they are and as they will be, and the difference."""
        before = modify.shown(ctx.instance)
        after = modify.patched(before, ctx.op.params)
        changed = patch.difference(before, after)
        secret = [one for one in _touched(ctx) if _new_access(ctx, one) != access.stored(ctx, one)]
        known, wanted = before["vimConnectionInfo"], after["vimConnectionInfo"]
        connections = {one: wanted.get(one) for one in {*known, *wanted}}
        told = {
            one: info
            for one, info in sorted(connections.items())
            if info != known.get(one) or (info is not None and one in secret)
        }
        vnfcs = _told_of_vnfcs(changed.pop("vnfcInfoModifications", {}), before)
        if vnfcs:
            changed["vnfcInfoModifications"] = vnfcs
        changed.pop("vimConnectionInfo", None)
        if told:  # an entry is told as a whole, or as removed
            changed["vimConnectionInfo"] = told
        names = [name for name in changed if before.get(name) != after.get(name)]
        return Done({"before": _only(before, names), "after": _only(after, names), "changed": changed})


class FinaliseModify(Step[Context]):
    """The instance says what was asked for."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Write credentials first: whoever sees the new attributes can use them."""
        compared = ctx.result("compare_info")
        if not _is_settled(ctx):
            for connection_id in _touched(ctx):
                access.put(ctx, connection_id, _new_access(ctx, connection_id))
        return settle(ctx, _fields(compared["before"], compared["after"]))

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """As it was before, credentials included."""
        compared = ctx.result("compare_info")
        access.restore(ctx, _touched(ctx))
        if _is_settled(ctx):
            changes = {**_fields(compared["after"], compared["before"]), "settled_by": None}
            ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, changes)
        return Done({})


def _told_of_vnfcs(changed: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """A VNFC stays when its last property goes, so each property is told as removed."""
    return {
        vnfc: dict.fromkeys(before["vnfcInfoModifications"][vnfc]) if properties is None else properties
        for vnfc, properties in changed.items()
    }


def _is_settled(ctx: Context) -> bool:
    """As the database has it now: the context's own instance may be older than this operation's write."""
    found = ctx.ports.instances.get(ctx.op.tenant, ctx.op.vnf_instance_id)
    return found is not None and found.settled_by == ctx.op.id


def _only(values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of ``Instance`` to set so that it shows ``new`` where it showed ``old``."""
    return {modify.FIELDS[name]: new.get(name) for name in {*old, *new}}


def _touched(ctx: Context) -> list[str]:
    """VIM connections whose accessInfo the request speaks of, or that it removes."""
    if "vimConnectionInfo" not in ctx.op.params:
        return []
    asked = ctx.op.params["vimConnectionInfo"]
    return sorted(ctx.instance.vim_connection_info) if asked is None else sorted(asked)


def _new_access(ctx: Context, connection_id: str) -> Mapping[str, Any]:
    """accessInfo after the request; {} for none."""
    info = (ctx.op.params["vimConnectionInfo"] or {}).get(connection_id)
    if info is None or ("accessInfo" in info and info["accessInfo"] is None):
        return {}
    name = operation_secret_name(ctx.op.vnf_instance_id, ctx.op.id, connection_id)
    brought = ctx.ports.secrets.get(ctx.op.tenant, name) or {}
    merged: Mapping[str, Any] = patch.apply(access.stored(ctx, connection_id), brought)
    return merged
