"""Is there room for all that an operation will make? Asked once: everything is known, nothing made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute, volume_spec
from vnfm.vim.port import RoomSpec

#: Steps that leave a standing VNFC with the root disk that its VDU wants now.
_ROOTS = ("upgrade_vnfc", "grow_root")


class CheckRoom(Step[Context]):
    """Compare the quotas of the VIM with what the steps of this operation will add. Only reads.

    Result: what was asked for. What is removed later in the same operation is not counted in its favour,
    since it goes last. Quotas that this user may not read, and those of other users of the VIM who are
    faster, are left to the VIM's own refusal.
    """

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Permanent names each quota with its limit, what is used, and what is wanted; or a disk that no
        offering fits."""
        wanted = room(ctx)
        ctx.vim.check_room(wanted)
        disks = [ctx.deployment.disk(key) for key in _targets(ctx, "add_volume")]
        ctx.vim.check_volumes([volume_spec(disk) for disk in disks])
        asked = {**asdict(wanted), "servers": len(wanted.servers)}
        return Done({name: value for name, value in asked.items() if value})


def room(ctx: Context) -> RoomSpec:
    """All that the plan will add; derived from its steps, so that a new plan needs no word here."""
    cpus, memory = _growth(ctx)
    return RoomSpec(
        servers=[chosen_compute(ctx, _vdu(key)) for key in _targets(ctx, "deploy_vnfc")],
        cpus=cpus,
        memory=memory,
        volumes=[_size(ctx, disk) for disk in _targets(ctx, "add_volume")],
        disk=sum(_size(ctx, disk) - _former_size(ctx, disk) for disk in _targets(ctx, "grow_volume"))
        + sum(_root_growth(ctx, key) for step in _ROOTS for key in _targets(ctx, step)),
        networks=sum(ctx.deployment.link(key).managed is None for key in _targets(ctx, "create_network")),
    )


def _growth(ctx: Context) -> tuple[int, int]:
    """CPUs and bytes of memory by which standing VNFCs grow, as the VNFD has them."""
    cpus = memory = 0
    for key in _targets(ctx, "resize_vnfc"):
        vnfc = standing.vnfc(ctx.instance, key)
        before = ctx.former_flavour.vdus[vnfc.vdu]
        after = ctx.deployment.flavour.vdus[vnfc.vdu]
        cpus += max(after.cpus - before.cpus, 0)
        memory += max(after.memory - before.memory, 0)
    return cpus, memory


def _size(ctx: Context, disk: str) -> int:
    return ctx.deployment.flavour.storages[disk.partition("/")[2]].size


def _former_size(ctx: Context, disk: str) -> int:
    return ctx.former_flavour.storages[disk.partition("/")[2]].size


def _root_growth(ctx: Context, key: str) -> int:
    """Nothing where the VNFD leaves a size to the VIM: then it cannot be known here."""
    vdu = standing.vnfc(ctx.instance, key).vdu
    before, after = ctx.former_flavour, ctx.deployment.flavour
    sizes = before.root_disk(before.vdus[vdu]), after.root_disk(after.vdus[vdu])
    return max((sizes[1] or 0) - (sizes[0] or 0), 0) if sizes[0] else 0


def _vdu(key: str) -> str:
    return key.rpartition("-")[0]


def _targets(ctx: Context, step: str) -> Iterator[str]:
    return (entry.target for entry in ctx.op.steps if entry.name == step)
