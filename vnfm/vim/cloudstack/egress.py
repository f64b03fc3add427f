"""What may leave an isolated network: rules of its router, exceptions to its offering's default."""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.vim.cloudstack import jobs, network
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Outcome, PortSpec

#: All types and codes of ICMP.
_ANY = -1


def is_filtered(site: Site, network_id: str) -> bool | None:
    """Whether nothing leaves without a rule; None where there is no firewall, or no network to be seen."""
    row = network.read(site, network_id)
    if row is None or "Firewall" not in {str(one.get("name")) for one in row.get("service", ())}:
        return None
    return row.get("egressdefaultpolicy") is not True


def create(site: Site, network_id: str, spec: PortSpec) -> Outcome:
    """A rule for the network's own addresses: CloudStack takes them where no cidrlist is given."""
    icmp = _ANY if spec.protocol == "icmp" else None
    params: dict[str, Value] = {
        "networkid": network_id,
        "protocol": spec.protocol,
        "startport": spec.first,
        "endport": spec.last,
        "cidrlist": list(spec.cidrs) or None,
        "icmptype": icmp,
        "icmpcode": icmp,
    }
    return jobs.submit(site.client, "createEgressFirewallRule", params)


def find(site: Site, network_id: str, spec: PortSpec) -> Sequence[str]:
    """Ids of the egress rules of this protocol and these ports, whatever their sources."""
    rows = site.client.rows(
        "listEgressFirewallRules",
        "firewallrule",
        networkid=network_id,
        listall=True,
        **site.place().owner,
    )
    wanted = (spec.protocol, spec.first or 0, spec.last or 0)
    return [str(row["id"]) for row in rows if _signature(row) == wanted]


def _signature(row: Row) -> tuple[str, int, int]:
    return str(row.get("protocol")).lower(), number(row.get("startport"), 0), number(row.get("endport"), 0)
