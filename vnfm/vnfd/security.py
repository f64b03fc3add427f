"""SecurityGroupRule policies into rules over the connection points of VDUs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vnfm.domain.vnfd import ConnectionPoint, SecurityRule, VirtualIpCp
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Policy, Topology
from vnfm.vnfd.typetree import SUB_CP

_DIRECTIONS = ("ingress", "egress")
_ETHER_TYPES = ("ipv4", "ipv6")
_MAX_PORT = 65535


def read(
    topology: Topology, points: Iterable[ConnectionPoint], virtual_ips: Mapping[str, VirtualIpCp]
) -> tuple[SecurityRule, ...]:
    """The rules, each over the ids of the connection points it applies to.

    A VnfExtCp stands for the points it exposes, and a VipCp for those that answer for it. Sub-ports of a
    trunk are left out, since they are not provided; a rule for nothing else is dropped.
    """
    known: dict[str, tuple[str, ...]] = {template.name: () for template in topology.of_type(SUB_CP)}
    for point in points:
        known[point.id] = (point.id,)
        if point.external_cpd is not None and point.external_cpd != point.id:
            known[point.external_cpd] = (*known.get(point.external_cpd, ()), point.id)
    known.update({vip.id: vip.targets for vip in virtual_ips.values()})
    rules = [_rule(policy, known) for policy in topology.policies("Abstract.SecurityGroupRule")]
    return tuple(rule for rule in rules if rule.targets)


def _rule(policy: Policy, known: Mapping[str, tuple[str, ...]]) -> SecurityRule:
    values = policy.properties
    least = _port(values.get("port_range_min"), 0)
    most = _port(values.get("port_range_max"), _MAX_PORT)
    if least > most:
        raise values.fail("out-of-range", f"port_range_min {least} is above port_range_max {most}")
    return SecurityRule(
        id=policy.name,
        targets=_targets(policy, known),
        direction=_one_of(values.get("direction"), _DIRECTIONS),
        ether_type=_one_of(values.get("ether_type"), _ETHER_TYPES),
        protocol=(values.optional_text("protocol") or "tcp").lower(),
        port_min=least,
        port_max=most,
        description=values.optional_text("description") or "",
    )


def _targets(policy: Policy, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for target in policy.targets:
        if target not in known:
            raise policy.node.fail(
                "unknown-node", f"the policy '{policy.name}' targets '{target}', which is no connection point"
            )
        found.update(dict.fromkeys(known[target]))
    if not policy.targets:
        raise policy.node.fail("missing-key", f"the policy '{policy.name}' has no targets")
    return tuple(found)


def _port(node: Node | None, default: int) -> int:
    return node.integer(0, _MAX_PORT) if node is not None else default


def _one_of(node: Node | None, allowed: tuple[str, ...]) -> str:
    """The value, which is the first where nothing is said."""
    if node is None:
        return allowed[0]
    if node.text() not in allowed:
        raise node.fail("constraint", f"'{node.text()}' is not one of {', '.join(allowed)}")
    return node.text()
