"""What may leave a network; the rows are those of recording nat 49 to 65."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.vim.api import FakeApi, Refusal, listing, ready
from vnfm.vim.port import Failed, Finished, Kind, Outcome, PortSpec, Resource, Started

NETWORK = {"id": "n-1", "name": "inner", "service": [{"name": "Dhcp"}, {"name": "Firewall"}]}
RULE = {
    "id": "r-1", "protocol": "tcp", "startport": 443, "endport": 443, "networkid": "n-1",
    "state": "Active", "cidrlist": "10.1.1.0/24", "traffictype": "Egress",
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "filtered"),
    [
        ({**NETWORK, "egressdefaultpolicy": False}, True),
        (NETWORK, True),
        ({**NETWORK, "egressdefaultpolicy": True}, False),
        ({**NETWORK, "service": [{"name": "Dhcp"}]}, None),
        ({"id": "n-1", "type": "L2"}, None),
        (None, None),
    ],
)
def test_what_a_network_does_by_itself(row: dict[str, Any] | None, filtered: bool | None) -> None:
    api = ready().on("listNetworks", listing("network", *([row] if row else [])))
    assert api.connect().filters_egress("n-1") is filtered


@pytest.mark.parametrize(
    ("spec", "sent"),
    [
        (PortSpec("udp", 53, 53, ()), {"protocol": "udp", "startport": "53", "endport": "53"}),
        (PortSpec("icmp", cidrs=()), {"protocol": "icmp", "icmptype": "-1", "icmpcode": "-1"}),
        (PortSpec("all", cidrs=()), {"protocol": "all"}),
    ],
)
def test_a_rule_is_made_for_the_networks_own_addresses(spec: PortSpec, sent: dict[str, str]) -> None:
    api = ready().on("createEgressFirewallRule", {"id": "r-1", "jobid": "j"})
    assert api.connect().open_egress("n-1", spec) == Started("createEgressFirewallRule j r-1", "r-1")
    assert api.sent("createEgressFirewallRule") == {"networkid": "n-1", **sent}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (PortSpec("tcp", 443, 443, ()), ["r-1"]),
        (PortSpec("tcp", 443, 444, ()), []),
        (PortSpec("udp", 443, 443, ()), []),
        (PortSpec("all", cidrs=()), ["r-2"]),
    ],
)
def test_one_is_found_by_protocol_and_ports(spec: PortSpec, found: list[str]) -> None:
    every = {**RULE, "id": "r-2", "protocol": "all", "startport": None, "endport": None}
    rows = [RULE, {key: value for key, value in every.items() if value is not None}]
    api = ready().on("listEgressFirewallRules", listing("firewallrule", *rows))
    assert api.connect().find_egress("n-1", spec) == found


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"jobid": "j"}, Started("deleteEgressFirewallRule j x", "x")),
        (Refusal(431, "Unable to find UUID for id [7] of type [FirewallRule]"), Finished("x")),
        (Refusal(431, "protected"), Failed(431, "protected", "deleteEgressFirewallRule")),
    ],
)
def test_one_is_removed(answer: Any, outcome: Outcome) -> None:
    api: FakeApi = ready().on("deleteEgressFirewallRule", answer)
    assert api.connect().remove(Resource(Kind.EGRESS_RULE, "x")) == outcome
