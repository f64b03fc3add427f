"""VduCp and VnfExtCp node templates into the NICs of each VDU (SOL001 6.8.7, 6.8.9).

A NIC is external when its virtual_link is left open (its own id is then the cpdId), or when a VnfExtCp
exposes it or the internal link it sits on (its id is then the cpdId). An internal link so exposed is
not built: the external network takes its place, for CloudStack cannot bridge the two.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vnfm.domain.vnfd import ConnectionPoint, VirtualLink
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Requirement, Template, Topology
from vnfm.vnfd.typetree import COMPUTE, EXT_CP, SUB_CP, VDU_CP

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Points:
    """NICs by VDU in their order, and the internal links that an external one replaces."""

    by_vdu: Mapping[str, tuple[ConnectionPoint, ...]]
    replaced_links: frozenset[str]


def read(topology: Topology, links: Mapping[str, VirtualLink]) -> Points:
    """All connection points of a topology."""
    exposed = _exposed(topology, links)
    by_vdu: dict[str, list[tuple[Template, ConnectionPoint]]] = {}
    mapped = dict(_mapped(topology))
    used: set[str] = set()
    for template in topology.of_type(VDU_CP, but=SUB_CP):
        point = _point(template, topology, links, exposed, mapped, used)
        by_vdu.setdefault(point.vdu, []).append((template, point))
    for name, (at, _) in exposed.items():
        if name not in used:
            raise at.fail("unused-exposure", f"nothing is connected to '{name}', so it cannot be exposed")
    return Points(
        {vdu: _ordered(found) for vdu, found in by_vdu.items()},
        frozenset(name for name in exposed if name in links),
    )


def _exposed(topology: Topology, links: Mapping[str, VirtualLink]) -> dict[str, tuple[Node, str]]:
    """What VnfExtCps expose, a VduCp or an internal link, to the place saying so and the cpdId."""
    exposed: dict[str, tuple[Node, str]] = {}
    outer = topology.of_type(EXT_CP)
    points = {template.name for template in topology.of_type(VDU_CP)}
    for template in outer:
        inner = [
            item for item in template.requirements if item.name == "internal_virtual_link" and item.target
        ]
        if not inner:
            raise template.node.fail(
                "missing-key", f"'{template.name}' needs the requirement internal_virtual_link"
            )
        for item in inner:
            name = str(item.target)
            if name not in links and name not in points:
                raise item.at.fail(
                    "unknown-node", f"'{name}' is neither an internal link nor a connection point"
                )
            if name in exposed:
                raise item.at.fail("exposed-twice", f"'{name}' is already exposed by '{exposed[name][1]}'")
            exposed[name] = (item.at, template.name)
    for name, at in _mapped(topology):
        if name not in points and name not in {template.name for template in outer}:
            raise at.fail(
                "unknown-node", f"substitution_mappings name '{name}', which is no connection point here"
            )
    return exposed


def _mapped(topology: Topology) -> Iterator[tuple[str, Node]]:
    """Nodes substitution_mappings.requirements lead to: [node, requirement] or {mapping: [...]}."""
    mappings = topology.substitution
    requirements = mappings.get("requirements") if mappings is not None else None
    for _, value in requirements.pairs() if requirements is not None else ():
        target = value.need("mapping") if value.is_mapping else value
        parts = target.texts()
        if not parts:
            raise value.fail("not-a-list", "a requirement is mapped to [node, requirement]")
        yield parts[0], value


def _point(
    template: Template,
    topology: Topology,
    links: Mapping[str, VirtualLink],
    exposed: Mapping[str, tuple[Node, str]],
    mapped: Mapping[str, Node],
    used: set[str],
) -> ConnectionPoint:
    link = _link(template, links)
    _, external = exposed.get(template.name) or exposed.get(link or "") or (None, None)
    used.update({template.name, link or ""})
    if link is not None and external is None and template.name in mapped:
        raise mapped[template.name].fail(
            "linked-twice",
            f"'{template.name}' is exposed and on the internal link '{link}' at once; use a VnfExtCp",
        )
    values = template.body
    order = values.get("order")
    mac, addresses = _addresses(values.get("protocol"))
    outside = external is not None or link is None
    return ConnectionPoint(
        id=template.name,
        vdu=_vdu(template, topology),
        order=order.integer() if order is not None else -1,
        virtual_link=None if outside else link,
        external_cpd=(external or template.name) if outside else None,
        layer_protocols=values.need("layer_protocols").texts(),
        vnic_type=values.optional_text("vnic_type") or "normal",
        mac_address=mac,
        fixed_addresses=addresses,
        description=values.optional_text("description") or "",
    )


def _only(template: Template, name: str) -> Requirement | None:
    found = [item for item in template.requirements if item.name == name]
    if len(found) > 1:
        raise found[1].at.fail("linked-twice", f"'{template.name}' has the requirement {name} twice")
    return found[0] if found else None


def _link(template: Template, links: Mapping[str, VirtualLink]) -> str | None:
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


def _addresses(protocols: Node | None) -> tuple[str | None, tuple[str, ...]]:
    """MAC and fixed IP addresses of address_data.

    fixed_ip_address is standard from 3.6.1. The standard has no place for the MAC itself; we read a
    mac_address beside mac_address_assignment, where a vendor would put it.
    """
    mac: str | None = None
    addresses: list[str] = []
    for protocol in protocols.items() if protocols is not None else ():
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
