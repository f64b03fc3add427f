"""Security rules of the VNFD (SecurityGroupRule): what of them can be enforced without security groups, and
what by nothing at all.

An isolated network that the VNF itself has lets nothing out by default: there an egress rule opens the router
for the whole network. What comes in is filtered at public addresses only, and between the NICs of one
network nothing is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from vnfm.domain.vnfd import ConnectionPoint, Flavour, SecurityRule

#: Protocols by their names and numbers in the VNFD, as the router knows them.
_PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "6": "tcp", "17": "udp", "1": "icmp"}
_ANY = frozenset({"any", "all"})


@dataclass(frozen=True, slots=True)
class Opening:
    """An egress rule on one internal virtual link. Ports are None where the protocol has none."""

    rule: str
    link: str
    protocol: str
    first: int | None
    last: int | None

    @property
    def target(self) -> str:
        """How the journal calls it."""
        return f"{self.rule}/{self.link}"


def lay_out(flavour: Flavour, own: Collection[str]) -> list[Opening]:
    """The openings to be made; ``own`` are the virtual links whose networks this VNFM makes."""
    found: dict[str, Opening] = {}
    for rule in flavour.security_rules:
        for cp in _points(flavour, rule):
            if cp.virtual_link is not None and _obstacle(flavour, rule, cp, own) is None:
                opening = _opening(rule, cp.virtual_link)
                found[opening.target] = opening
    return list(found.values())


def without_effect(
    flavour: Flavour,
    own: Collection[str],
    groups: Mapping[str, str | None] | None = None,
    at: Collection[str] | None = None,
) -> Iterator[str]:
    """A sentence for each rule and connection point where it is not enforced, with the reason.

    ``groups``: by VDU, None if its servers have a security group, else why they have none. ``at``: the
    connection points it is about; absent: all.
    """
    known = groups or {}
    for rule in flavour.security_rules:
        for cp in _points(flavour, rule):
            if at is not None and cp.id not in at:
                continue
            reason = _unfiltered(rule) or _without_group(flavour, rule, cp, own, known)
            if reason is not None:
                yield f"security rule {describe(rule)} is not enforced at {cp.id}: {reason}"


def describe(rule: SecurityRule) -> str:
    """The rule in words: name, direction, protocol and ports."""
    ports = "" if rule.protocol == "icmp" else f" {rule.port_min}-{rule.port_max}"
    return f"{rule.id} ({rule.direction} {rule.ether_type} {rule.protocol}{ports})"


def filtered_protocol(rule: SecurityRule) -> str | None:
    """The rule's protocol in CloudStack's word, ``all`` for any; None if CloudStack does not filter it."""
    return "all" if rule.protocol in _ANY else _PROTOCOLS.get(rule.protocol)


def late(before: Flavour, flavour: Flavour, fresh: Collection[str]) -> Iterator[str]:
    """A sentence for each rule that a change brings to connection points that stand: not in ``fresh``."""
    for rule in flavour.security_rules:
        points = [cp.id for cp in _points(flavour, rule) if cp.id not in fresh]
        if points and rule not in before.security_rules:
            where = ", ".join(sorted(points))
            yield (
                f"security rule {describe(rule)} is not applied at {where}: rules are set when a VDU or link "
                "is made, and stay as they were"
            )


def _points(flavour: Flavour, rule: SecurityRule) -> list[ConnectionPoint]:
    points = [cp for _, vdu in sorted(flavour.vdus.items()) for cp in vdu.connection_points]
    return [cp for cp in points if cp.id in rule.targets]


def _unfiltered(rule: SecurityRule) -> str | None:
    if filtered_protocol(rule) is None:
        return f"CloudStack does not filter the protocol {rule.protocol}"
    return None


def _without_group(
    flavour: Flavour,
    rule: SecurityRule,
    cp: ConnectionPoint,
    own: Collection[str],
    groups: Mapping[str, str | None],
) -> str | None:
    """Why neither a group nor a router enforces it; None if one of them does."""
    if cp.vdu in groups and groups[cp.vdu] is None:
        return None
    reason = _obstacle(flavour, rule, cp, own)
    return reason and f"{groups.get(cp.vdu) or 'its servers have no security groups'}, and {reason}"


def _obstacle(flavour: Flavour, rule: SecurityRule, cp: ConnectionPoint, own: Collection[str]) -> str | None:
    """Why no router enforces a rule at a connection point; None if one does."""
    if rule.direction != "egress":
        return "CloudStack's routers filter what comes in at public addresses only"
    if rule.ether_type != "ipv4":
        return "only IPv4 is filtered"
    if cp.virtual_link is None or cp.virtual_link not in own:
        return "its network is not the VNF's own"
    if flavour.virtual_links[cp.virtual_link].is_layer2:
        return "a layer-2 link has no router that could filter"
    return _unfiltered(rule)


def _opening(rule: SecurityRule, link: str) -> Opening:
    protocol = filtered_protocol(rule) or "all"
    if protocol not in {"tcp", "udp"}:
        return Opening(rule.id, link, protocol, None, None)
    return Opening(rule.id, link, protocol, max(rule.port_min, 1), max(rule.port_max, 1))
