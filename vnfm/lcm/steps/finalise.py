"""The last step of an operation: write what it came to into the instance.

The instance is written before the occurrence becomes COMPLETED, and says by whom (``settled_by``): whoever
reads it in between sees the result, and a DELETE that comes then is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import StepState
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.lcm import evolution, inventory
from vnfm.lcm.context import Context, secret_name


def settle(ctx: Context, changes: Mapping[str, Any]) -> Progress:
    """Write once; a second run finds its own mark. An instance deleted right afterwards is no error."""
    found = ctx.ports.instances.get(ctx.op.tenant, ctx.op.vnf_instance_id)
    if found is not None and found.settled_by != ctx.op.id:
        marked = {**changes, "settled_by": ctx.op.id}
        ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, marked)
    ctx.forget_brought()
    return Done({})


def keep_access(ctx: Context) -> None:
    """The credentials this operation worked with become the instance's."""
    for connection_id in ctx.connection_info():
        access = ctx.access_info(connection_id)
        if access is not None:
            ctx.ports.secrets.put(ctx.op.tenant, secret_name(ctx.instance.id, connection_id), access)


class FinaliseInstantiate(Step[Context]):
    """The instance becomes INSTANTIATED, with its inventory."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Write instantiatedVnfInfo, inventory, credentials, and what the request adds to the instance."""
        instance, params = ctx.instance, ctx.op.params
        keep_access(ctx)
        return settle(
            ctx,
            {
                "state": str(InstantiationState.INSTANTIATED),
                "instantiated_vnf_info": inventory.instantiated_vnf_info(ctx),
                "resources": inventory.resources(ctx.op),
                "vim_connection_info": ctx.connection_info(),
                **assets(ctx),
                "extensions": {**instance.extensions, **(params.get("extensions") or {})},
                "vnf_configurable_properties": {
                    **instance.vnf_configurable_properties,
                    **(params.get("vnfConfigurableProperties") or {}),
                },
            },
        )

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """The instance is as it was; what the operation made is removed by the steps that made it."""
        found = ctx.ports.instances.get(ctx.op.tenant, ctx.op.vnf_instance_id)
        if found is not None and found.settled_by == ctx.op.id:
            state = str(InstantiationState.NOT_INSTANTIATED)
            empty: dict[str, Any] = {
                "state": state,
                "instantiated_vnf_info": None,
                "resources": [],
                "settled_by": None,
            }
            ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, empty)
        return Done({})


def evolved_info(ctx: Context) -> dict[str, Any]:
    """instantiatedVnfInfo after the VNFCs this operation has removed and made."""
    removed = removed_ids(ctx)
    info = evolution.without(ctx.instance.instantiated_vnf_info or {}, removed, removed)
    if any(entry.name == "deploy_vnfc" for entry in ctx.op.steps):
        info = evolution.joined(info, inventory.instantiated_vnf_info(ctx))
    return info


def evolved_resources(ctx: Context) -> list[Mapping[str, Any]]:
    """The inventory after the operation."""
    removed = removed_ids(ctx)
    kept = [item for item in ctx.instance.resources if item["id"] not in removed]
    return [*kept, *inventory.resources(ctx.op)]


def removed_ids(ctx: Context) -> set[str]:
    """VIM ids of what this operation has removed."""
    return {
        entry.target.partition("/")[2]
        for entry in ctx.op.steps
        if entry.name == "remove" and entry.state is StepState.DONE
    }


def assets(ctx: Context) -> Mapping[str, Any]:
    """vimAssets of the grant, if it has any: they hold for later operations too."""
    assets = ctx.grant.get("vimAssets")
    return {"vim_assets": assets} if assets else {}


class FinaliseTerminate(Step[Context]):
    """The instance becomes NOT_INSTANTIATED; its identifier stays."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Forget the inventory. What the VIM has yet to purge stays in the occurrence's warnings."""
        state = str(InstantiationState.NOT_INSTANTIATED)
        return settle(ctx, {"state": state, "instantiated_vnf_info": None, "resources": []})
