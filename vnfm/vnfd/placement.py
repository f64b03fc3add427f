"""Affinity policies and placement groups into domain rules (SOL001 6.10.9, 6.10.10, 6.9.1)."""

from __future__ import annotations

from collections.abc import Collection

from vnfm.domain.vnfd import AffinityRule
from vnfm.vnfd.topology import Policy, Topology

SCOPES = ("nfvi_node", "zone", "zone_group", "nfvi_pop", "network_link_and_node")


def read(topology: Topology, placed: Collection[str]) -> tuple[AffinityRule, ...]:
    """Rules over ``placed``, the ids of VDUs and virtual links; groups are replaced by their members."""
    return tuple(
        _rule(policy, anti, topology, placed)
        for kind, anti in (("AffinityRule", False), ("AntiAffinityRule", True))
        for policy in topology.policies(kind)
    )


def _rule(policy: Policy, anti: bool, topology: Topology, placed: Collection[str]) -> AffinityRule:
    scope = policy.properties.need("scope")
    if scope.text() not in SCOPES:
        raise scope.fail("constraint", f"the scope '{scope.text()}' is not one of {', '.join(SCOPES)}")
    members: dict[str, None] = {}
    for target in policy.targets:
        for member in topology.groups.get(target, (target,)):
            if member not in placed:
                raise policy.node.fail(
                    "unknown-node",
                    f"the policy '{policy.name}' targets '{member}', which is no "
                    "VDU, virtual link or placement group here",
                )
            members[member] = None
    if not members:
        raise policy.node.fail("missing-key", f"the policy '{policy.name}' has no targets")
    return AffinityRule(policy.name, anti, scope.text(), tuple(members))
