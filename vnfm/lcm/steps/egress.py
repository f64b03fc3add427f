"""Security rules for what may leave the VNF's own networks."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain.opening import Opening
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import follow
from vnfm.lcm.steps.removal import remove_all
from vnfm.vim.port import Kind, PortSpec, Resource


class OpenEgress(Step[Context]):
    """Have the router of a network let something out. Target: security rule/virtual link.

    Where the router lets everything out by default, a rule would forbid instead: none is made, and the
    result's ``left`` says so.
    """

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Open it, or see how its job stands."""
        if memo.get("phase") == "job":
            return follow(ctx, ctx.vim.poll(memo["job"]), memo)
        network = _network(ctx, target)
        if network is None:
            return Done({"left": f"security rule {target} is not enforced: the network is not the VNF's own"})
        filtered = ctx.vim.filters_egress(network)
        if not filtered:
            why = "everything may leave it" if filtered is False else "it has no router that filters"
            return Done({"left": f"security rule {target} is not enforced: the network is such that {why}"})
        found = ctx.vim.find_egress(network, _spec(ctx, target))
        if found:
            return Done({"id": found[0]})
        return follow(ctx, ctx.vim.open_egress(network, _spec(ctx, target)), memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A second of the same would be refused: find it."""
        network = _network(ctx, target)
        found = ctx.vim.find_egress(network, _spec(ctx, target)) if network else []
        return Done({"id": found[0]}) if found else Wait({}, 0, afresh=True)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Close it again."""
        network = _network(ctx, target)
        found = ctx.vim.find_egress(network, _spec(ctx, target)) if network else []
        return remove_all(ctx, [Resource(Kind.EGRESS_RULE, one) for one in found], memo)


def _network(ctx: Context, target: str) -> str | None:
    """The VIM's network of the link; None if the NFVO's grant has brought another than the VNF's own."""
    made = ctx.result(f"create_network:{target.rpartition('/')[2]}").get("id")
    return str(made) if made else None


def _spec(ctx: Context, target: str) -> PortSpec:
    opening: Opening = next(one for one in ctx.deployment.openings if one.target == target)
    return PortSpec(opening.protocol, opening.first, opening.last, cidrs=())
