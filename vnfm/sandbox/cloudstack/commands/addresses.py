"""Public addresses and the firewall rules on them."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.nics import drop_rules, take_address
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_network import show_address, show_rule


async def associate(call: Call) -> Submission:
    world = call.world
    network = call.row("networkid", world.networks)
    if network is None:
        raise invalid("Unable to figure out the network to associate the address with")
    touch(call, network.owner)
    need_room(world, network.owner, {1: 1})
    address = world.addresses.add(take_address(world, network, source_nat=False))
    address.state = "Allocating"

    def finish() -> Json:
        shown = show_address(world, address)  # the job still says Allocating, the list Allocated
        address.state = "Allocated"
        return {"ipaddress": shown}

    return Submission(finish=finish, kind="IpAddress", row=address, created=address.id)


async def disassociate(call: Call) -> Submission:
    """A second release is 530 at submit, not 431 like everything else that is gone."""
    world = call.world
    address = world.addresses.get(call.given("id"))
    if address is None:
        raise broken("IP address is already released")
    touch(call, address.owner)
    doomed = address

    def finish() -> Json:
        if doomed.source_nat:
            raise broken("ip address is used for source nat purposes and can not be disassociated.")
        drop_rules(world, doomed)
        if doomed.nic is not None:
            world.static_nat.pop(doomed.nic, None)
        world.addresses.remove(doomed)
        return {"success": True}

    return Submission(finish=finish, kind="IpAddress", row=address)


async def list_addresses(call: Call) -> Json:
    rows = [
        address
        for address in owned(call, call.world.addresses)
        if same(call.text("associatednetworkid"), address.network.id)
        and same(call.text("ipaddress"), address.address)
        and same(call.text("zoneid"), address.zone.id)
        and same(call.text("state"), address.state)
        and chosen_flag(call, "issourcenat", address.source_nat)
        and chosen_flag(call, "isstaticnat", address.nic is not None)
        and holds(call.text("keyword"), address.address)
    ]
    return page(call, rows, lambda row: show_address(call.world, row))


def chosen_flag(call: Call, name: str, value: bool) -> bool:
    return call.text(name) is None or call.flag(name) == value


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


async def delete_rule(call: Call) -> Submission:
    rule = call.need("id", call.world.firewallrules)
    touch(call, rule.owner)

    def finish() -> Json:
        call.world.firewallrules.remove(rule)
        return {"success": True}

    return Submission(finish=finish, kind="FirewallRule")


def open_port(call: Call, address: model.Address, port: int, cidrs: str) -> None:
    world = call.world
    world.firewallrules.add(
        model.FirewallRule(
            **vars(world.birth(world.firewallrules)),
            owner=address.owner,
            address=address,
            network=address.network,
            protocol="tcp",
            first=port,
            last=port,
            cidrs=cidrs,
        )
    )


HANDLERS: Handlers = {
    "associateIpAddress": associate,
    "disassociateIpAddress": disassociate,
    "listPublicIpAddresses": list_addresses,
    "listFirewallRules": list_rules,
    "listEgressFirewallRules": list_egress,
    "deleteFirewallRule": delete_rule,
}
