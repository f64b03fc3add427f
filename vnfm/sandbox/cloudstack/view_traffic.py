"""How firewall rules, port forwardings, load balancers and security groups look from outside."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.traffic import Balancer, Forwarding, SecurityGroup, SecurityRule
from vnfm.sandbox.cloudstack.view_vm import ownership, tags_on
from vnfm.sandbox.cloudstack.world import World


def show_rule(world: World, rule: model.FirewallRule) -> Json:
    """Ports are numbers here and strings in forwardings."""
    shown: Json = {"id": rule.id, "protocol": rule.protocol}
    if rule.first is not None:
        shown |= {"startport": rule.first, "endport": rule.last}
    if rule.icmp is not None:
        shown |= {"icmptype": rule.icmp[0], "icmpcode": rule.icmp[1]}
    shown["networkid"] = rule.network.id
    if rule.address is not None:
        shown |= {"ipaddressid": rule.address.id, "ipaddress": rule.address.address}
    shown |= {"state": "Active", "cidrlist": rule.cidrs, "destcidrlist": rule.destinations}
    shown["traffictype"] = "Egress" if rule.egress else "Ingress"
    return shown | {"tags": tags_on(world, rule)}


def show_forwarding(world: World, rule: Forwarding) -> Json:
    vm, address = rule.nic.vm, rule.address
    shown: Json = {"id": rule.id, "protocol": rule.protocol}
    shown |= {"privateport": str(rule.private.first), "privateendport": str(rule.private.last)}
    shown |= {"publicport": str(rule.public.first), "publicendport": str(rule.public.last)}
    shown |= {"virtualmachineid": vm.id, "virtualmachinename": vm.name}
    shown |= {"virtualmachinedisplayname": vm.displayname, "ipaddressid": address.id}
    shown |= {"ipaddress": address.address, "state": "Active", "cidrlist": rule.cidrs}
    shown |= {"tags": tags_on(world, rule), "vmguestip": rule.target, "networkid": address.network.id}
    return shown


def show_balancer(world: World, rule: Balancer) -> Json:
    address = rule.address
    shown: Json = {"id": rule.id, "name": rule.name}
    if rule.description is not None:
        shown["description"] = rule.description
    shown |= {"publicipid": address.id, "publicip": address.address, "publicport": str(rule.public.first)}
    shown |= {"privateport": str(rule.private), "algorithm": rule.algorithm}
    shown |= {"networkid": address.network.id, **ownership(rule.owner), "state": rule.state}
    shown |= {"zoneid": address.zone.id, "zonename": address.zone.name, "tags": tags_on(world, rule)}
    return shown


def show_security_group(world: World, group: SecurityGroup) -> Json:
    shown: Json = {"id": group.id, "name": group.name}
    if group.description is not None:
        shown["description"] = group.description
    shown |= ownership(group.owner)
    shown["ingressrule"] = [show_security_rule(world, rule) for rule in group.rules if not rule.egress]
    shown["egressrule"] = [show_security_rule(world, rule) for rule in group.rules if rule.egress]
    shown["tags"] = tags_on(world, group)
    members = [vm.id for vm in group.members]
    return shown | {"virtualmachinecount": len(members), "virtualmachineids": members}


def show_security_rule(world: World, rule: SecurityRule) -> Json:
    """No rule of the kind was recorded: names as the catalogue has them."""
    shown: Json = {"ruleid": rule.id, "protocol": rule.protocol}
    if rule.ports is not None:
        first, last = ("icmptype", "icmpcode") if rule.protocol == "icmp" else ("startport", "endport")
        shown |= {first: rule.ports[0], last: rule.ports[1]}
    return shown | {"cidr": rule.cidr, "tags": tags_on(world, rule)}
