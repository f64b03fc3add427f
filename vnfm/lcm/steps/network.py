"""Internal virtual links and placement groups."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain.deployment import GroupInstance
from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import follow
from vnfm.lcm.steps.making import Making
from vnfm.lcm.steps.twins import drop_twins
from vnfm.vim.port import GroupSpec, Kind, NetworkSpec, Trace


class CreateNetwork(Making):
    """Make the network of an internal virtual link. Target: the VL's VNFD id."""

    name: ClassVar[str] = "create_network"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create it, or see how its job stands."""
        if memo.get("phase") == "job":
            return self._made(follow(ctx, ctx.vim.poll(memo["job"]), memo), memo)
        if memo.get("phase") == "twins":
            return drop_twins(ctx, Kind.NETWORK, self.find(ctx, target), memo)
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
        return self._made(follow(ctx, ctx.vim.create_network(spec), memo), memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Network names are not unique in the VIM: one of ours is kept, if there is any."""
        if memo.get("phase") == "twins":
            return self.advance(ctx, target, memo)
        found = self.find(ctx, target)
        if found:
            return Wait({"phase": "twins", "id": found[0]}, 0)
        return Wait({"doubt": True}, 0, afresh=True)

    def trace(self, ctx: Context, target: str) -> Trace:
        """The link's network."""
        return Trace(Kind.NETWORK, ctx.deployment.link(target).name)

    def _made(self, progress: Progress, memo: Memo) -> Progress:
        """After a doubt the call in doubt may have made one as well."""
        if isinstance(progress, Done) and memo.get("doubt"):
            return Wait({"phase": "twins", "id": progress.result["id"]}, 0)
        return progress


class CreateGroup(Making):
    """Make the affinity group of a placement rule. Target: the rule's VNFD id."""

    name: ClassVar[str] = "create_group"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create it, or see how its job stands."""
        if memo.get("phase") == "job":
            return follow(ctx, ctx.vim.poll(memo["job"]), memo)
        group = _group(ctx, target)
        spec = GroupSpec(group.name, f"{ctx.instance.name or 'VNF'} {target}", group.anti)
        try:
            return follow(ctx, ctx.vim.create_group(spec), memo)
        except Permanent:  # refused for its name, if a call in doubt came after our look
            found = self.find(ctx, target)
            if found:
                return Done({"id": found[0]})
            raise

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A second creation would be refused for its name: find it."""
        found = self.find(ctx, target)
        return Done({"id": found[0]}) if found else Wait({}, 0, afresh=True)

    def trace(self, ctx: Context, target: str) -> Trace:
        """The rule's group."""
        return Trace(Kind.AFFINITY_GROUP, _group(ctx, target).name)


def _group(ctx: Context, key: str) -> GroupInstance:
    return next(group for group in ctx.deployment.groups if group.key == key)
