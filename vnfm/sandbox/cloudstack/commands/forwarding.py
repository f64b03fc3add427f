"""Static NAT and port forwarding: a public address, or ports of one, led to a VM."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model, nat
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.commands.machines import target
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, invalid, malformed
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import Forwarding, Ports
from vnfm.sandbox.cloudstack.view_traffic import show_forwarding


def address_of(call: Call, name: str = "ipaddressid") -> model.Address:
    address = call.need(name, call.world.addresses)
    touch(call, address.owner)
    return address


def nic_in(vm: model.VM, network: model.Network) -> model.Nic:
    for nic in vm.nics:
        if nic.network is network:
            return nic
    raise invalid(f"{vm.described()} doesn't belong to network with id {network.id}")


def guest_of(call: Call, nic: model.Nic) -> str | None:
    wanted = call.text("vmguestip")
    if wanted is None or wanted == nic.address:
        return None
    if wanted not in {row.address for row in nic.secondaries}:
        raise invalid(f"vm ip {wanted} does not belong to the vm nic")
    return wanted


async def enable_static(call: Call) -> Json:
    """Synchronous. The same call again is refused like a second address for the VM."""
    address, vm = address_of(call), target(call, "virtualmachineid")
    nic = nic_in(vm, call.row("networkid", call.world.networks) or address.network)
    guest_of(call, nic)
    if address.source_nat:
        raise invalid(f"Can't enable static, ip address {address.address} is a sourceNat ip address")
    if nat.entrances(call.world, address):
        raise Refusal(
            537, f"Failed to enable static nat for {address.address} as it already has rules assigned", 4360
        )
    if address.nic is not None and address.nic.vm is not vm:
        raise Refusal(537, f"{address.address} is already assigned to another vm", 4360)
    other = call.world.static_nat.get(nic)
    if other is not None:
        raise invalid(
            f"Failed to enable static nat on the  ip {address.address} with Id {address.id} as the vm"
            f" {vm.instance} with Id {vm.id} is already associated with another public ip"
            f" {other.address} with id {other.id}"
        )
    nat.start_static(call.world, address, nic)
    return {"success": True}


async def disable_static(call: Call) -> Submission:
    """The firewall rules of the address go along."""
    address, world = address_of(call), call.world
    if address.nic is None:
        raise invalid("Specified IP address id is not associated with any vm Id")

    def finish() -> Json:
        nat.drop_firewall(world, address)
        nat.stop_static(world, address)
        return {"success": True}

    return Submission(finish=finish)


async def create(call: Call) -> Submission:
    """Opens the firewall, too, unless told not to."""
    address, vm, world = address_of(call), target(call, "virtualmachineid"), call.world
    nic = nic_in(vm, address.network)
    public = ports_of(call, "publicport", "publicendport")
    private = ports_of(call, "privateport", "privateendport")
    if public.last - public.first != private.last - private.first:
        raise invalid("Source port and destination port ranges should be of equal sizes.")
    protocol = call.given("protocol").lower()
    nat.need_free_ports(world, address, protocol, public)
    rule = Forwarding(
        **vars(world.birth(world.forwardings)),
        owner=address.owner,
        address=address,
        protocol=protocol,
        public=public,
        private=private,
        cidrs=nat.check_cidrs(call.text("cidrlist")) or "",
        nic=nic,
        guest=guest_of(call, nic),
    )
    world.forwardings.add(rule)
    if call.flag("openfirewall", True):
        nat.open_for(world, rule)
    return Submission(
        finish=lambda: {"portforwardingrule": show_forwarding(world, rule)},
        kind="FirewallRule",
        row=rule,
        created=rule.id,
    )


def ports_of(call: Call, first: str, last: str) -> Ports:
    ports = nat.read_ports(call.number(first), call.number(last))
    if ports is None:
        raise malformed(f"missing parameter {first}")
    return ports


async def list_rules(call: Call) -> Json:
    rows = [
        row
        for row in reversed(owned(call, call.world.forwardings))
        if same(call.text("ipaddressid"), row.address.id)
        and same(call.text("networkid"), row.address.network.id)
    ]
    return page(call, rows, lambda row: show_forwarding(call.world, row))


async def delete(call: Call) -> Submission:
    rule = call.need("id", call.world.forwardings)
    touch(call, rule.owner)

    def finish() -> Json:
        nat.remove_entrance(call.world, rule)
        return {"success": True}

    return Submission(finish=finish)


HANDLERS: Handlers = {
    "enableStaticNat": enable_static,
    "disableStaticNat": disable_static,
    "createPortForwardingRule": create,
    "listPortForwardingRules": list_rules,
    "deletePortForwardingRule": delete,
}
