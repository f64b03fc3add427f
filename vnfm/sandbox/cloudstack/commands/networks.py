"""Guest networks."""

from __future__ import annotations

import ipaddress

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import owner_for, scope_of, touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import by_tags, holds, page, same
from vnfm.sandbox.cloudstack.nat import release_address
from vnfm.sandbox.cloudstack.nics import is_address
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_network import show_network


async def create(call: Call) -> Json:
    """Synchronous. Names are not unique; what does not fit the offering is ignored rather than refused."""
    world = call.world
    offering = call.need("networkofferingid", world.networkofferings)
    zone = call.need("zoneid", world.zones)
    owner = owner_for(call)
    need_room(world, owner, {6: 1})
    vlan = vlan_for(call, offering, zone)
    network = model.Network(
        **vars(world.birth(world.networks)),
        owner=owner,
        name=call.given("name"),
        displaytext=call.text("displaytext") or call.given("name"),
        zone=zone,
        offering=offering,
        state="Setup" if vlan is not None or offering.guestiptype == "Shared" else "Allocated",
        vlan=vlan,
        fixed_vlan=vlan is not None,
        shared=offering.guestiptype == "Shared",
    )
    if offering.guestiptype != "L2":
        set_range(call, network)
    world.networks.add(network)
    return {"network": show_network(world, network, root=call.root)}


def vlan_for(call: Call, offering: model.NetworkOffering, zone: model.Zone) -> int | None:
    """Only root's `vlan` counts, and only where the offering asks for one."""
    text = call.text("vlan")
    if not call.root or not text or not offering.specifyvlan:
        if offering.specifyvlan:
            raise invalid("Vlan has to be specified for the network offering")
        return None
    if not text.isdigit():
        raise invalid(f"Invalid vlan {text}")
    twin = any(n.vlan == int(text) and n.zone is zone for n in call.world.networks)
    if twin and not call.flag("bypassvlanoverlapcheck"):
        raise invalid(
            f"Network with vlan {text} already exists or overlaps with other network vlans in zone Zone"
            f' {{"id": "{zone.serial}", "name": "{zone.name}", "uuid": "{zone.id}"}}'
        )
    return int(text)


def set_range(call: Call, network: model.Network) -> None:
    gateway, netmask = call.text("gateway"), call.text("netmask")
    if network.shared and not (gateway and netmask and call.text("startip")):
        raise invalid("StartIp, gateway and netmask must be given for a shared network")
    if gateway and netmask:
        for text in (gateway, netmask):
            if not is_address(text):
                raise invalid(f"Invalid address {text}")
        network.gateway = gateway
        network.cidr = str(ipaddress.IPv4Network(f"{gateway}/{netmask}", strict=False))
    else:
        guest = ipaddress.IPv4Network(str(network.zone.facts["guestcidraddress"]))
        network.gateway, network.cidr = str(guest.network_address + 1), str(guest)
    if network.shared:
        network.first = call.text("startip")
        network.last = call.text("endip") or network.first


async def list_networks(call: Call) -> Json:
    """Newest first. There is no parameter `name`; who sends one gets everything."""
    world = call.world
    wanted = call.text("id")
    shows = scope_of(call, by_id=bool(wanted))
    keyword = call.text("keyword")
    found = [
        network
        for network in reversed(list(world.networks))
        if same(wanted, network.id)
        and (shows(network.owner) or network.shared)
        and holds(keyword, network.name, network.displaytext)
        and same(call.text("zoneid"), network.zone.id)
        and same(call.text("type"), network.type)
        and same(call.text("networkofferingid"), network.offering.id)
    ]
    return page(call, by_tags(call, found), lambda row: show_network(world, row, root=call.root))


def target(call: Call) -> model.Network:
    world = call.world
    key = call.given("id")
    network = world.networks.get(key)
    if network is None:
        lost = world.networks.find(key)
        raise invalid(f"Network ID={lost.serial if lost else key} doesn't exist")
    touch(call, network.owner)
    return network


async def update(call: Call) -> Submission:
    network = target(call)

    def finish() -> Json:
        network.name = call.text("name") or network.name
        network.displaytext = call.text("displaytext") or network.displaytext
        return {"network": show_network(call.world, network, root=call.root)}

    return Submission(finish=finish, kind="Network")


async def delete(call: Call) -> Submission:
    """Refused, without a reason, while any VM that is not expunged has a NIC there."""
    network, world = target(call), call.world

    def finish() -> Json:
        if network.nics:
            raise broken("Failed to delete network")
        for address in world.addresses:
            if address.network is network:
                release_address(world, address)
        for rule in world.firewallrules:
            if rule.network is network:
                world.firewallrules.remove(rule)
        for tag in list(world.tags_of(network)):
            world.drop_tag(tag)
        world.networks.remove(network)
        return {"success": True}

    return Submission(finish=finish, kind="Network")


async def restart(call: Call) -> Submission:
    target(call)
    return Submission(finish=lambda: {"success": True}, kind="Network")


HANDLERS: Handlers = {
    "createNetwork": create,
    "listNetworks": list_networks,
    "updateNetwork": update,
    "deleteNetwork": delete,
    "restartNetwork": restart,
}
