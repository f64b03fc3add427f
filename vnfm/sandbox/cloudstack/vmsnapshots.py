"""Snapshots of whole VMs: their tree, and what may not be done while one exists."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import invalid
from vnfm.sandbox.cloudstack.world import World


def of(world: World, vm: model.VM) -> list[model.VMSnapshot]:
    return [snapshot for snapshot in world.vmsnapshots if snapshot.vm is vm]


def need_none(world: World, vm: model.VM, told: str) -> None:
    if of(world, vm):
        raise invalid(told)


def current_of(world: World, vm: model.VM) -> model.VMSnapshot | None:
    return next((snapshot for snapshot in of(world, vm) if snapshot.current), None)


def make_current(world: World, chosen: model.VMSnapshot) -> None:
    for snapshot in of(world, chosen.vm):
        if snapshot.current is not None:
            snapshot.current = snapshot is chosen


def take_out(world: World, doomed: model.VMSnapshot) -> None:
    """Remove one from the tree: its children move up to its parent, which is current if it was."""
    for snapshot in of(world, doomed.vm):
        if snapshot.parent is doomed:
            snapshot.parent = doomed.parent
    world.vmsnapshots.remove(doomed)
    if doomed.current and doomed.parent is not None:
        make_current(world, doomed.parent)
