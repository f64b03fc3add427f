"""VipCp node templates: one address shared by several connection points (SOL001 from 2.7.1)."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm.domain.vnfd import VirtualIpCp, VirtualLink
from vnfm.vnfd.exposure import Exposure
from vnfm.vnfd.points import addresses_of, link_of, structures
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import VDU_CP, VIP_CP

FUNCTIONS = ("high_availability", "load_balance")


def read(topology: Topology, links: Mapping[str, VirtualLink], exposure: Exposure) -> dict[str, VirtualIpCp]:
    """Every virtual IP by name."""
    return {
        template.name: _virtual_ip(template, topology, links, exposure)
        for template in topology.of_type(VIP_CP)
    }


def _virtual_ip(
    template: Template, topology: Topology, links: Mapping[str, VirtualLink], exposure: Exposure
) -> VirtualIpCp:
    values = template.body
    link = link_of(template, links)
    external = exposure.cpd_of(template.name, link)
    function = values.need("vip_function")
    if function.text() not in FUNCTIONS:
        raise function.fail("constraint", f"'{function.text()}' is not one of {', '.join(FUNCTIONS)}")
    dedicated = values.get("dedicated_ip_address")
    _, addresses = addresses_of(values.get("protocol"))
    return VirtualIpCp(
        id=template.name,
        function=function.text(),
        targets=_targets(template, topology),
        virtual_link=None if external is not None else link,
        external_cpd=external,
        layer_protocols=values.need("layer_protocols").texts(),
        fixed_addresses=addresses,
        dedicated=dedicated is None or dedicated.flag(),
        description=values.optional_text("description") or "",
        protocol_data=structures(values.get("protocol")),
    )


def _targets(template: Template, topology: Topology) -> tuple[str, ...]:
    points = {point.name for point in topology.of_type(VDU_CP)}
    found: dict[str, None] = {}
    for item in template.targets("target"):
        if item.target is None or item.target not in points:
            raise item.at.fail("unknown-node", f"'{item.target}' is no connection point of a VDU here")
        found[item.target] = None
    if not found:
        raise template.node.fail("missing-key", f"'{template.name}' needs the requirement target")
    return tuple(found)
