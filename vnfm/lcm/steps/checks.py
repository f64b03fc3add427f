"""Looks before the leap: everything that can be found wrong before anything is made. All only read."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from vnfm.domain.deployment import StorageInstance
from vnfm.domain.vnfd import Flavour, Vdu, storage_tags
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.errors import Permanent
from vnfm.lcm import additions, assets, connectivity, inventory, modifications
from vnfm.lcm.context import Context
from vnfm.lcm.departures import planned_removals
from vnfm.vim.port import ComputeChoice, ComputeNeed, VolumeSpec


class CheckPlan(Step[Context]):
    """Last step of STARTING: with the grant known, is everything named that will be needed?"""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Choose the VIM connection, check its attributes, and lay out the deployment; no call is made."""
        _ = ctx.vim
        if inventory.makes(ctx.op):
            _ = ctx.deployment
        if connectivity.concerns(ctx):
            _ = connectivity.requested(ctx)
        targets = {entry.target for entry in ctx.op.steps if entry.name == "remove"}
        removals = {key: value for key, value in planned_removals(ctx.stored).items() if key in targets}
        before = (ctx.instance.instantiated_vnf_info or {}).get("extVirtualLinkInfo") or []
        return Done(
            {
                "vimConnectionId": ctx.connection_id,
                "removals": removals,
                "extConnectivity": list(before),
                "changedInfo": additions.changed_info(ctx),
                "standing": modifications.planned(ctx.instance, modifications.changed_keys(ctx)),
                "packageModifications": additions.package_modifications(ctx),
            }
        )


class CheckVim(Step[Context]):
    """First step of PROCESSING: one cheap authenticated call."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Prove endpoint, credentials, zone and project."""
        return Done(asdict(ctx.vim.check()))


class CheckNetworks(Step[Context]):
    """External and externally managed virtual links must exist in the VIM."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look each up."""
        networks = set(external_networks(ctx).values())
        return Done({"networks": {one: ctx.vim.check_network(one) for one in sorted(networks)}})


class ChooseCompute(Step[Context]):
    """Flavour and image for one VDU. Target: the VDU."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask the VIM what fits; the grant's vimAssets come first."""
        flavour = ctx.deployment.flavour
        return Done(asdict(ctx.vim.choose_compute(compute_need(ctx, flavour, flavour.vdus[target]))))


def external_networks(ctx: Context) -> dict[str, str]:
    """VIM network ids of external and externally managed links, by the link's id in request or grant."""
    links = ctx.ext_virtual_links
    managed = ctx.grant.get("extManagedVirtualLinks") or ctx.op.params.get("extManagedVirtualLinks") or []
    return {link["id"]: link["resourceId"] for link in [*links, *managed]}


def compute_need(ctx: Context, flavour: Flavour, vdu: Vdu, *, former: bool = False) -> ComputeNeed:
    """What a VDU demands of the VIM; ``former``: what it demanded before this operation.

    Assets of earlier grants hold as long as what they stand for is the same (``assets``).
    """
    held = assets.former(ctx) if former else assets.in_force(ctx, flavour)
    images = assets.by_id(held, assets.IMAGES)
    image = flavour.boot_image(vdu.id)
    asset = images.get(image.id) if image else None
    return ComputeNeed(
        vdu=vdu.id,
        cpus=vdu.cpus,
        memory=vdu.memory,
        image_name=image.name if image else None,
        image_version=image.version if image else None,
        root_disk=flavour.root_disk(vdu),
        flavour_asset=assets.by_id(held, assets.FLAVOURS).get(vdu.id),
        image_asset=asset or images.get(vdu.id),
        storage_tags=flavour.root_tags(vdu),
    )


def volume_spec(disk: StorageInstance) -> VolumeSpec:
    """What a data disk demands of the VIM."""
    demands = disk.descriptor.requirements
    return VolumeSpec(disk.name, disk.descriptor.size, tags=storage_tags(demands))


def chosen_compute(ctx: Context, vdu: str) -> ComputeChoice:
    """What ``ChooseCompute`` journalled for a VDU."""
    result = ctx.result(f"choose_compute:{vdu}")
    if not result:
        raise Permanent(f"no compute was chosen for VDU {vdu}")
    return ComputeChoice(**result)
