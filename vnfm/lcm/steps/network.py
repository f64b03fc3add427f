"""Internal virtual links and placement groups."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain.deployment import GroupInstance
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import follow
from vnfm.lcm.steps.removal import remove_all
from vnfm.vim.port import GroupSpec, Kind, NetworkSpec, Resource


class CreateNetwork(Step[Context]):
    """Make the network of an internal virtual link. Target: the VL's VNFD id."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create it, or see how its job stands."""
        if memo.get("phase") == "job":
            return follow(ctx, ctx.vim.poll(memo["job"]), memo)
        link = ctx.deployment.link(target)
        if link.managed is not None:  # the grant brought one after the plan was made
            return Done({"managed": link.managed["resourceId"]})
        spec = NetworkSpec(
            name=link.name,
            display_name=f"{ctx.instance.name or 'VNF'} {target}",
            layer2=link.descriptor.is_layer2,
            cidr=link.descriptor.cidr,
            gateway=link.descriptor.gateway,
            mtu=link.descriptor.mtu,
        )
        return follow(ctx, ctx.vim.create_network(spec), memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Network names are not unique in the VIM: ours, if it is there, is found and kept."""
        found = ctx.vim.find_networks(ctx.deployment.link(target).name)
        return Done({"id": found[0]}) if found else self.advance(ctx, target, {})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove every network of our name."""
        found = ctx.vim.find_networks(ctx.deployment.link(target).name)
        return remove_all(ctx, [Resource(Kind.NETWORK, one) for one in found], memo)


class CreateGroup(Step[Context]):
    """Make the affinity group of a placement rule. Target: the rule's VNFD id."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create it, or see how its job stands."""
        if memo.get("phase") == "job":
            return follow(ctx, ctx.vim.poll(memo["job"]), memo)
        group = _group(ctx, target)
        spec = GroupSpec(group.name, f"{ctx.instance.name or 'VNF'} {target}", group.anti)
        return follow(ctx, ctx.vim.create_group(spec), memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A second creation would be refused for its name: find it."""
        found = ctx.vim.find_groups(_group(ctx, target).name)
        return Done({"id": found[0]}) if found else self.advance(ctx, target, {})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove it."""
        found = ctx.vim.find_groups(_group(ctx, target).name)
        return remove_all(ctx, [Resource(Kind.AFFINITY_GROUP, one) for one in found], memo)


def _group(ctx: Context, key: str) -> GroupInstance:
    return next(group for group in ctx.deployment.groups if group.key == key)
