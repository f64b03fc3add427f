"""VNF indicators: policies from 3.3.1 on, before that notifications of an interface (SOL001 VnfIndicator)."""

from __future__ import annotations

from vnfm.domain.vnfd import Indicator
from vnfm.vnfd import interfaces
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Policy, Topology
from vnfm.vnfd.vnf import Vnf

SOURCES = ("vnf", "em", "both_vnf_and_em")
_NOTHING = Node("", 0, "", {})


def read(topology: Topology, vnf: Vnf) -> dict[str, Indicator]:
    """Indicators by id. With policies, an interface's notifications are only the events of their triggers."""
    found = read_policies(topology)
    return found or {name: Indicator(name, name) for name in interfaces.notifications(topology, vnf)}


def read_policies(topology: Topology) -> dict[str, Indicator]:
    """Those of the newer form alone."""
    return {policy.name: _of_policy(policy, topology) for policy in topology.policies("VnfIndicator")}


def _of_policy(policy: Policy, topology: Topology) -> Indicator:
    source = policy.properties.need("source")
    if source.text() not in SOURCES:
        raise source.fail("constraint", f"the source '{source.text()}' is not one of {', '.join(SOURCES)}")
    triggers: dict[str, object] = {}
    for holder in (*topology.types.definitions("policy_types", policy.type, policy.node), policy.raw):
        triggers |= {name: node.plain() for name, node in (holder.get("triggers") or _NOTHING).pairs()}
    return Indicator(
        id=policy.name,
        name=policy.properties.optional_text("name") or policy.name,
        source=source.text(),
        triggers=triggers,
    )
