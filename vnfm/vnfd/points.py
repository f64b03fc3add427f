"""VduCp node templates into the NICs of each VDU (SOL001 6.8.7); :mod:`exposure` says which are external."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vnfm.domain.vnfd import ConnectionPoint, VirtualLink
from vnfm.vnfd.exposure import Exposure
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Requirement, Template, Topology
from vnfm.vnfd.typetree import COMPUTE, SUB_CP, VDU_CP

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def read(
    topology: Topology, links: Mapping[str, VirtualLink], exposure: Exposure
) -> dict[str, tuple[ConnectionPoint, ...]]:
    """NICs by VDU in their order."""
    by_vdu: dict[str, list[tuple[Template, ConnectionPoint]]] = {}
    for template in topology.of_type(VDU_CP, but=SUB_CP):
        point = _point(template, topology, links, exposure)
        by_vdu.setdefault(point.vdu, []).append((template, point))
    return {vdu: _ordered(found) for vdu, found in by_vdu.items()}


def _point(
    template: Template, topology: Topology, links: Mapping[str, VirtualLink], exposure: Exposure
) -> ConnectionPoint:
    link = link_of(template, links)
    external = exposure.cpd_of(template.name, link)
    values = template.body
    order = values.get("order")
    mac, addresses = addresses_of(values.get("protocol"))
    trunk = values.get("trunk_mode")
    return ConnectionPoint(
        id=template.name,
        vdu=_vdu(template, topology),
        order=order.integer() if order is not None else -1,
        virtual_link=None if external is not None else link,
        external_cpd=external,
        layer_protocols=values.need("layer_protocols").texts(),
        vnic_type=values.optional_text("vnic_type") or "normal",
        mac_address=mac,
        fixed_addresses=addresses,
        description=values.optional_text("description") or "",
        trunk=trunk is not None and trunk.flag(),
        protocol_data=structures(values.get("protocol")),
        allowed_addresses=structures(values.get("allowed_address_data")),
    )


def structures(node: Node | None) -> tuple[Mapping[str, Any], ...]:
    """A list of structures as plain data; one alone counts as a list of one."""
    return tuple(entry.plain() for entry in _listed(node) if entry.mapping())


def _only(template: Template, name: str) -> Requirement | None:
    found = [item for item in template.requirements if item.name == name]
    if len(found) > 1:
        raise found[1].at.fail("linked-twice", f"'{template.name}' has the requirement {name} twice")
    return found[0] if found else None


def link_of(template: Template, links: Mapping[str, VirtualLink]) -> str | None:
    """The internal link a connection point is on, None where that is left open."""
    requirement = _only(template, "virtual_link")
    if requirement is None or requirement.target is None:
        return None
    if requirement.target not in links:
        raise requirement.at.fail("unknown-node", f"'{requirement.target}' is no internal virtual link here")
    return requirement.target


def _vdu(template: Template, topology: Topology) -> str:
    requirement = _only(template, "virtual_binding")
    if requirement is None or requirement.target is None:
        raise template.node.fail("missing-key", f"'{template.name}' needs the requirement virtual_binding")
    if not any(vdu.name == requirement.target for vdu in topology.of_type(COMPUTE)):
        raise requirement.at.fail("unknown-node", f"'{requirement.target}' is no VDU here")
    return requirement.target


def addresses_of(protocols: Node | None) -> tuple[str | None, tuple[str, ...]]:
    """MAC and fixed IP addresses of address_data.

    fixed_ip_address is standard from 3.6.1. The standard has no place for the MAC itself; we read a
    mac_address beside mac_address_assignment, where a vendor would put it.
    """
    mac: str | None = None
    addresses: list[str] = []
    for protocol in _listed(protocols):
        data = protocol.get("address_data")
        for entry in data.items() if data is not None else ():
            stated = entry.get("l2_address_data", "mac_address")
            mac = _mac(stated) if stated is not None else mac
            fixed = entry.get("l3_address_data", "fixed_ip_address")
            addresses.extend(_address(item) for item in _listed(fixed))
    return mac, tuple(addresses)


def _listed(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.items() if node.is_list else [node]


def _mac(node: Node) -> str:
    text = node.text().lower().replace("-", ":")
    if not _MAC.fullmatch(text):
        raise node.fail("address", f"'{node.text()}' is not a MAC address")
    return text


def _address(node: Node) -> str:
    try:
        return str(ipaddress.ip_address(node.text()))
    except ValueError as exc:
        raise node.fail("address", f"'{node.text()}' is not an IP address") from exc


def _ordered(found: list[tuple[Template, ConnectionPoint]]) -> tuple[ConnectionPoint, ...]:
    """NICs by order; those without one take the lowest free numbers in the order written."""
    taken: dict[int, str] = {}
    for template, point in found:
        if point.order in taken:
            raise template.node.fail(
                "duplicate-order",
                f"'{point.id}' and '{taken[point.order]}' both have order {point.order} on '{point.vdu}'",
            )
        if point.order >= 0:
            taken[point.order] = point.id
    free = iter(number for number in range(len(found)) if number not in taken)
    points = [point if point.order >= 0 else replace(point, order=next(free)) for _, point in found]
    return tuple(sorted(points, key=lambda point: point.order))
