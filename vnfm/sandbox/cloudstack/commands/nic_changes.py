"""Changes to the NICs of a virtual machine: plugged, removed, made the default, given other addresses."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import model, vmsnapshots
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.commands.machines import target
from vnfm.sandbox.cloudstack.deploy import network_of
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.names import holder
from vnfm.sandbox.cloudstack.nat import ruled
from vnfm.sandbox.cloudstack.nics import (
    Wish,
    check_wish,
    give_nic,
    implement,
    is_address,
    note_idle,
    pick_address,
    release_nic,
)
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import show_vm

DETAILS = ("nics", "affgrp")  # results of these commands lack offering, template and sizes


def shown(call: Call, vm: model.VM) -> Json:
    job = call.world.pending.get(vm)
    return {"virtualmachine": show_vm(call.world, vm, root=call.root, details=DETAILS, job=job)}


def change(call: Call, vm: model.VM, check: Callable[[], None], act: Callable[[], None]) -> Submission:
    """These jobs name no object."""

    def finish() -> Json:
        check()
        act()
        return shown(call, vm)

    return Submission(begin=check, finish=finish, lane=vm)


async def add(call: Call) -> Submission:
    vm, world = target(call, "virtualmachineid"), call.world
    network = network_of(call, vm.owner, call.given("networkid"))
    wish = Wish(network, call.text("ipaddress"), call.text("macaddress"))
    check_wish(world, wish)

    def begin() -> None:
        vmsnapshots.need_none(world, vm, "NIC cannot be added to VM with VM Snapshots")
        need_settled(vm)
        if any(nic.network is network for nic in vm.nics):
            raise broken(f"A NIC already exists for VM:{vm.instance} in network: {network.id}")
        if holder(vm.name, [network]):
            raise broken(f"Network {network.name} already has a vm with host name: {vm.name}")
        give_address()

    def give_address() -> str | None:
        try:
            return pick_address(world, wish)
        except Refusal as refusal:
            raise broken(
                f"Insufficient capacity when adding NIC to {vm.described()}: {refusal.text}"
            ) from refusal

    def finish() -> Json:
        address = give_address()
        if vm.state == "Running":
            implement(world, network)
        give_nic(world, vm, wish, address)
        return shown(call, vm)

    return Submission(begin=begin, finish=finish, kind="VirtualMachine", row=vm, lane=vm)


def need_settled(vm: model.VM) -> None:
    if vm.state not in ("Running", "Stopped"):
        raise broken(f"{vm.described()} is neither Running nor Stopped")


def nic_of(call: Call, vm: model.VM) -> model.Nic:
    nic = call.need("nicid", call.world.nics)
    if nic.vm is not vm:
        raise invalid(f"{nic.id} is not a nic on {vm.described()}")
    return nic


async def remove(call: Call) -> Submission:
    vm, world = target(call, "virtualmachineid"), call.world
    nic = nic_of(call, vm)

    def check() -> None:
        vmsnapshots.need_none(world, vm, "NIC cannot be removed from VM with VM Snapshots")
        need_settled(vm)
        told = f"Unable to remove nic from {vm.described()} in Network {nic.network.name}, nic "
        if nic.default:
            raise invalid(f"{told}is default.")
        if ruled(world, nic):
            raise invalid(f"{told}has associated Port forwarding or Load balancer or Static NAT rules.")

    def act() -> None:
        release_nic(world, nic)
        note_idle(world, nic.network)

    return change(call, vm, check, act)


async def make_default(call: Call) -> Submission:
    """The two NICs swap their device ids; their own ids stay."""
    vm = target(call, "virtualmachineid")
    nic = nic_of(call, vm)

    def check() -> None:
        vmsnapshots.need_none(call.world, vm, "NIC cannot be updated for VM with VM Snapshots")
        need_settled(vm)
        if nic.default:
            raise broken("refusing to set default nic because chosen nic is already the default")

    def act() -> None:
        for old in vm.nics:
            if old.default:
                old.default, nic.default = False, True
                old.device, nic.device = nic.device, old.device
                return

    return change(call, vm, check, act)


async def change_address(call: Call) -> Submission:
    """Only while the VM is stopped, but for networks without services."""
    world = call.world
    nic = call.need("nicid", world.nics)
    vm, wanted = nic.vm, call.text("ipaddress")
    touch(call, vm.owner)
    if wanted is not None and not is_address(wanted):
        raise invalid(f"Invalid IPv4 address {wanted}")

    def check() -> None:
        if nic.network.offering.network_services and vm.state != "Stopped":
            raise invalid("VM is not Stopped, unable to update the vm nic having the specified id")

    def act() -> None:
        try:
            nic.address = pick_address(world, Wish(nic.network, wanted))
        except Refusal as refusal:
            raise invalid("Allocating ip to guest nic failed") from refusal

    return change(call, vm, check, act)


async def add_address(call: Call) -> Submission:
    """Taken at submit; the job names something that is not the new address."""
    world = call.world
    nic = call.need("nicid", world.nics)
    touch(call, nic.vm.owner)
    wanted = call.text("ipaddress")
    if wanted is not None and not is_address(wanted):
        raise invalid(f"Invalid ip address {wanted}")
    try:
        address = pick_address(world, Wish(nic.network, wanted))
    except Refusal as refusal:
        raise broken("Failed to assign secondary ip to nic", 9999) from refusal
    if address is None:
        raise broken("Failed to assign secondary ip to nic", 9999)
    birth = world.birth(world.secondaries)
    secondary = world.secondaries.add(model.SecondaryAddress(**vars(birth), nic=nic, address=address))
    nic.secondaries.append(secondary)

    def finish() -> Json:
        told: Json = {"id": secondary.id, "ipaddress": address, "nicid": nic.id}
        return {"nicsecondaryip": told | {"networkid": nic.network.id}}

    other = model.Row(**vars(world.birth(world.events)))
    return Submission(finish=finish, kind="IpAddress", row=other, lane=nic.vm, created=secondary.id)


async def remove_address(call: Call) -> Submission:
    secondary = call.need("id", call.world.secondaries)
    nic = secondary.nic
    touch(call, nic.vm.owner)

    def finish() -> Json:
        if not secondary.removed:
            nic.secondaries.remove(secondary)
            call.world.secondaries.remove(secondary)
        return {"success": True}

    return Submission(finish=finish, lane=nic.vm)


HANDLERS: Handlers = {
    "addNicToVirtualMachine": add,
    "removeNicFromVirtualMachine": remove,
    "updateDefaultNicForVirtualMachine": make_default,
    "updateVmNicIp": change_address,
    "addIpToNic": add_address,
    "removeIpFromNic": remove_address,
}
