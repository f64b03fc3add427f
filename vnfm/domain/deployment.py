"""What one instantiation will consist of, down to every name and id: decided before anything is made.

All ids and names derive from the operation, so a second try, or another worker, finds what the first made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnfm.domain import opening, reservation
from vnfm.domain.ids import derive, label
from vnfm.domain.opening import Opening
from vnfm.domain.outside import DeploymentError, Outside, addresses
from vnfm.domain.reservation import Reservation
from vnfm.domain.vnfd import (
    AffinityRule,
    ConnectionPoint,
    Flavour,
    InstantiationLevel,
    Vdu,
    VirtualIpCp,
    VirtualLink,
    VirtualStorage,
    Vnfd,
)

UNPLUGGED = ("none", "")


@dataclass(frozen=True, slots=True)
class CpInstance:
    """One NIC to be. ``network`` is ("internal", VL id), ("external", external VL id), or UNPLUGGED: a
    connection point that has no NIC."""

    id: str
    cpd: ConnectionPoint
    network: tuple[str, str]
    config_id: str | None = None
    address: str | None = None
    mac_address: str | None = None
    ext_cp_id: str | None = None
    link_port_id: str = ""


@dataclass(frozen=True, slots=True)
class StorageInstance:
    """One data disk to be; the boot disk is part of its VNFC."""

    id: str
    key: str
    descriptor: VirtualStorage
    name: str


@dataclass(frozen=True, slots=True)
class VnfcInstance:
    """One VNFC to be. ``key`` (VDU and index) is how the journal calls it."""

    id: str
    key: str
    vdu: Vdu
    name: str
    cps: Sequence[CpInstance]
    storages: Sequence[StorageInstance]

    @property
    def plugged(self) -> list[CpInstance]:
        """Its connection points that have a NIC, in the order of the NICs."""
        return [cp for cp in self.cps if cp.network != UNPLUGGED]

    @property
    def has_fixed_address(self) -> bool:
        """True if the VIM is to give it a certain address."""
        return any(cp.address is not None for cp in self.cps)

    def custom_id(self, generation: int) -> str:
        """The id to ask the VIM for; a new generation after a body of the former was removed."""
        return derive("server", self.id, generation)


@dataclass(frozen=True, slots=True)
class LinkInstance:
    """One internal virtual link to be, or, with ``managed``, one that the NFVO made already."""

    id: str
    key: str
    descriptor: VirtualLink
    name: str
    managed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class GroupInstance:
    """One placement group to be, or, with ``existing``, the VIM's id of one that is there. ``members`` are
    VNFC keys."""

    key: str
    name: str
    anti: bool
    members: Sequence[str]
    existing: str | None = None


@dataclass(frozen=True, slots=True)
class VipInstance:
    """One virtual IP to be. ``ext_cp_id``, ``config_id`` are set where the outside knows it."""

    id: str
    descriptor: VirtualIpCp
    ext_cp_id: str | None = None
    config_id: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """The whole. ``level`` is None where VNFCs are added to an instance that stands already; ``disks`` are
    new data disks of VNFCs that stand, ``reserved`` addresses that NICs hold besides their own, ``openings``
    what may leave internal links."""

    flavour: Flavour
    level: InstantiationLevel | None
    vnfcs: Sequence[VnfcInstance]
    links: Sequence[LinkInstance]
    groups: Sequence[GroupInstance]
    disks: Sequence[StorageInstance] = ()
    virtual_ips: Sequence[VipInstance] = ()
    reserved: Sequence[Reservation] = ()
    openings: Sequence[Opening] = ()

    def disk(self, key: str) -> StorageInstance:
        """The data disk of that key (VNFC key/storage)."""
        all_disks = [*(disk for vnfc in self.vnfcs for disk in vnfc.storages), *self.disks]
        return next(disk for disk in all_disks if disk.key == key)

    def vnfc(self, key: str) -> VnfcInstance:
        """The VNFC of that key."""
        return next(item for item in self.vnfcs if item.key == key)

    def link(self, key: str) -> LinkInstance:
        """The internal link of that VNFD id."""
        return next(item for item in self.links if item.key == key)


def pick_flavour(vnfd: Vnfd, flavour_id: str) -> Flavour:
    """The flavour asked for; ``DeploymentError`` lists the known ones."""
    try:
        return vnfd.flavours[flavour_id]
    except KeyError:
        known = ", ".join(sorted(vnfd.flavours))
        raise DeploymentError(
            f"flavourId: {flavour_id!r} is not in VNFD {vnfd.id}; it has: {known}"
        ) from None


def pick_level(flavour: Flavour, level_id: str | None) -> InstantiationLevel:
    """The instantiation level asked for, or the flavour's default."""
    wanted = level_id or flavour.default_level
    if wanted is None and len(flavour.levels) == 1:
        wanted = next(iter(flavour.levels))
    if wanted is None or wanted not in flavour.levels:
        known = ", ".join(sorted(flavour.levels)) or "none"
        said = f"{wanted!r} is not in" if wanted else "must be given: there is no default in"
        raise DeploymentError(f"instantiationLevelId: {said} flavour {flavour.id}; it has: {known}")
    return flavour.levels[wanted]


def lay_out(
    operation_id: str, vnfd: Vnfd, params: Mapping[str, Any], hint: str, *, final: bool
) -> Deployment:
    """Decide everything from the VNFD and the InstantiateVnfRequest (v2 spelling).

    ``hint`` makes names readable. Before the grant has spoken (``final`` False) external CPs may still be
    unconnected. Raises ``DeploymentError`` naming flavour, level, CPD or virtual link.
    """
    flavour = pick_flavour(vnfd, params["flavourId"])
    level = pick_level(flavour, params.get("instantiationLevelId"))
    outside = Outside(flavour, params.get("extVirtualLinks") or [], final=final)
    managed = _managed_links(flavour, params.get("extManagedVirtualLinks") or [])
    vnfcs = [
        lay_out_vnfc(operation_id, flavour, flavour.vdus[vdu_id], index, outside, hint)
        for vdu_id in sorted(flavour.vdus)
        for index in range(level.vnfcs.get(vdu_id, 0))
    ]
    links = [
        lay_out_link(operation_id, flavour.virtual_links[key], hint, managed)
        for key in sorted(flavour.virtual_links)
    ]
    groups = [
        lay_out_group(operation_id, rule, vnfcs, hint)
        for rule in flavour.affinity_rules
        if rule.scope.lower() == "nfvi_node" and any(target in flavour.vdus for target in rule.targets)
    ]
    members = [(vnfc.key, vnfc.vdu.id) for vnfc in vnfcs]
    vips = [_lay_out_vip(operation_id, vip, outside) for _, vip in sorted(flavour.virtual_ips.items())]
    asked = {vip.id: found for vip in flavour.virtual_ips.values() if (found := outside.address_of(vip))}
    reserved = reservation.lay_out(flavour, members, asked)
    openings = opening.lay_out(flavour, [link.key for link in links if link.managed is None])
    return Deployment(
        flavour, level, vnfcs, links, groups, virtual_ips=vips, reserved=reserved, openings=openings
    )


def _lay_out_vip(operation_id: str, vip: VirtualIpCp, outside: Outside) -> VipInstance:
    vip_id = derive(operation_id, "vip", vip.id)
    if vip.external_cpd is None:
        return VipInstance(vip_id, vip)
    return VipInstance(vip_id, vip, derive(operation_id, "ext-vip", vip.id), outside.config_of(vip))


def lay_out_vnfc(
    operation_id: str, flavour: Flavour, vdu: Vdu, index: int, outside: Outside, hint: str
) -> VnfcInstance:
    """One VNFC with its NICs and data disks; DeploymentError if the outside leaves a CP open."""
    key = f"{vdu.id}-{index}"
    vnfc_id = derive(operation_id, "vnfc", key)
    cps = [lay_out_cp(vnfc_id, cpd, index, outside) for cpd in sorted(vdu.connection_points, key=_order)]
    storages = [
        StorageInstance(
            id=derive(vnfc_id, "storage", name),
            key=f"{key}/{name}",
            descriptor=flavour.storages[name],
            name=label(f"{hint}-{key}-{name}", vnfc_id, "storage", name),
        )
        for name in vdu.storages
        if flavour.storages[name].image is None
    ]
    return VnfcInstance(vnfc_id, key, vdu, label(f"{hint}-{key}", vnfc_id), cps, storages)


def lay_out_link(
    operation_id: str, link: VirtualLink, hint: str, managed: Mapping[str, Mapping[str, Any]] | None = None
) -> LinkInstance:
    """One internal link; ``managed`` are those the NFVO has made, by their VNFD ids."""
    return LinkInstance(
        id=derive(operation_id, "link", link.id),
        key=link.id,
        descriptor=link,
        name=label(f"{hint}-{link.id}", operation_id, "link", link.id),
        managed=(managed or {}).get(link.id),
    )


def lay_out_group(
    operation_id: str,
    rule: AffinityRule,
    vnfcs: Sequence[VnfcInstance],
    hint: str,
    existing: str | None = None,
) -> GroupInstance:
    """The placement group of a rule; ``existing`` is the VIM's id of one that is there."""
    return GroupInstance(
        key=rule.id,
        name="" if existing else label(f"{hint}-{rule.id}", operation_id, "group", rule.id),
        anti=rule.anti,
        members=[vnfc.key for vnfc in vnfcs if vnfc.vdu.id in rule.targets],
        existing=existing,
    )


def _order(cpd: ConnectionPoint) -> int:
    return cpd.order


def lay_out_cp(vnfc_id: str, cpd: ConnectionPoint, index: int, outside: Outside) -> CpInstance:
    """One NIC; its ids derive from ``vnfc_id``, its address from the outside or the VNFD by ``index``."""
    cp_id = derive(vnfc_id, "cp", cpd.id)
    port_id = derive(vnfc_id, "port", cpd.id)
    fixed = cpd.fixed_addresses[index] if index < len(cpd.fixed_addresses) else None
    if cpd.virtual_link is not None:
        ext_cp = derive(vnfc_id, "ext-cp", cpd.id) if cpd.external_cpd else None
        network = ("internal", cpd.virtual_link)
        return CpInstance(cp_id, cpd, network, None, fixed, _mac(cpd, index), ext_cp, port_id)
    if outside.is_unplugged(cpd):
        return CpInstance(cp_id, cpd, UNPLUGGED, ext_cp_id=derive(vnfc_id, "ext-cp", cpd.id))
    link_id, config_id, config = outside.connect(cpd, index)
    address, mac = addresses(config)
    return CpInstance(
        id=cp_id,
        cpd=cpd,
        network=("external", link_id),
        config_id=config_id,
        address=address or fixed,
        mac_address=mac or _mac(cpd, index),
        ext_cp_id=derive(vnfc_id, "ext-cp", cpd.id),
        link_port_id=port_id,
    )


def _mac(cpd: ConnectionPoint, index: int) -> str | None:
    return cpd.mac_address if index == 0 else None


def _managed_links(flavour: Flavour, links: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    for position, link in enumerate(links):
        if link["vnfVirtualLinkDescId"] not in flavour.virtual_links:
            known = ", ".join(sorted(flavour.virtual_links)) or "none"
            raise DeploymentError(
                f"extManagedVirtualLinks[{position}].vnfVirtualLinkDescId: {link['vnfVirtualLinkDescId']!r} "
                f"is no virtual link of flavour {flavour.id}; it has: {known}"
            )
    return {link["vnfVirtualLinkDescId"]: link for link in links}
