"""Changes to a virtual machine that leave its state alone: names, size, keys, groups."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.commands.machines import job, shown, target
from vnfm.sandbox.cloudstack.deploy import read_userdata
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.names import holder
from vnfm.sandbox.cloudstack.placement import has_room, leave, occupy, place
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.sizes import Size, size_of
from vnfm.sandbox.cloudstack.view_vm import show_vm


async def update(call: Call) -> Json:
    """Synchronous. A taken host name is 530 with its text hidden, not 431."""
    vm = target(call)
    name = call.text("name")
    if name and holder(name, [nic.network for nic in vm.nics], but=vm):
        raise broken(f"The vm with hostName {name} already exists in the network domain")
    userdata = read_userdata(call)
    vm.name = name or vm.name
    vm.displayname = call.text("displayname") or vm.displayname
    vm.group = call.text("group") or vm.group
    vm.userdata = userdata or vm.userdata
    if call.pairs("details"):
        vm.details = call.pairs("details")
    if call.flag("cleanupdetails"):
        vm.details = {}
    return {"virtualmachine": show_vm(call.world, vm, root=call.root)}


async def scale(call: Call) -> Submission:
    """Stopped: any offering. Running: upwards only, and only where everything agrees."""
    vm = target(call)
    offering = call.need("serviceofferingid", call.world.serviceofferings)

    def begin() -> None:
        size = size_of(offering, call.pairs("details"))
        need_other(vm, offering, size)
        need_quota(call, vm, size)
        if vm.state == "Running":
            check_live(call, vm, size)

    def finish() -> Json:
        resize(call, vm, offering, size_of(offering, call.pairs("details")))
        return shown(call, vm)

    return job(call, vm, finish, begin)


def need_other(vm: model.VM, offering: model.ServiceOffering, size: Size) -> None:
    same = vm.offering is offering and size == Size(vm.cpunumber, vm.cpuspeed, vm.memory)
    if same:
        raise invalid(
            f"Not upgrading vm {vm.described()} since it already has the requested service offering"
            f" ({offering.name})"
        )


def need_quota(call: Call, vm: model.VM, size: Size) -> None:
    more = {8: size.cpunumber - vm.cpunumber, 9: size.memory - vm.memory}
    need_room(call.world, vm.owner, {resource: extra for resource, extra in more.items() if extra > 0})


def check_live(call: Call, vm: model.VM, size: Size) -> None:
    if not call.world.settings.flag("enable.dynamic.scale.vm"):
        raise broken("Dynamically scaling virtual machines is disabled for this zone")
    if not vm.scalable:
        raise broken(
            f"Unable to scale {vm.described()} as it does not have tools to support dynamic scaling."
        )
    if size.cpunumber < vm.cpunumber or size.cpuspeed < vm.cpuspeed or size.memory < vm.memory:
        new, old = size, Size(vm.cpunumber, vm.cpuspeed, vm.memory)
        raise invalid(
            f"While the VM is running, only scalling up it is supported. New service offering"
            f" {told(new)} should have at least one value (ram, speed or cpu) greater than the current values"
            f" {told(old)}."
        )


def told(size: Size) -> str:
    return f'{{"memory": {size.memory}, "speed": {size.cpuspeed}, "cpu": {size.cpunumber}}}'


def resize(call: Call, vm: model.VM, offering: model.ServiceOffering, size: Size) -> None:
    """A running VM grows on its host, or moves to one with room; the code of the refusal was not recorded."""
    host, before = vm.host, (vm.offering, Size(vm.cpunumber, vm.cpuspeed, vm.memory))
    leave(vm)
    put_size(vm, offering, size)
    if host is None:
        return
    try:
        occupy(vm, host if has_room(call.world, host, vm) else place(call.world, vm))
    except Refusal as refusal:
        put_size(vm, *before)
        occupy(vm, host)
        raise broken(f"Unable to scale {vm.described()}: {refusal.text}") from refusal


def put_size(vm: model.VM, offering: model.ServiceOffering, size: Size) -> None:
    vm.offering = offering
    vm.cpunumber, vm.cpuspeed, vm.memory = size.cpunumber, size.cpuspeed, size.memory


async def change_service(call: Call) -> Json:
    """The older, synchronous form for stopped VMs."""
    vm = target(call)
    offering = call.need("serviceofferingid", call.world.serviceofferings)
    if vm.state != "Stopped":
        raise invalid(f"Unable to change the service offering of {vm.described()}: it must be stopped")
    size = size_of(offering, call.pairs("details"))
    need_other(vm, offering, size)
    need_quota(call, vm, size)
    resize(call, vm, offering, size)
    return {"virtualmachine": show_vm(call.world, vm, root=call.root)}


async def reset_password(call: Call) -> Submission:
    vm = target(call)

    def refuse() -> None:
        raise invalid("Fail to reset password for the virtual machine, the template is not password enabled")

    return job(call, vm, lambda: shown(call, vm), refuse)


async def reset_key(call: Call) -> Submission:
    vm = target(call)

    def begin() -> None:
        if vm.state != "Stopped":
            raise invalid(f"Vm {vm.described()} should be stopped to do SSH Key reset")

    def finish() -> Json:
        vm.keypairs = call.text("keypair") or call.text("keypairs")
        return shown(call, vm)

    return job(call, vm, finish, begin)


async def change_groups(call: Call) -> Submission:
    """Only a stopped VM changes its groups; the job names no instance."""
    vm = target(call)
    groups = [group for key in call.words("affinitygroupids") if (group := call.world.groups.get(key))]

    def begin() -> None:
        if vm.state != "Stopped":
            raise invalid(
                f"Unable update affinity groups of the virtual machine {vm.described()} in state {vm.state};"
                " make sure the virtual machine is stopped and not in an error state before updating."
            )

    def finish() -> Json:
        for group in vm.groups:
            group.vms.remove(vm)
        vm.groups = groups
        for group in groups:
            group.vms.append(vm)
        return shown(call, vm)

    return Submission(begin=begin, finish=finish, lane=vm)


HANDLERS: Handlers = {
    "updateVirtualMachine": update,
    "scaleVirtualMachine": scale,
    "changeServiceForVirtualMachine": change_service,
    "resetPasswordForVirtualMachine": reset_password,
    "resetSSHKeyForVirtualMachine": reset_key,
    "updateVMAffinityGroup": change_groups,
}
