"""Last steps of operations that change a standing VNF: its record follows, and can be put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain.operation import OperationType
from vnfm.lcm import aftermath, evolution, running
from vnfm.lcm.assets import lasting
from vnfm.lcm.change_package import package_facts
from vnfm.lcm.context import Context
from vnfm.lcm.reshape import read_target
from vnfm.lcm.steps.finalise import Rewrite, assets, ruled_out


class FinaliseOperate(Rewrite):
    """The VNF, or some of its VNFCs, are started or stopped. Target: the state reached."""

    name: ClassVar[str] = "finalise_operate"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """vnfState, and which VNFCs are in another state."""
        return running.fields(ctx, ctx.instance.instantiated_vnf_info or {})


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
        info = evolution.at_levels(aftermath.record(ctx), levels)
        return {"instantiated_vnf_info": info, "resources": aftermath.resources(ctx), **assets(ctx)}


class FinaliseReshape(Rewrite):
    """The VNF is of another flavour or version. Target: see ``reshape.read_target``."""

    name: ClassVar[str] = "finalise_reshape"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """Record, inventory, and for a new package what it says of itself."""
        flavour, levels = read_target(target)
        info = evolution.reshaped(
            aftermath.record(ctx), ctx.vnfd.flavours[flavour], levels, ctx.vnfd.id, ctx.ext_virtual_links
        )
        changes: dict[str, Any] = {
            "instantiated_vnf_info": info,
            "resources": aftermath.resources(ctx),
            "ruled_out": ruled_out(ctx.vnfd.flavours[flavour]),
            "vim_assets": lasting(ctx, ctx.vnfd.flavours[flavour]),
        }
        if ctx.op.type is OperationType.CHANGE_VNFPKG:
            changes.update(package_facts(ctx.vnfd))
        return changes


class FinaliseHeal(Rewrite):
    """VNFCs that were re-created have other servers now."""

    name: ClassVar[str] = "finalise_heal"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The record and the inventory with the new ids."""
        return {"instantiated_vnf_info": aftermath.record(ctx), "resources": aftermath.resources(ctx)}
