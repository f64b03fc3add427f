"""Security groups: only in zones that have them, and in networks that offer the service SecurityGroup.

Names are unique per account. Commands and parameters are those of the 4.22 catalogue; no recording has a zone
with security groups.
"""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import jobs, network
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import GroupRule, Outcome

#: All types and codes of ICMP.
_ANY = -1
_COMMANDS = {False: "authorizeSecurityGroupIngress", True: "authorizeSecurityGroupEgress"}
_LISTED = {False: "ingressrule", True: "egressrule"}


def obstacle(site: Site, network_ids: Sequence[str]) -> str | None:
    """Why a server in these networks can have no security groups."""
    place = site.place()
    if not place.security_groups:
        return f"the zone '{place.zone_name}' has no security groups"
    for network_id in network_ids:
        row = network.read(site, network_id)
        services = {str(one.get("name")) for one in (row or {}).get("service", ())}
        if "SecurityGroup" not in services:
            name = (row or {}).get("name", network_id)
            return f"the network '{name}' has no security groups"
    return None


def create(site: Site, name: str, description: str) -> Outcome:
    """Synchronous; a second of its name is refused."""
    params: dict[str, Value] = {"name": name, "description": description or None, **site.place().owner}
    return jobs.submit(site.client, "createSecurityGroup", params)


def find(site: Site, name: str) -> Sequence[str]:
    """Ids of groups of exactly this name."""
    rows = site.client.rows(
        "listSecurityGroups", "securitygroup", securitygroupname=name, listall=True, **site.place().owner
    )
    return [str(row["id"]) for row in rows if row.get("name") == name]


def permit(site: Site, group_id: str, rule: GroupRule) -> Outcome:
    """One rule. A job that makes nothing new is one that failed."""
    icmp = _ANY if rule.protocol == "icmp" else None
    params: dict[str, Value] = {
        "securitygroupid": group_id,
        "protocol": rule.protocol,
        "startport": rule.first,
        "endport": rule.last,
        "icmptype": icmp,
        "icmpcode": icmp,
        "cidrlist": [rule.cidr],
        "projectid": site.place().project_id,
    }
    return jobs.submit(site.client, _COMMANDS[rule.egress], params, group_id)


def missing(site: Site, group_id: str, rules: Sequence[GroupRule]) -> Sequence[GroupRule]:
    """Rules that the group does not have. Permanent if it is not to be seen."""
    rows = site.client.rows(
        "listSecurityGroups", "securitygroup", id=group_id, listall=True, **site.place().owner
    )
    if not rows:
        raise Permanent(f"There is no security group {group_id} that this user can see")
    there = {_read(row, egress) for egress, key in _LISTED.items() for row in rows[0].get(key) or ()}
    return [rule for rule in rules if rule not in there]


def _read(row: Row, egress: bool) -> GroupRule:
    protocol, cidr = str(row.get("protocol")).lower(), str(row.get("cidr"))
    if protocol not in {"tcp", "udp"}:
        return GroupRule(egress, protocol, None, None, cidr)
    first, last = number(row.get("startport"), 0), number(row.get("endport"), 0)
    return GroupRule(egress, protocol, first, last, cidr)
