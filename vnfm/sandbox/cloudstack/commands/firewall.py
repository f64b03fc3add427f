"""Firewall rules on public addresses, and egress rules of networks."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import owned, page, same
from vnfm.sandbox.cloudstack.nat import ANYWHERE, check_cidrs, conflict, read_ports
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import Ports
from vnfm.sandbox.cloudstack.view_traffic import show_rule

PROTOCOLS = frozenset({"tcp", "udp", "icmp"})


async def create(call: Call) -> Submission:
    address = call.need("ipaddressid", call.world.addresses)
    touch(call, address.owner)
    cidrs = check_cidrs(call.text("cidrlist")) or ANYWHERE
    return write(call, address.network, address, cidrs)


async def create_egress(call: Call) -> Submission:
    """Without `cidrlist` the rule gets the network's own range."""
    network = call.need("networkid", call.world.networks)
    touch(call, network.owner)
    cidrs = check_cidrs(call.text("cidrlist")) or network.cidr or ANYWHERE
    return write(call, network, None, cidrs)


def write(call: Call, network: model.Network, address: model.Address | None, cidrs: str) -> Submission:
    world, protocol = call.world, call.given("protocol").lower()
    if protocol not in PROTOCOLS | ({"all"} if address is None else set()):
        raise invalid(f"Protocol {call.given('protocol')} is not supported in zone {network.zone.serial}")
    ports = read_ports(call.number("startport"), call.number("endport"))
    rule = model.FirewallRule(
        **vars(world.birth(world.firewallrules)),
        owner=network.owner,
        address=address,
        network=network,
        protocol=protocol,
        first=ports.first if ports else None,
        last=ports.last if ports else None,
        icmp=read_icmp(call) if protocol == "icmp" else None,
        cidrs=cidrs,
        destinations=check_cidrs(call.text("destcidrlist")) or "",
        egress=address is None,
    )
    for other in world.firewallrules:
        if collide(rule, other):
            raise collision(rule, other)
    world.firewallrules.add(rule)
    return Submission(
        finish=lambda: {"firewallrule": show_rule(world, rule)},
        kind="FirewallRule",
        row=rule,
        created=rule.id,
    )


def read_icmp(call: Call) -> tuple[int, int]:
    kind, code = call.number("icmptype"), call.number("icmpcode")
    return (-1 if kind is None else kind, -1 if code is None else code)


def collide(new: model.FirewallRule, old: model.FirewallRule) -> bool:
    """Rules of one address and protocol that share a CIDR and a port."""
    place = (new.network, new.address, new.egress, new.protocol)
    if place != (old.network, old.address, old.egress, old.protocol):
        return False
    if not set(new.cidrs.split(",")) & set(old.cidrs.split(",")):
        return False
    if new.protocol == "icmp":
        return new.icmp == old.icmp
    return ports_of(new).meets(ports_of(old))


def ports_of(rule: model.FirewallRule) -> Ports:
    return Ports(rule.first or 0, rule.last or 65535)


def collision(new: model.FirewallRule, old: model.FirewallRule) -> Refusal:
    return conflict(ports_of(new), old, "Firewall", ports_of(old))


async def list_rules(call: Call) -> Json:
    return listed(call, egress=False)


async def list_egress(call: Call) -> Json:
    return listed(call, egress=True)


def listed(call: Call, *, egress: bool) -> Json:
    """Newest first."""
    rows = [
        rule
        for rule in reversed(owned(call, call.world.firewallrules))
        if rule.egress == egress
        and same(call.text("ipaddressid"), rule.address.id if rule.address else None)
        and same(call.text("networkid"), rule.network.id)
    ]
    return page(call, rows, lambda row: show_rule(call.world, row))


async def delete(call: Call) -> Submission:
    rule = call.need("id", call.world.firewallrules)
    touch(call, rule.owner)
    if rule.egress != (call.command.name == "deleteEgressFirewallRule"):
        raise invalid(f"The rule {rule.id} is not of that kind")

    def finish() -> Json:
        call.world.firewallrules.remove(rule)
        return {"success": True}

    return Submission(finish=finish)


HANDLERS: Handlers = {
    "createFirewallRule": create,
    "listFirewallRules": list_rules,
    "deleteFirewallRule": delete,
    "createEgressFirewallRule": create_egress,
    "listEgressFirewallRules": list_egress,
    "deleteEgressFirewallRule": delete,
}
