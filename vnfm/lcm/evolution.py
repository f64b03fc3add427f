"""How an instance's record changes when VNFCs join or leave it: pure functions over instantiatedVnfInfo."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from vnfm.domain.vnfd import Flavour

Sol = dict[str, Any]

#: Lists that are left out when they are empty (cardinality 1..N, or plainly nothing to say).
_LISTS = (
    "vnfcResourceInfo",
    "extCpInfo",
    "extVirtualLinkInfo",
    "extManagedVirtualLinkInfo",
    "vnfVirtualLinkResourceInfo",
    "virtualStorageResourceInfo",
)
_LINKS = ("vnfVirtualLinkResourceInfo", "extManagedVirtualLinkInfo")


def without(info: Mapping[str, Any], gone: Set[str]) -> Sol:
    """``info`` after servers, volumes and networks (VIM ids) have gone, with all that hung on them."""
    left: Sol = copy.deepcopy(dict(info))
    vnfcs = left.get("vnfcResourceInfo") or []
    leaving = [vnfc for vnfc in vnfcs if vnfc["computeResource"]["resourceId"] in gone]
    cps = {cp["id"] for vnfc in leaving for cp in vnfc.get("vnfcCpInfo") or []}
    left["vnfcResourceInfo"] = [vnfc for vnfc in vnfcs if vnfc not in leaving]
    ext_cps = left.get("extCpInfo") or []
    ext_gone = {cp["id"] for cp in ext_cps if cp.get("associatedVnfcCpId") in cps}
    left["extCpInfo"] = [cp for cp in ext_cps if cp["id"] not in ext_gone]
    storages = left.get("virtualStorageResourceInfo") or []
    left["virtualStorageResourceInfo"] = [
        item for item in storages if item["storageResource"]["resourceId"] not in gone
    ]
    dead = {item["id"] for item in storages if item["storageResource"]["resourceId"] in gone}
    for vnfc in left["vnfcResourceInfo"]:
        kept = [one for one in vnfc.get("storageResourceIds") or [] if one not in dead]
        _set_list(vnfc, "storageResourceIds", kept)
    for name in _LINKS:
        links = left.get(name) or []
        left[name] = [link for link in links if link["networkResource"]["resourceId"] not in gone]
    _drop_ports(left, cps | ext_gone)
    return _tidy(left)


def _drop_ports(info: Sol, owners: Set[str]) -> None:
    """All ports of these CPs (ids of VNFC CPs and external CPs) go."""
    for link, ports in _ported(info):
        _set_list(link, ports, [p for p in link.get(ports) or [] if p.get("cpInstanceId") not in owners])


def _ported(info: Mapping[str, Any]) -> list[tuple[Sol, str]]:
    """All links, each with the name of its list of ports."""
    sections = (("extVirtualLinkInfo", "extLinkPorts"), *((links, "vnfLinkPorts") for links in _LINKS))
    return [(link, ports) for name, ports in sections for link in info.get(name) or []]


def joined(info: Mapping[str, Any], added: Mapping[str, Any]) -> Sol:
    """``info`` with the VNFCs, CPs, ports and storages of ``added`` (an instantiatedVnfInfo of its own)."""
    both: Sol = copy.deepcopy(dict(info))
    for name in ("vnfcResourceInfo", "extCpInfo", "virtualStorageResourceInfo"):
        both[name] = [*(both.get(name) or []), *(added.get(name) or [])]
    external = {link["id"]: link for link in both.get("extVirtualLinkInfo") or []}
    for link in added.get("extVirtualLinkInfo") or []:
        if link["id"] in external:
            _add_ports(external[link["id"]], link, "extLinkPorts")
        else:
            both.setdefault("extVirtualLinkInfo", []).append(copy.deepcopy(link))
    internal = {link["vnfVirtualLinkDescId"]: link for name in _LINKS for link in both.get(name) or []}
    for name in _LINKS:
        for link in added.get(name) or []:
            if link["vnfVirtualLinkDescId"] in internal:
                _add_ports(internal[link["vnfVirtualLinkDescId"]], link, "vnfLinkPorts")
            else:
                both.setdefault(name, []).append(copy.deepcopy(link))
    return _tidy(both)


def with_bodies(info: Mapping[str, Any], bodies: Mapping[str, Mapping[str, Any]]) -> Sol:
    """``info`` after VNFCs have got other servers: by the id of the former server, what was read back of the
    new one (``id``, ``nics``). Ids of VNFCs, CPs and ports stay."""
    after: Sol = copy.deepcopy(dict(info))
    nics: dict[str, Mapping[str, Any]] = {}
    held = [port for link, ports in _ported(after) for port in link.get(ports) or []]
    plugged = {port.get("cpInstanceId") for port in held}
    for vnfc in after.get("vnfcResourceInfo") or []:
        body = bodies.get(vnfc["computeResource"]["resourceId"])
        if body is not None:
            vnfc["computeResource"]["resourceId"] = body["id"]
            cps = vnfc.get("vnfcCpInfo") or []
            nics |= _renew_cps([cp for cp in cps if plugged & {cp["id"], cp.get("vnfExtCpId")}], body["nics"])
    for cp in after.get("extCpInfo") or []:
        if cp["id"] in nics:
            _set_addresses(cp, nics[cp["id"]])
    for port in held:
        if port.get("cpInstanceId") in nics:
            port["resourceHandle"]["resourceId"] = nics[port["cpInstanceId"]]["id"]
    return after


def _renew_cps(cps: Sequence[Sol], nics: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The CPs that have NICs get their new addresses; the NICs by every id under which a CP is known."""
    known: dict[str, Mapping[str, Any]] = {}
    for cp, nic in zip(cps, nics, strict=True):
        _set_addresses(cp, nic)
        known |= {cp["id"]: nic, **({cp["vnfExtCpId"]: nic} if "vnfExtCpId" in cp else {})}
    return known


def _set_addresses(cp: Sol, nic: Mapping[str, Any]) -> None:
    """What the NIC of a CP has been given; whether it is dynamic stays as it was."""
    for protocol in cp.get("cpProtocolInfo") or []:
        ethernet = protocol["ipOverEthernet"]
        if nic.get("macAddress"):
            ethernet["macAddress"] = nic["macAddress"]
        for group in ethernet.get("ipAddresses") or []:
            group["addresses"] = [nic["address"]] if nic.get("address") else group["addresses"]


def with_servers(
    resources: Iterable[Mapping[str, Any]], bodies: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The inventory without the servers that others have replaced."""
    return [item for item in resources if item["id"] not in bodies]


def rewired(
    info: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]], vim: str
) -> Sol:
    """``info`` with external CPs as ``rows`` have them and external links as ``links`` (ExtVirtualLinkData).

    A link that is not among ``links`` goes with its last port. ``vim`` is the VIM connection's id.
    """
    new: Sol = copy.deepcopy(dict(info))
    changed = {row["ext_cp"]: row for row in rows}
    for cp in [cp for vnfc in new.get("vnfcResourceInfo") or [] for cp in vnfc.get("vnfcCpInfo") or []]:
        if cp.get("vnfExtCpId") in changed:
            cp["cpProtocolInfo"] = _protocol_info(changed[cp["vnfExtCpId"]])
    for cp in new.get("extCpInfo") or []:
        row = changed.get(cp["id"])
        if row is not None:
            cp |= {"cpConfigId": row["config"], "cpProtocolInfo": _protocol_info(row)}
            _set_list(cp, "extLinkPortId", row["port"])
    known = {link["id"]: link for link in new.get("extVirtualLinkInfo") or []}
    for data in links:
        resource = {
            "vimConnectionId": vim,
            "resourceId": data["resourceId"],
            "vimLevelResourceType": "network",
        }
        link = known.setdefault(data["id"], {"id": data["id"], "resourceHandle": resource})
        link["currentVnfExtCpData"] = data["extCps"]
    order = {cp["id"]: position for position, cp in enumerate(new.get("extCpInfo") or [])}
    for link in known.values():
        _set_ports(link, changed, order, vim)
    wanted = [data["id"] for data in links]
    left = [name for name in known if name not in wanted and known[name].get("extLinkPorts")]
    new["extVirtualLinkInfo"] = [known[name] for name in [*wanted, *left]]
    return _tidy(new)


def _set_ports(
    link: Sol, changed: Mapping[str, Mapping[str, Any]], order: Mapping[str, int], vim: str
) -> None:
    ports = [port for port in link.get("extLinkPorts") or [] if port.get("cpInstanceId") not in changed]
    ports += [
        {
            "id": row["port"],
            "resourceHandle": {
                "vimConnectionId": vim,
                "resourceId": row["nic"],
                "vimLevelResourceType": "nic",
            },
            "cpInstanceId": ext_cp,
        }
        for ext_cp, row in changed.items()
        if row["link"] == link["id"] and row["nic"]
    ]
    _set_list(link, "extLinkPorts", sorted(ports, key=lambda port: order.get(port.get("cpInstanceId"), 0)))


def _protocol_info(row: Mapping[str, Any]) -> list[Sol]:
    ethernet: Sol = {"macAddress": row["mac"]} if row["mac"] else {}
    if row["address"]:
        kind = "IPV6" if ":" in row["address"] else "IPV4"
        given = {"type": kind, "addresses": [row["address"]], "isDynamic": not row["fixed"]}
        ethernet["ipAddresses"] = [given]
    return [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": ethernet}]


def with_nics(info: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Sol:
    """``info`` after CPs (``cp``) have got other NICs (``nic``, ``mac``, ``address``). Ids of ports stay."""
    after: Sol = copy.deepcopy(dict(info))
    nics = {row["cp"]: row for row in rows if row["nic"]}
    cps = [cp for vnfc in after.get("vnfcResourceInfo") or [] for cp in vnfc.get("vnfcCpInfo") or []]
    ext_cps = [cp for cp in after.get("extCpInfo") or [] if cp.get("associatedVnfcCpId") in nics]
    shown = [(cp, nics[cp["id"]]) for cp in cps if cp["id"] in nics]
    shown += [(cp, nics[cp["associatedVnfcCpId"]]) for cp in ext_cps]
    for cp, row in shown:
        _set_addresses(cp, {"macAddress": row["mac"], "address": row["address"]})
    by_owner = {cp["id"]: row["nic"] for cp, row in shown}
    for link, ports in _ported(after):
        for port in link.get(ports) or []:
            if port.get("cpInstanceId") in by_owner:
                port["resourceHandle"]["resourceId"] = by_owner[port["cpInstanceId"]]
    return after


def replugged(info: Mapping[str, Any], vnfc_id: str, rows: Sequence[Mapping[str, Any]], vim: str) -> Sol:
    """``info`` after a VNFC got the CPs of ``rows`` (see ``replugs.row``), in that order, and no others."""
    after = with_nics(info, [row for row in rows if "new" not in row])
    vnfc = next(one for one in after["vnfcResourceInfo"] if one["id"] == vnfc_id)
    known = {cp["id"]: cp for cp in vnfc.get("vnfcCpInfo") or []}
    gone = set(known) - {row["cp"] for row in rows}
    ext_cps = after.get("extCpInfo") or []
    ext_gone = {cp["id"] for cp in ext_cps if cp.get("associatedVnfcCpId") in gone}
    after["extCpInfo"] = [cp for cp in ext_cps if cp["id"] not in ext_gone]
    _drop_ports(after, gone | ext_gone)
    vnfc["vnfcCpInfo"] = [known.get(row["cp"]) or _new_cp(row) for row in rows]
    for row in rows:
        if "new" in row and row["cp"] not in known:
            _plug_in(after, row, vnfc.get("vnfdId"), vim)
    return _tidy(after)


def _new_cp(row: Mapping[str, Any]) -> Sol:
    new = row["new"]
    cp: Sol = {"id": row["cp"], "cpdId": new["cpd"], "cpProtocolInfo": _protocol_info({**new, **row})}
    if new["ext_cp"]:
        cp["vnfExtCpId"] = new["ext_cp"]
    if "internal" in new["link"]:
        cp["vnfLinkPortId"] = new["port"]
    return cp


def _plug_in(info: Sol, row: Mapping[str, Any], vnfd_id: str | None, vim: str) -> None:
    """Its port, and what the outside sees of a new CP."""
    new = row["new"]
    external = "external" in new["link"]
    resource = {"vimConnectionId": vim, "resourceId": row["nic"], "vimLevelResourceType": "nic"}
    owner = {"cpInstanceId": new["ext_cp"] if external else row["cp"]}
    kind = {} if external else {"cpInstanceType": "VNFC_CP"}
    port = {"id": new["port"], "resourceHandle": resource, **owner, **kind}
    for link, ports in _ported(info):
        name = link["id"] if ports == "extLinkPorts" else link["vnfVirtualLinkDescId"]
        if row["nic"] and name == new["link"].get("external" if ports == "extLinkPorts" else "internal"):
            link[ports] = [*(link.get(ports) or []), port]
    if new["ext_cp"]:
        shown: Sol = {
            "id": new["ext_cp"],
            "cpdId": new["ext_cpd"],
            "cpConfigId": new["config"],
            "cpProtocolInfo": _protocol_info({**new, **row}),
            "associatedVnfcCpId": row["cp"],
            **({"vnfdId": vnfd_id} if vnfd_id else {}),
            **({"extLinkPortId": new["port"]} if external else {}),
        }
        info["extCpInfo"] = [*(info.get("extCpInfo") or []), shown]


def with_disks(info: Mapping[str, Any], disks: Mapping[str, Sequence[str]]) -> Sol:
    """``info`` after VNFCs (ids) have got more storages (ids), which it has already."""
    infos = info.get("vnfcResourceInfo") or []
    after = [
        {**one, "storageResourceIds": [*(one.get("storageResourceIds") or []), *disks[one["id"]]]}
        if one["id"] in disks
        else one
        for one in infos
    ]
    return {**info, **({"vnfcResourceInfo": after} if after else {})}


def reshaped(
    info: Mapping[str, Any],
    flavour: Flavour,
    levels: Mapping[str, int],
    vnfd_id: str,
    ext_links: Sequence[Mapping[str, Any]],
) -> Sol:
    """``info`` as of another flavour or VNFD: its aspects, its links, its ids."""
    after: Sol = {**copy.deepcopy(dict(info)), "flavourId": flavour.id}
    aspects = flavour.aspects.values()
    after["scaleStatus"] = [{"aspectId": a.id, "scaleLevel": levels.get(a.id, 0)} for a in aspects]
    after["maxScaleLevels"] = [{"aspectId": a.id, "scaleLevel": a.max_level} for a in aspects]
    for name in _LINKS:
        kept = after.get(name) or []
        after[name] = [link for link in kept if link["vnfVirtualLinkDescId"] in flavour.virtual_links]
    points = {link["id"]: link["extCps"] for link in ext_links}
    ext = [link for link in after.get("extVirtualLinkInfo") or [] if link["id"] in points]
    after["extVirtualLinkInfo"] = [{**link, "currentVnfExtCpData": points[link["id"]]} for link in ext]
    dated = ("vnfcResourceInfo", "extCpInfo", *_LINKS, "virtualStorageResourceInfo")
    for item in [item for name in dated for item in after.get(name) or []]:
        if "vnfdId" in item:
            item["vnfdId"] = vnfd_id
    return {key: value for key, value in _tidy(after).items() if value != []}


def of_vnfd(info: Mapping[str, Any], vnfcs: Set[str], vnfd_id: str) -> Sol:
    """``info`` with some VNFCs (ids) as of another VNFD."""
    infos = info.get("vnfcResourceInfo") or []
    after = [{**one, "vnfdId": vnfd_id} if one["id"] in vnfcs else one for one in infos]
    return {**info, **({"vnfcResourceInfo": after} if after else {})}


def at_levels(info: Mapping[str, Any], levels: Mapping[str, int]) -> Sol:
    """``info`` with the scale levels reached."""
    status = [
        {**item, "scaleLevel": levels.get(item["aspectId"], item["scaleLevel"])}
        for item in info.get("scaleStatus") or []
    ]
    return {**info, "scaleStatus": status} if status else dict(info)


def _add_ports(link: Sol, more: Mapping[str, Any], ports: str) -> None:
    _set_list(link, ports, [*(link.get(ports) or []), *(more.get(ports) or [])])


def _set_list(owner: Sol, name: str, items: Any) -> None:
    if items:
        owner[name] = items
    else:
        owner.pop(name, None)


def _tidy(info: Sol) -> Sol:
    return {key: value for key, value in info.items() if key not in _LISTS or value}
