"""VNFCs that stay and join or leave placement groups: CloudStack changes those of stopped servers only."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain import reshaping, standing
from vnfm.domain.vnfd import Flavour
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.lcm.context import Context
from vnfm.lcm.steps.halting import Deed, carry_out, keeping, settled
from vnfm.lcm.steps.power import server_of
from vnfm.vim.port import Server


class RegroupVnfc(Step[Context]):
    """Give a VNFC's server the groups of the new placement rules. Target: its key."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note which groups it has, stop it, change them, and start it if it ran: the VIM finds a host.
        Groups that are not of this VNF's making stay."""
        server_id = server_of(ctx, target)
        if "former" not in memo:
            server = settled(ctx, server_id)
            return Wait({"phase": "look", "former": list(server.group_ids)}, 0)
        ours = set(standing.groups(ctx.instance).values())
        others = [group for group in memo["former"] if group not in ours]
        vdu = standing.vnfc(ctx.instance, target).vdu
        wanted = [*others, *_groups(ctx, ctx.deployment.flavour, vdu)]
        return keeping(_assign(ctx, server_id, wanted, memo), memo, "former")

    def renew(self, memo: Memo) -> Memo:
        """A rollback after the retry must still know what it had."""
        return {key: memo[key] for key in ("former", "state") if key in memo}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Back to the groups it had; one that was never stopped for it is left alone."""
        entry = ctx.op.step(f"regroup_vnfc:{target}")
        former = entry.result.get("former", entry.memo.get("former"))
        if former is None:
            return Done({})
        before = {"state": entry.memo.get("state"), **memo} if entry.memo.get("state") else memo
        return _assign(ctx, server_of(ctx, target), list(former), before)


def _assign(ctx: Context, server_id: str, wanted: list[str], memo: Memo) -> Progress:
    """A server that has the groups already is stopped for nothing."""

    def obstacle(server: Server) -> str | None:
        return None if set(server.group_ids) == set(wanted) else "groups change only while it is stopped"

    return carry_out(ctx, server_id, Deed(lambda: ctx.vim.set_groups(server_id, wanted), obstacle), memo)


def _groups(ctx: Context, flavour: Flavour, vdu: str) -> list[str]:
    """VIM ids of the groups of a VDU's rules: those that stand, and those this operation has made."""
    known = standing.groups(ctx.instance)
    made = {
        entry.target: str(entry.result["id"])
        for entry in ctx.op.steps
        if entry.name == "create_group" and entry.result.get("id")
    }
    return [{**known, **made}[rule] for rule in reshaping.rules_of(flavour, vdu)]
