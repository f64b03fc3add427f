"""Virtual machines: deploy and the commands that move one through its states."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import lifecycle, model, vmsnapshots
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.deploy import deploy
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission, nothing
from vnfm.sandbox.cloudstack.limits import GIB
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import EXPUNGED, show_vm


def target(call: Call, name: str = "id") -> model.VM:
    """The VM a command acts on: there, and the caller's."""
    vm = call.need(name, call.world.vms)
    touch(call, vm.owner)
    return vm


def shown(call: Call, vm: model.VM) -> Json:
    return {"virtualmachine": show_vm(call.world, vm, root=call.root, job=call.world.pending.get(vm))}


def job(
    call: Call,
    vm: model.VM,
    finish: Callable[[], Json],
    begin: Callable[[], None] = nothing,
    repair: Callable[[], None] = nothing,
    undo: Callable[[], None] = nothing,
) -> Submission:
    return Submission(
        finish=finish, begin=begin, repair=repair, undo=undo, kind="VirtualMachine", row=vm, lane=vm
    )


async def start(call: Call) -> Submission:
    vm, world = target(call), call.world

    def begin() -> None:
        lifecycle.need_alive(vm)
        if vm.state == "Running":
            raise invalid(f"The virtual machine {vm.id} ({vm.displayname}) is already running")
        lifecycle.begin_start(world, vm)
        vm.stopped_once = True

    def finish() -> Json:
        lifecycle.end_start(world, vm, lifecycle.fail_start)
        return shown(call, vm)

    return job(
        call, vm, finish, begin, lambda: lifecycle.repair_start(vm), lambda: lifecycle.fail_start(world, vm)
    )


async def stop(call: Call) -> Submission:
    vm, world = target(call), call.world

    def begin() -> None:
        lifecycle.need_alive(vm)
        if vm.state == "Running":
            lifecycle.begin_stop(world, vm)

    def finish() -> Json:
        if vm.state == "Stopping":
            lifecycle.end_stop(world, vm)
        return shown(call, vm)

    def stay() -> None:
        lifecycle.repair_stop(vm)

    return job(call, vm, finish, begin, stay, stay)


async def reboot(call: Call) -> Submission:
    vm = target(call)

    def begin() -> None:
        if vm.state != "Running":
            raise invalid(f"The VM {vm.id} ({vm.displayname}) is not running, unable to reboot it")

    return job(call, vm, lambda: shown(call, vm), begin)


async def destroy(call: Call) -> Submission:
    """Data disks named in `volumeids` go with the VM, the others stay."""
    vm, world = target(call), call.world
    named = named_volumes(call)
    expunging = call.flag("expunge")
    vm.doomed = vm.state == "Starting"

    def begin() -> None:
        vm.doomed = False
        if expunging:
            lifecycle.need_expunge_right(world, call.root)
        if vm.state == "Running":
            lifecycle.begin_stop(world, vm)

    def finish() -> Json:
        if not vm.removed:
            lifecycle.destroy(world, vm)
        if expunging and not vm.removed:
            lifecycle.expunge(world, vm)
        remove_volumes(call, named)
        return {"virtualmachine": dict(EXPUNGED)} if vm.removed else shown(call, vm)

    def stay() -> None:
        lifecycle.repair_stop(vm)

    return job(call, vm, finish, begin, stay, stay)


def named_volumes(call: Call) -> list[model.Volume]:
    named = [volume for key in call.words("volumeids") if (volume := call.world.volumes.get(key))]
    for volume in named:
        touch(call, volume.owner)
    return named


def remove_volumes(call: Call, volumes: list[model.Volume]) -> None:
    for volume in volumes:
        volume.vm = None
        call.world.volumes.remove(volume)


async def expunge(call: Call) -> Submission:
    vm, world = target(call), call.world

    def begin() -> None:
        lifecycle.need_expunge_right(world, call.root)
        if vm.state not in ("Destroyed", "Expunging", "Error"):
            raise broken("Please destroy vm with specified vmId before expunge")

    def finish() -> Json:
        lifecycle.expunge(world, vm)
        return {"success": True}

    return job(call, vm, finish, begin)


async def recover(call: Call) -> Json:
    """Synchronous; the answer shows a user two fields that lists keep for root."""
    vm, world = target(call), call.world
    lifecycle.need_expunge_right(world, call.root)
    if vm.state != "Destroyed":
        raise invalid(f"Unable to recover VM {vm.id} in state {vm.state}")
    vm.state, vm.updated = "Stopped", world.clock.now()
    answer = show_vm(world, vm, root=call.root)
    return {"virtualmachine": answer | {"instancename": vm.instance, "arch": "x86_64"}}


async def restore(call: Call) -> Submission:
    """A new root volume under the same VM and NICs; the old one goes. The size stays if none is given."""
    vm, world = target(call, "virtualmachineid"), call.world
    template = call.row("templateid", world.templates)
    gib = call.number("rootdisksize")

    def begin() -> None:
        if vm.state not in ("Running", "Stopped"):
            raise invalid(
                f"Vm {vm.id} currently in {vm.state} state, restore vm can only execute when VM in"
                " Running or Stopped"
            )
        told = "Unable to restore VM, please remove VM snapshots before restoring VM"
        vmsnapshots.need_none(world, vm, told)

    def finish() -> Json:
        vm.template = template or vm.template
        for volume in lifecycle.volumes_of(world, vm):
            if volume.kind == "ROOT":
                renew(call, vm, volume, gib * GIB if gib else volume.size)
        return shown(call, vm)

    return job(call, vm, finish, begin)


def renew(call: Call, vm: model.VM, old: model.Volume, size: int) -> None:
    world = call.world
    old.vm = None
    world.volumes.remove(old)
    fresh = model.Volume(
        **vars(world.birth(world.volumes)),
        owner=vm.owner,
        name=old.name,
        zone=vm.zone,
        kind="ROOT",
        size=size,
        state="Ready",
        vm=vm,
        device=0,
    )
    world.volumes.add(fresh)


HANDLERS: Handlers = {
    "deployVirtualMachine": deploy,
    "startVirtualMachine": start,
    "stopVirtualMachine": stop,
    "rebootVirtualMachine": reboot,
    "destroyVirtualMachine": destroy,
    "expungeVirtualMachine": expunge,
    "recoverVirtualMachine": recover,
    "restoreVirtualMachine": restore,
}
