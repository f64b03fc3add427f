"""Last steps of operations that change a standing VNF: its record follows, and can be put back.

What the record said before is journalled before it is overwritten, so a rollback restores it to the letter.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain.operation import OperationType
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.lcm import aftermath, evolution
from vnfm.lcm.change_package import package_facts
from vnfm.lcm.context import Context
from vnfm.lcm.reshape import read_target
from vnfm.lcm.steps.finalise import assets, evolved_info, evolved_resources, keep_access, settle


class Rewrite(Step[Context]):
    """Write some attributes of the instance, after noting what they were."""

    recovery: ClassVar[Recovery] = Recovery.RERUN
    name: ClassVar[str]

    @abstractmethod
    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """Attributes of the instance to set."""

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note, then write; a second run finds the operation's mark and leaves it."""
        if ctx.instance.settled_by == ctx.op.id:
            return Done({})
        changes = self.changes(ctx, target)
        if "former" not in memo:
            former = {name: getattr(ctx.instance, name) for name in changes}
            return Wait({"phase": "write", "former": former}, 0)
        return settle(ctx, changes)

    def renew(self, memo: Memo) -> Memo:
        """The former record stays the former record."""
        return {"phase": "write", "former": memo["former"]} if "former" in memo else {}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Put the record back; steps undone next must see that, so the pause ends the slice."""
        entry = next(entry for entry in ctx.op.steps if entry.name == self.name)
        if memo.get("phase") == "restored" or ctx.instance.settled_by != ctx.op.id:
            return Done({})
        former = {**entry.memo["former"], "settled_by": None}
        ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, former)
        return Wait({"phase": "restored"}, ctx.policy.poll_pause)


class FinaliseOperate(Rewrite):
    """The VNF is started or stopped. Target: the state reached."""

    name: ClassVar[str] = "finalise_operate"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """vnfState."""
        return {"instantiated_vnf_info": {**(ctx.instance.instantiated_vnf_info or {}), "vnfState": target}}


class FinaliseScale(Rewrite):
    """VNFCs have joined or left. Target: the scale levels reached, ``aspect=level`` separated by commas."""

    name: ClassVar[str] = "finalise_scale"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The evolved record and inventory."""
        levels = {
            aspect: int(level)
            for aspect, _, level in (part.partition("=") for part in target.split(","))
            if aspect
        }
        info = evolution.at_levels(evolved_info(ctx), levels)
        return {"instantiated_vnf_info": info, "resources": evolved_resources(ctx), **assets(ctx)}


class FinaliseReshape(Rewrite):
    """The VNF is of another flavour or version. Target: see ``reshape.read_target``."""

    name: ClassVar[str] = "finalise_reshape"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """Record, inventory, what the request adds, and for a new package what it says of itself."""
        instance, params = ctx.instance, ctx.op.params
        flavour, levels = read_target(target)
        keep_access(ctx)
        info = evolution.reshaped(
            evolved_info(ctx), ctx.vnfd.flavours[flavour], levels, ctx.vnfd.id, ctx.ext_virtual_links
        )
        images = {k: v for k, v in instance.vim_assets.items() if k == "softwareImages"}
        changes: dict[str, Any] = {
            "instantiated_vnf_info": info,
            "resources": evolved_resources(ctx),
            "vim_connection_info": ctx.connection_info(),
            "vim_assets": ctx.grant.get("vimAssets") or images,
            "extensions": {**instance.extensions, **(params.get("extensions") or {})},
            "vnf_configurable_properties": {
                **instance.vnf_configurable_properties,
                **(params.get("vnfConfigurableProperties") or {}),
            },
        }
        if ctx.op.type is OperationType.CHANGE_VNFPKG:
            changes.update(package_facts(ctx.vnfd))
        return changes


class FinaliseHeal(Rewrite):
    """VNFCs that were re-created have other servers now."""

    name: ClassVar[str] = "finalise_heal"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The record and the inventory with the new ids."""
        bodies = aftermath.bodies(ctx.instance, ctx.op)
        return {
            "instantiated_vnf_info": evolution.with_bodies(ctx.instance.instantiated_vnf_info or {}, bodies),
            "resources": aftermath.resources(ctx.instance, ctx.op),
        }
