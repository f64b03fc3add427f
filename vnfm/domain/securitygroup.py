"""Security groups: what the VNFD's rules come to where the VIM filters at each server.

A group belongs to a server, not to one of its NICs, so there is one for each VDU that has rules at any of its
connection points, and the rules hold at all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vnfm.domain.ids import label
from vnfm.domain.opening import describe, filtered_protocol
from vnfm.domain.vnfd import Flavour, SecurityRule

_ANYWHERE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What a group lets pass, from ``cidr`` or (``egress``) to it. Without ports where the protocol has none.

    What no rule permits does not come in; it leaves only where there is no egress rule at all.
    """

    egress: bool
    protocol: str
    first: int | None
    last: int | None
    cidr: str


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """The group of a VDU's servers."""

    vdu: str
    name: str
    rules: tuple[GroupRule, ...]


def lay_out(operation_id: str, flavour: Flavour, hint: str) -> list[SecurityGroup]:
    """A group for each VDU with rules that a group can have, whatever the VIM can do."""
    return [
        SecurityGroup(vdu, label(f"{hint}-{vdu}", operation_id, "security", vdu), _rules(flavour, vdu))
        for vdu in sorted(flavour.vdus)
        if _rules(flavour, vdu)
    ]


def guardable(flavour: Flavour, own: Collection[str]) -> list[str]:
    """The VDUs that have such rules, and no connection point on a link in ``own``: a network that this VNFM
    makes has no security groups, and a server has them in all its networks or in none."""
    points = [cp for vdu in flavour.vdus.values() for cp in vdu.connection_points]
    inner = {cp.vdu for cp in points if cp.virtual_link in own}
    return [vdu for vdu in sorted(flavour.vdus.keys() - inner) if _rules(flavour, vdu)]


def too_wide(flavour: Flavour, guarded: Collection[str]) -> Iterator[str]:
    """A sentence for each rule that holds at more connection points than it names; ``guarded`` are the VDUs
    whose servers have a group."""
    for vdu in sorted(guarded):
        points = {cp.id for cp in flavour.vdus[vdu].connection_points}
        for rule in flavour.security_rules:
            if points & set(rule.targets) and points - set(rule.targets) and filtered_protocol(rule):
                others = ", ".join(sorted(points - set(rule.targets)))
                yield (
                    f"security rule {describe(rule)} holds at {others} too: a security group is that of a "
                    "server with all its connection points"
                )


def _rules(flavour: Flavour, vdu: str) -> tuple[GroupRule, ...]:
    points = {cp.id for cp in flavour.vdus[vdu].connection_points}
    found = [_rule(rule) for rule in flavour.security_rules if points & set(rule.targets)]
    return tuple(dict.fromkeys(rule for rule in found if rule is not None))


def _rule(rule: SecurityRule) -> GroupRule | None:
    protocol = filtered_protocol(rule)
    if protocol is None:
        return None
    egress, cidr = rule.direction == "egress", _ANYWHERE[rule.ether_type]
    if protocol not in {"tcp", "udp"}:
        return GroupRule(egress, protocol, None, None, cidr)
    return GroupRule(egress, protocol, max(rule.port_min, 1), max(rule.port_max, 1), cidr)
