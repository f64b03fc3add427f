"""Security groups: made even where no zone uses them.

Only createSecurityGroup and an empty list were recorded; the rest follows CloudStack 4.22's source.
"""

from __future__ import annotations

import ipaddress

from vnfm.sandbox.cloudstack.access import owner_for, touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken, invalid, malformed
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.security import DEFAULT, add, named
from vnfm.sandbox.cloudstack.traffic import SecurityGroup, SecurityRule
from vnfm.sandbox.cloudstack.view_traffic import show_security_group

HIGHEST = 65535


async def create(call: Call) -> Json:
    owner, name = owner_for(call), call.given("name")
    if name in named(call, owner):
        raise invalid(f"Unable to create security group, a group with name {name} already exists.")
    group = add(call, owner, name, call.text("description"))
    return {"securitygroup": show_security_group(call.world, group)}


async def list_groups(call: Call) -> Json:
    named(call, call.account)
    name, vm = call.text("securitygroupname"), call.text("virtualmachineid")
    rows = [
        group
        for group in owned(call, call.world.securitygroups)
        if same(name, group.name) and holds(call.text("keyword"), group.name)
    ]
    if vm:
        rows = [group for group in rows if any(member.id == vm for member in group.members)]
    return page(call, rows, lambda row: show_security_group(call.world, row))


async def delete(call: Call) -> Json:
    """Synchronous. Refused while a VM that is not expunged is a member, and for the default group."""
    group = target(call, "id", "name")
    if group.name == DEFAULT:
        raise invalid("The network group default is reserved")
    if group.members:
        raise Refusal(536, "Cannot delete group when it's in use by virtual machines")
    for rule in group.rules:
        call.world.securityrules.remove(rule)
    call.world.securitygroups.remove(group)
    return {"success": "true"}


def target(call: Call, by_id: str, by_name: str) -> SecurityGroup:
    group = call.row(by_id, call.world.securitygroups)
    if group is None:
        group = named(call, owner_for(call)).get(call.text(by_name) or "")
    if group is None:
        raise invalid("Unable to find the security group")
    touch(call, group.owner)
    return group


async def authorize(call: Call) -> Submission:
    """One rule per CIDR; those that are there are passed over, and if none is new the job fails."""
    egress = call.command.name.endswith("Egress")
    group = target(call, "securitygroupid", "securitygroupname")
    if not call.words("cidrlist"):
        raise invalid("At least one cidr or at least one security group needs to be specified")
    protocol = (call.text("protocol") or "all").lower()
    ports = read_ports(call, protocol)
    cidrs = [check_cidr(cidr) for cidr in call.words("cidrlist")]

    def finish() -> Json:
        if call.world.securitygroups.get(group.id) is None:
            raise invalid("Unable to find the security group")
        known = {rule.signature for rule in group.rules}
        new = [cidr for cidr in cidrs if (egress, protocol, ports, cidr) not in known]
        if not new:
            kind = "egress" if egress else "ingress"
            raise broken(f"Failed to authorize security group {kind} rule(s)")
        for cidr in new:
            birth = vars(call.world.birth(call.world.securityrules))
            rule = SecurityRule(
                **birth,
                owner=group.owner,
                group=group,
                egress=egress,
                protocol=protocol,
                ports=ports,
                cidr=cidr,
            )
            group.rules.append(call.world.securityrules.add(rule))
        return {"securitygroup": show_security_group(call.world, group)}

    return Submission(finish=finish, kind="SecurityGroup", row=group)


def read_ports(call: Call, protocol: str) -> tuple[int, int] | None:
    first, last = call.number("startport"), call.number("endport")
    if protocol == "icmp":
        kind, code = call.number("icmptype"), call.number("icmpcode")
        if kind is None or code is None:
            raise invalid(f"Invalid ICMP type/code specified, icmpType = {kind}, icmpCode = {code}")
        return kind, code
    if protocol == "all":
        if first is not None or last is not None:
            raise invalid("Cannot specify startPort or endPort without specifying protocol")
        return None
    if protocol not in {"tcp", "udp"}:
        raise invalid(f"Invalid protocol {protocol}")
    if first is None or last is None or not 0 < first <= last <= HIGHEST:
        raise invalid(f"Invalid port range specified, startPort = {first}, endPort = {last}")
    return first, last


def check_cidr(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError as exc:
        raise malformed(f"Invalid cidr {text}") from exc
    return text


async def revoke(call: Call) -> Submission:
    rule = call.need("id", call.world.securityrules)
    touch(call, rule.owner)
    if rule.egress != call.command.name.endswith("Egress"):
        raise invalid(f"Unable to find the rule {rule.id} of that direction")

    def finish() -> Json:
        if rule in rule.group.rules:
            rule.group.rules.remove(rule)
            call.world.securityrules.remove(rule)
        return {"success": True}

    return Submission(finish=finish, kind="SecurityGroup", row=rule.group)


HANDLERS: Handlers = {
    "createSecurityGroup": create,
    "listSecurityGroups": list_groups,
    "deleteSecurityGroup": delete,
    "authorizeSecurityGroupIngress": authorize,
    "authorizeSecurityGroupEgress": authorize,
    "revokeSecurityGroupIngress": revoke,
    "revokeSecurityGroupEgress": revoke,
}
