"""Public addresses: taken, released, listed."""

from __future__ import annotations

from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.nat import need_no_source, release_address
from vnfm.sandbox.cloudstack.nics import take_address
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_network import show_address


async def associate(call: Call) -> Submission:
    world = call.world
    network = call.row("networkid", world.networks)
    if network is None:
        raise invalid("Unable to figure out the network to associate the address with")
    touch(call, network.owner)
    need_room(world, network.owner, {1: 1})
    address = world.addresses.add(
        take_address(world, network, source_nat=False, wanted=call.text("ipaddress"))
    )
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
        need_no_source(doomed)
        release_address(world, doomed)
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


HANDLERS: Handlers = {
    "associateIpAddress": associate,
    "disassociateIpAddress": disassociate,
    "listPublicIpAddresses": list_addresses,
}
