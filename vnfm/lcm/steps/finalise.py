"""The last step of an operation: write what it came to into the instance.

The instance is written before the occurrence becomes COMPLETED, and says by whom (``settled_by``): whoever
reads it in between sees the result, and a DELETE that comes then is served.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import OperationType
from vnfm.domain.vnfd import Flavour
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm import access, additions, inventory
from vnfm.lcm.context import Context


def settle(ctx: Context, changes: Mapping[str, Any]) -> Progress:
    """Write once; a second run finds its own mark. An instance deleted right afterwards is no error."""
    found = ctx.ports.instances.get(ctx.op.tenant, ctx.op.vnf_instance_id)
    if found is not None and found.settled_by != ctx.op.id:
        marked = {**changes, "settled_by": ctx.op.id}
        ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, marked)
    ctx.forget_brought()
    return Done({})


class Rewrite(Step[Context]):
    """Write some attributes of the instance, after noting what they were: a rollback restores them to the
    letter. VIM connections, extensions and configurable properties that the operation adds go with them."""

    recovery: ClassVar[Recovery] = Recovery.RERUN
    name: ClassVar[str]

    @abstractmethod
    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """Attributes of the instance to set."""

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note, then write; a second run finds the operation's mark and leaves it."""
        instance = stored_instance(ctx)
        if instance.settled_by == ctx.op.id:
            return settle(ctx, {})
        changes = {**additions.fields(ctx), **self.changes(ctx, target)}
        if "former" not in memo:
            former = {name: _plain(getattr(instance, name)) for name in changes}
            return Wait({"phase": "write", "former": former}, 0)
        access.keep(ctx)
        return settle(ctx, changes)

    def renew(self, memo: Memo) -> Memo:
        """The former record stays the former record."""
        return {"phase": "write", "former": memo["former"]} if "former" in memo else {}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Put the record back; steps undone next must see that, so the pause ends the slice."""
        if memo.get("phase") == "restored":
            return Done({})
        access.restore(ctx, ctx.connection_info())
        if stored_instance(ctx).settled_by != ctx.op.id:
            return Done({})
        entry = next(entry for entry in ctx.op.steps if entry.name == self.name)
        former = {**entry.memo["former"], "settled_by": None}
        ctx.ports.instances.update(ctx.op.tenant, ctx.op.vnf_instance_id, former)
        return Wait({"phase": "restored"}, ctx.policy.poll_pause)


def stored_instance(ctx: Context) -> Instance:
    """The instance as the database has it now: earlier steps of the same slice may have written to it."""
    found = ctx.ports.instances.get(ctx.op.tenant, ctx.op.vnf_instance_id)
    if found is None:
        raise Permanent(f"the VNF instance {ctx.op.vnf_instance_id} has vanished from the database")
    return found


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, InstantiationState) else value


class FinaliseInstantiate(Rewrite):
    """The instance becomes INSTANTIATED, with its inventory."""

    name: ClassVar[str] = "finalise_instantiate"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """State, record and inventory."""
        return {
            "state": str(InstantiationState.INSTANTIATED),
            "instantiated_vnf_info": inventory.instantiated_vnf_info(ctx),
            "resources": inventory.resources(ctx.op),
            "ruled_out": ruled_out(ctx.deployment.flavour),
            **assets(ctx),
        }


def ruled_out(flavour: Flavour) -> list[str]:
    """The operations that are no tasks of a VNF of this flavour."""
    return [str(kind) for kind in OperationType if not flavour.operations.supports(str(kind))]


def assets(ctx: Context) -> Mapping[str, Any]:
    """vimAssets of the grant, if it has any: they hold for later operations too."""
    assets = ctx.grant.get("vimAssets")
    return {"vim_assets": assets} if assets else {}


class FinaliseTerminate(Step[Context]):
    """The instance becomes NOT_INSTANTIATED; its identifier stays."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Forget the inventory. What the VIM has yet to purge stays in the occurrence's warnings."""
        access.keep(ctx)
        state = str(InstantiationState.NOT_INSTANTIATED)
        empty: dict[str, Any] = {"instantiated_vnf_info": None, "resources": [], "ruled_out": []}
        return settle(ctx, {**additions.fields(ctx), "state": state, **empty})
