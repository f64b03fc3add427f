"""What an instantiated VNF consists of now, read from its own record; and what may be added to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnfm.domain import opening
from vnfm.domain.deployment import (
    Deployment,
    LinkInstance,
    StorageInstance,
    lay_out_group,
    lay_out_link,
    lay_out_vnfc,
    pick_flavour,
)
from vnfm.domain.ids import derive, label
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError, Outside
from vnfm.domain.vnfd import Flavour, Vnfd


@dataclass(frozen=True, slots=True)
class StandingVnfc:
    """A VNFC that is there. ``key`` is VDU and index; ``volumes``: ids of its data disks by storage."""

    key: str
    vdu: str
    index: int
    server: str
    info: Mapping[str, Any]
    volumes: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its id in vnfcResourceInfo."""
        return str(self.info["id"])


def flavour_of(instance: Instance, vnfd: Vnfd) -> Flavour:
    """The flavour the instance is in."""
    return pick_flavour(vnfd, (instance.instantiated_vnf_info or {})["flavourId"])


def vnfcs(instance: Instance) -> Sequence[StandingVnfc]:
    """The VNFCs of an instance, in the order of VDU and index."""
    infos = (instance.instantiated_vnf_info or {}).get("vnfcResourceInfo") or []
    by_server = {item["computeResource"]["resourceId"]: item for item in infos}
    servers = [item for item in instance.resources if item["kind"] == "SERVER" and item["id"] in by_server]
    found = [
        StandingVnfc(
            key=item["target"],
            vdu=by_server[item["id"]]["vduId"],
            index=int(item["target"].rpartition("-")[2]),
            server=item["id"],
            info=by_server[item["id"]],
            volumes={
                volume["target"].partition("/")[2]: volume["id"]
                for volume in instance.resources
                if volume["kind"] == "VOLUME" and volume["target"].partition("/")[0] == item["target"]
            },
        )
        for item in servers
    ]
    return sorted(found, key=lambda vnfc: (vnfc.vdu, vnfc.index))


def strangers(instance: Instance, flavour: Flavour) -> list[str]:
    """Keys of VNFCs whose VDU the flavour does not have."""
    return [vnfc.key for vnfc in vnfcs(instance) if vnfc.vdu not in flavour.vdus]


def vnfc(instance: Instance, key: str) -> StandingVnfc:
    """The VNFC of that key; ``KeyError`` if it is not there."""
    for found in vnfcs(instance):
        if found.key == key:
            return found
    raise KeyError(key)


def vnf_state(instance: Instance) -> str:
    """STARTED or STOPPED."""
    return str((instance.instantiated_vnf_info or {}).get("vnfState", "STARTED"))


def vnfc_state(instance: Instance, vnfc_id: str) -> str:
    """STARTED or STOPPED: what the VNFC is to be, by itself or with the VNF."""
    return instance.vnfc_states.get(vnfc_id) or vnf_state(instance)


def losing_disks(instance: Instance, removed: Collection[str]) -> Sequence[StandingVnfc]:
    """VNFCs that stay and lose data disks when ``removed`` (KIND/id) goes."""
    return [
        vnfc
        for vnfc in vnfcs(instance)
        if f"SERVER/{vnfc.server}" not in removed
        and any(f"VOLUME/{volume}" in removed for volume in vnfc.volumes.values())
    ]


#: Sections of instantiatedVnfInfo, and where each says in which VIM it lies.
_HANDLES = (
    ("vnfcResourceInfo", "computeResource"),
    ("virtualStorageResourceInfo", "storageResource"),
    ("vnfVirtualLinkResourceInfo", "networkResource"),
)


def connections(instance: Instance) -> set[str]:
    """The VIM connections through which it was made what it consists of."""
    info = instance.instantiated_vnf_info or {}
    handles = [item[handle] for section, handle in _HANDLES for item in info.get(section) or []]
    return {handle["vimConnectionId"] for handle in handles}


def zone(instance: Instance) -> str | None:
    """The VIM's zone its VNFCs are in; None before they are."""
    infos = (instance.instantiated_vnf_info or {}).get("vnfcResourceInfo") or []
    return next((item["zoneId"] for item in infos if item.get("zoneId")), None)


def cpd_of(instance: Instance, cp_id: str) -> str | None:
    """The VNFD's name of a VNFC's connection point; None if the record does not have it."""
    infos = [cp for one in vnfcs(instance) for cp in one.info.get("vnfcCpInfo") or []]
    return next((str(cp["cpdId"]) for cp in infos if cp["id"] == cp_id), None)


@dataclass(frozen=True, slots=True)
class StandingCp:
    """A NIC as the record has it: its CP, the VIM network, and the addresses it was given."""

    info: Mapping[str, Any]
    network: str
    address: str | None
    mac_address: str | None


def cps(instance: Instance, vnfc: StandingVnfc) -> Sequence[StandingCp]:
    """The NICs of a VNFC in their order; a CP that is disconnected has none."""
    on = _networks_by_port_owner(instance)
    found = []
    for info in vnfc.info.get("vnfcCpInfo") or []:
        network = on.get(info["id"]) or on.get(info.get("vnfExtCpId", ""))
        if network is None:
            continue
        ethernet: Mapping[str, Any] = next(
            (p["ipOverEthernet"] for p in info.get("cpProtocolInfo") or []), {}
        )
        fixed = [one for group in ethernet.get("ipAddresses") or [] for one in group.get("addresses") or []]
        address = next((one for one in fixed if ":" not in one), None)
        found.append(StandingCp(info, network, address, ethernet.get("macAddress")))
    return found


def _networks_by_port_owner(instance: Instance) -> Mapping[str, str]:
    """VIM networks by the id of the CP that has a port in them."""
    info = instance.instantiated_vnf_info or {}
    sections = (
        ("extVirtualLinkInfo", "extLinkPorts", "resourceHandle"),
        ("vnfVirtualLinkResourceInfo", "vnfLinkPorts", "networkResource"),
        ("extManagedVirtualLinkInfo", "vnfLinkPorts", "networkResource"),
    )
    return {
        port["cpInstanceId"]: link[handle]["resourceId"]
        for section, ports, handle in sections
        for link in info.get(section) or []
        for port in link.get(ports) or []
        if "cpInstanceId" in port
    }


def count(instance: Instance) -> Mapping[str, int]:
    """VNFCs per VDU."""
    numbers: dict[str, int] = {}
    for vnfc in vnfcs(instance):
        numbers[vnfc.vdu] = numbers.get(vnfc.vdu, 0) + 1
    return numbers


def scale_levels(instance: Instance) -> Mapping[str, int]:
    """The scale level of each aspect."""
    status = (instance.instantiated_vnf_info or {}).get("scaleStatus") or []
    return {item["aspectId"]: item["scaleLevel"] for item in status}


#: Kind of the inventory's entries for what perhaps is there: the VIM could not be asked when an operation was
#: given up. Their id is "KIND/holder/name", by which TERMINATE looks for it.
UNSEEN = "UNSEEN"
#: Kinds of the inventory whose target is a VNFC's key, or begins with it.
_OF_VNFCS = frozenset({"SERVER", "VOLUME"})


def next_keys(instance: Instance, vdu: str, number: int) -> Sequence[str]:
    """Keys for ``number`` more VNFCs of a VDU: the lowest indexes that are free. What an operation that was
    given up has half made is in the inventory only, and holds its index too."""
    keys = {item["target"].partition("/")[0] for item in instance.resources if _kind(item) in _OF_VNFCS}
    taken = {int(key.rpartition("-")[2]) for key in keys if key.rpartition("-")[0] == vdu}
    free = (index for index in range(len(taken) + number) if index not in taken)
    return [f"{vdu}-{index}" for index, _ in zip(free, range(number), strict=False)]


def _kind(item: Mapping[str, Any]) -> str:
    """What an entry of the inventory is, or would be."""
    return str(item["id"].partition("/")[0] if item["kind"] == UNSEEN else item["kind"])


def youngest(instance: Instance, vdu: str, number: int) -> Sequence[StandingVnfc]:
    """The ``number`` VNFCs of a VDU that joined last, youngest first: those a scale-in takes.

    Who joins is appended to the record, and HEAL leaves its place there alone. The index tells nothing: a
    free one is given again.
    """
    infos = (instance.instantiated_vnf_info or {}).get("vnfcResourceInfo") or []
    joined = {item["id"]: position for position, item in enumerate(infos)}
    mine = [vnfc for vnfc in vnfcs(instance) if vnfc.vdu == vdu]
    return sorted(mine, key=lambda vnfc: joined[vnfc.id], reverse=True)[:number]


def named(instance: Instance, params: Mapping[str, Any]) -> Sequence[StandingVnfc] | None:
    """The VNFCs that ``additionalParams.vnfcInstanceIds`` of a request names by their ids in
    vnfcResourceInfo; None if it names none. DeploymentError if one is not of this VNF."""
    where = "additionalParams.vnfcInstanceIds"
    asked = (params.get("additionalParams") or {}).get("vnfcInstanceIds")
    if asked is None:
        return None
    found = {vnfc.id: vnfc for vnfc in vnfcs(instance)}
    known = ", ".join(found)
    if not isinstance(asked, list) or not asked:
        raise DeploymentError(f"{where}: a list of ids; this VNF has: {known}")
    unknown = [str(one) for one in asked if not isinstance(one, str) or one not in found]
    if unknown:
        raise DeploymentError(f"{where}: {', '.join(unknown)} is no VNFC of this VNF; it has: {known}")
    return [vnfc for vnfc in found.values() if vnfc.id in asked]


def ext_virtual_links(instance: Instance) -> list[Mapping[str, Any]]:
    """The external virtual links in force, as a request would name them (ExtVirtualLinkData)."""
    links = (instance.instantiated_vnf_info or {}).get("extVirtualLinkInfo") or []
    return [
        {
            "id": link["id"],
            "resourceId": link["resourceHandle"]["resourceId"],
            "extCps": link["currentVnfExtCpData"],
        }
        for link in links
    ]


def unplugged(instance: Instance) -> set[str]:
    """External CPDs whose CPs are all disconnected."""
    shown = (instance.instantiated_vnf_info or {}).get("extCpInfo") or []
    connected = {cp["cpdId"] for link in ext_virtual_links(instance) for cp in link["extCps"]}
    return {cp["cpdId"] for cp in shown if "extLinkPortId" not in cp} - connected


def networks(instance: Instance) -> Mapping[str, Mapping[str, Any]]:
    """Internal virtual links in force by their VNFD id: the VIM network, and the id of the link's record."""
    info = instance.instantiated_vnf_info or {}
    records = [
        *(info.get("vnfVirtualLinkResourceInfo") or []),
        *(info.get("extManagedVirtualLinkInfo") or []),
    ]
    return {
        item["vnfVirtualLinkDescId"]: {"id": item["id"], "resourceId": item["networkResource"]["resourceId"]}
        for item in records
    }


def groups(instance: Instance) -> Mapping[str, str]:
    """VIM ids of the placement groups by rule."""
    return {item["target"]: item["id"] for item in instance.resources if item["kind"] == "AFFINITY_GROUP"}


def security_groups(instance: Instance) -> Mapping[str, str]:
    """VIM ids of the security groups by VDU."""
    return {item["target"]: item["id"] for item in instance.resources if item["kind"] == "SECURITY_GROUP"}


def grow(operation_id: str, vnfd: Vnfd, instance: Instance, keys: Iterable[str], hint: str) -> Deployment:
    """A deployment of further VNFCs (``keys``) on the links and groups an instance has already."""
    flavour = flavour_of(instance, vnfd)
    return grow_into(operation_id, instance, flavour, keys, hint, ext_links=ext_virtual_links(instance))


def grow_into(
    operation_id: str,
    instance: Instance,
    flavour: Flavour,
    keys: Iterable[str],
    hint: str,
    *,
    ext_links: Sequence[Mapping[str, Any]],
    managed: Mapping[str, Mapping[str, Any]] | None = None,
    new_links: Collection[str] = (),
    new_groups: Collection[str] = (),
    new_disks: Iterable[str] = (),
) -> Deployment:
    """A deployment of further VNFCs of a flavour the instance may yet have to become: with links and groups
    of its own besides those that stand. ``managed`` are new links that the NFVO has made, ``new_disks`` are
    for VNFCs that stand."""
    outside = Outside(flavour, ext_links, final=True, unplugged=unplugged(instance))
    made = []
    for key in keys:
        vdu, _, index = key.rpartition("-")
        made.append(lay_out_vnfc(operation_id, flavour, flavour.vdus[vdu], int(index), outside, hint))
    standing = {
        key: link
        for key, link in networks(instance).items()
        if key in flavour.virtual_links and key not in new_links
    }
    links = [
        LinkInstance(link["id"], key, flavour.virtual_links[key], "", managed=link)
        for key, link in standing.items()
    ]
    links += [lay_out_link(operation_id, flavour.virtual_links[key], hint, managed) for key in new_links]
    known = {key: group for key, group in groups(instance).items() if key not in new_groups}
    joined = [
        lay_out_group(operation_id, rule, made, hint, known.get(rule.id))
        for rule in flavour.affinity_rules
        if rule.id in known or rule.id in new_groups
    ]
    disks = [_lay_out_disk(operation_id, instance, flavour, key, hint) for key in new_disks]
    own = [link.key for link in links if link.managed is None]
    return Deployment(flavour, None, made, links, joined, disks, openings=opening.lay_out(flavour, own))


def _lay_out_disk(
    operation_id: str, instance: Instance, flavour: Flavour, key: str, hint: str
) -> StorageInstance:
    """One more data disk under a VNFC that stands. Its name is this operation's own: a disk of the same
    descriptor may have been there before."""
    owner, _, storage = key.partition("/")
    parts = (operation_id, vnfc(instance, owner).id, "storage", storage)
    name = label(f"{hint}-{owner}-{storage}", *parts)
    return StorageInstance(derive(*parts), key, flavour.storages[storage], name)
