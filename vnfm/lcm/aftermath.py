"""What an operation leaves of an instance: its record and its inventory, from what they were and the journal.

The one place that says so, whether all steps are done or only some: the last step writes it when the
operation has come to its end, ``fail`` when it is given up half-way (SOL003 5.6.2.2: the VnfInstance reflects
what really exists).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from vnfm.domain import scaling, standing
from vnfm.domain.operation import OperationType, StepEntry, StepState
from vnfm.lcm import additions, evolution, inventory, replugs, reservations, running
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol


def record(ctx: Context) -> Sol:
    """instantiatedVnfInfo with what was removed, made and replaced so far; flavour and levels as before."""
    info = evolution.without(ctx.instance.instantiated_vnf_info or {}, _removed(ctx))
    if inventory.makes(ctx.op):
        info = evolution.joined(info, inventory.instantiated_vnf_info(ctx))
        info = evolution.with_disks(info, _more_disks(ctx))
    for key, rows in replugs.rows(ctx).items():
        vnfc = standing.vnfc(ctx.instance, key)
        info = evolution.replugged(info, vnfc.id, rows, ctx.connection_id)
    after = evolution.with_bodies(info, _bodies(ctx))
    return reservations.refreshed(ctx.instance.instantiated_vnf_info or {}, after)


def _more_disks(ctx: Context) -> Mapping[str, list[str]]:
    """By the id of a VNFC that stands, the data disks that it has got."""
    found: dict[str, list[str]] = {}
    for disk in inventory.more_disks(ctx):
        vnfc = standing.vnfc(ctx.instance, disk.key.partition("/")[0])
        found.setdefault(vnfc.id, []).append(disk.id)
    return found


def resources(ctx: Context) -> list[Mapping[str, Any]]:
    """The inventory now: what there was and is not proven gone, and what the operation has made.

    A VNFC whose new server is not whole keeps the id of the former one besides: then a later HEAL finds it,
    and TERMINATE removes both.
    """
    gone = {entry.target for entry in _removals(ctx) if not entry.result.get("left")}
    rest = [item for item in ctx.instance.resources if f"{item['kind']}/{item['id']}" not in gone]
    rest = reservations.kept(ctx, rest)
    return [*evolution.with_servers(rest, _bodies(ctx)), *inventory.resources(ctx.op)]


def given_up(ctx: Context) -> Mapping[str, Any]:
    """Attributes of the instance that show what is there when the operation is given up: FAILED.

    The flavour and the VNFD stay the former ones, because they were not reached, and with them the names of
    components; the scale levels are those that so many VNFCs amount to. A VNFC that has another image already
    says so by its vnfdId.
    """
    back = ctx.renaming.reversed()
    connections = {k: v for k, v in additions.fields(ctx).items() if k == "vim_connection_info"}
    shown: dict[str, Any] = {"resources": back.resources(resources(ctx)), **connections}
    if ctx.instance.instantiated_vnf_info is None:
        return shown
    info = back.record(record(ctx))
    flavour = standing.flavour_of(ctx.stored, ctx.source_vnfd)
    present = Counter(vnfc["vduId"] for vnfc in info.get("vnfcResourceInfo") or [])
    levels = scaling.reached(flavour, standing.scale_levels(ctx.stored), present)
    info = evolution.at_levels(info, levels)
    shown["instantiated_vnf_info"] = evolution.of_vnfd(info, _upgraded(ctx), ctx.vnfd.id)
    if ctx.op.type is OperationType.OPERATE:
        shown |= running.fields(ctx, shown["instantiated_vnf_info"])
    return shown


def _removals(ctx: Context) -> list[StepEntry]:
    return [entry for entry in ctx.op.steps if entry.name == "remove" and entry.state is StepState.DONE]


def _removed(ctx: Context) -> set[str]:
    """VIM ids of what this operation has removed."""
    return {entry.target.partition("/")[2] for entry in _removals(ctx)}


def _bodies(ctx: Context) -> Mapping[str, Mapping[str, Any]]:
    """What replaces what: by the id of the former server, the new one as it was read back."""
    return {
        standing.vnfc(ctx.instance, entry.target).server: entry.result
        for entry in ctx.op.steps
        if entry.name == "recreate_vnfc" and entry.state is StepState.DONE and entry.result.get("id")
    }


def _upgraded(ctx: Context) -> set[str]:
    """Ids of the VNFCs that have the image of another VNFD, and have not been taken back."""
    if ctx.op.type is not OperationType.CHANGE_VNFPKG:
        return set()
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    done = [e for e in ctx.op.steps if e.name == "upgrade_vnfc" and e.state is StepState.DONE]
    return {standing.vnfc(ctx.instance, e.target).id for e in done if e.key not in undone}
