"""VnfVirtualLink node templates into domain virtual links (SOL001 6.8.10)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from vnfm.domain.vnfd import VirtualLink
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import VIRTUAL_LINK

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NOTHING = Node("", 0, "", {})


def read(topology: Topology) -> dict[str, VirtualLink]:
    """Every internal virtual link by name."""
    return {template.name: _link(template) for template in topology.of_type(VIRTUAL_LINK)}


def _link(template: Template) -> VirtualLink:
    protocols = template.body.need("connectivity_type").need("layer_protocols").texts()
    layer2, layer3 = _protocol_data(template)
    description = template.properties.get("description")
    mtu = layer2.get("mtu")
    segment = layer2.get("segmentation_id")
    facts = _layer3(layer3) if layer3 is not None else _unspecified(protocols)
    return VirtualLink(
        id=template.name,
        description=description.text() if description is not None and not description.is_null else "",
        layer_protocols=protocols,
        mtu=mtu.integer(1) if mtu is not None else None,
        segmentation_id=segment.text() if segment is not None else None,
        ip_version=facts.ip_version,
        cidr=facts.cidr,
        gateway=facts.gateway,
        dhcp=facts.dhcp,
        allocation_pools=facts.allocation_pools,
    )


def _protocol_data(template: Template) -> tuple[Node, Node | None]:
    """Layer 2 data and the layer 3 data to use: IPv4 before IPv6, for a link has one family here."""
    profile = template.properties.get("vl_profile") or _NOTHING
    stated = profile.get("virtual_link_protocol_data")
    entries: Iterable[Node] = ()
    if stated is not None:
        entries = stated.items() if stated.is_list else [stated]
    layer2, layer3 = _NOTHING, []
    for entry in entries:
        layer2 = entry.get("l2_protocol_data") or layer2
        found = entry.get("l3_protocol_data")
        if found is not None:
            layer3.append(found)
    layer3.sort(key=lambda data: data.need("ip_version").text() != "ipv4")
    return layer2, layer3[0] if layer3 else None


def _unspecified(protocols: tuple[str, ...]) -> VirtualLink:
    """IP without layer 3 data: the VIM picks the subnet and hands out addresses. Otherwise a layer-2 link."""
    version = next((name for name in ("ipv4", "ipv6") if name in protocols), None)
    return VirtualLink(id="", ip_version=version, dhcp=version is not None)


def _layer3(data: Node) -> VirtualLink:
    """DHCP counts as enabled where the VNFD does not say, as VIMs do."""
    version = data.need("ip_version")
    if version.text() not in ("ipv4", "ipv6"):
        raise version.fail("constraint", f"'{version.text()}' is neither ipv4 nor ipv6")
    network = _network(data.need("cidr"), version.text())
    dhcp = data.get("dhcp_enabled")
    gateway = data.get("gateway_ip")
    return VirtualLink(
        id="",
        ip_version=version.text(),
        cidr=str(network),
        gateway=_inside(gateway, network) if gateway is not None else None,
        dhcp=dhcp.flag() if dhcp is not None else True,
        allocation_pools=tuple(_pool(pool, network) for pool in _pools(data)),
    )


def _network(node: Node, version: str) -> Network:
    try:
        network = ipaddress.ip_network(node.text())
    except ValueError as exc:
        raise node.fail("address", f"'{node.text()}' is not a CIDR with all host bits zero") from exc
    if f"ipv{network.version}" != version:
        raise node.fail("address", f"'{node.text()}' is not {version}")
    return network


def _inside(node: Node, network: Network) -> str:
    try:
        address = ipaddress.ip_address(node.text())
    except ValueError as exc:
        raise node.fail("address", f"'{node.text()}' is not an IP address") from exc
    if address not in network:
        raise node.fail("address", f"{address} is outside {network}")
    return str(address)


def _pools(data: Node) -> list[Node]:
    stated = data.get("ip_allocation_pools")
    if stated is None:
        return []
    if stated.is_list:
        return stated.items()
    return [stated] if "start_ip_address" in stated.mapping() else list(stated.mapping().values())


def _pool(pool: Node, network: Network) -> tuple[str, str]:
    first = _inside(pool.need("start_ip_address"), network)
    last = _inside(pool.need("end_ip_address"), network)
    if int(ipaddress.ip_address(first)) > int(ipaddress.ip_address(last)):
        raise pool.fail("address", f"the pool ends ({last}) before it starts ({first})")
    return first, last
