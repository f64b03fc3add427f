"""The state machine of a virtual machine, apart from any command: start, stop, fail, destroy, expunge."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import model, vmsnapshots
from vnfm.sandbox.cloudstack.nics import implement, note_idle, release_nics, uri_of
from vnfm.sandbox.cloudstack.placement import leave, occupy, place
from vnfm.sandbox.cloudstack.refusal import Json, broken, denied
from vnfm.sandbox.cloudstack.world import World

DEPLOY = "deployvm"
PRIMARY: Json = {
    "downloadState": "DOWNLOADED",
    "datastore": "PS0",
    "datastoreRole": "Primary",
    "downloadPercent": "100",
    "datastoreId": "7c07ec9b-a3c6-3466-ab5a-f5669ead0b22",
}


def begin_start(world: World, vm: model.VM) -> None:
    """Place the VM and show it Starting; no host is 533 and leaves the state as it was."""
    host = place(world, vm)
    for nic in vm.nics:
        implement(world, nic.network)
    occupy(vm, host)
    copy_template(vm.template)
    vm.state = "Starting"
    vm.updated = world.clock.now()
    vm.started = vm.started or world.clock.now()
    for volume in volumes_of(world, vm):
        volume.state = "Ready"
    for nic in vm.nics:
        nic.uri = uri_of(nic.network)


def copy_template(template: model.Template) -> None:
    """The first VM of a template brings a copy of it to primary storage."""
    if all(store.get("datastore") != PRIMARY["datastore"] for store in template.stores):
        template.stores.append(dict(PRIMARY))


def end_start(world: World, vm: model.VM, give_up: Callable[[World, model.VM], None]) -> None:
    """Running, unless the VM was destroyed meanwhile: then the start has failed."""
    if vm.doomed:
        told = f"Unable to create a deployment for {vm.described()}"
        give_up(world, vm)
        raise broken(f"Unable to start a VM [{vm.id}] due to [{told}].")
    vm.state = "Running"
    vm.updated = world.clock.now()
    vm.details.pop(DEPLOY, None)


def fail_start(world: World, vm: model.VM) -> None:
    """A start that failed on the host: back to Stopped."""
    leave(vm)
    vm.state = "Stopped"
    settle(world, vm)


def begin_stop(world: World, vm: model.VM) -> None:
    vm.state = "Stopping"
    vm.updated = world.clock.now()


def end_stop(world: World, vm: model.VM) -> None:
    leave(vm)
    vm.state = "Stopped"
    vm.stopped_once = True
    vm.updated = world.clock.now()
    for nic in vm.nics:
        nic.uri = None
    settle(world, vm)


def settle(world: World, vm: model.VM) -> None:
    for nic in vm.nics:
        note_idle(world, nic.network)


def fail_creation(world: World, vm: model.VM) -> None:
    """A deploy that failed in its job: Error, volumes gone, NICs and their addresses kept."""
    leave(vm)
    leave_groups(vm)
    if vm.state == "Starting":
        for nic in vm.nics:
            nic.uri = None
    vm.state = "Error"
    vm.updated = world.clock.now()
    for volume in volumes_of(world, vm):
        volume.vm = None
        world.volumes.remove(volume)
    settle(world, vm)


def fail_on_hosts(world: World, vm: model.VM) -> None:
    """A deploy that every host refused: the capacity reserved for it was set free."""
    fail_creation(world, vm)
    vm.details["Message.ReservedCapacityFreed.Flag"] = "false"


def repair_start(vm: model.VM) -> None:
    """After a restart in the middle of a start: Stopped, still on the books of its host."""
    vm.doomed = False
    if vm.state == "Starting":
        vm.state = "Stopped"
        vm.stopped_once = True


def repair_stop(vm: model.VM) -> None:
    if vm.state == "Stopping":
        vm.state = "Running"


def destroy(world: World, vm: model.VM) -> None:
    """A VM in Error goes to Expunging, and stays there until the purge comes by or it is expunged."""
    leave(vm)
    if vm.state not in ("Destroyed", "Expunging"):
        vm.state = "Expunging" if vm.state == "Error" else "Destroyed"
        vm.updated = world.clock.now()
    settle(world, vm)


def expunge(world: World, vm: model.VM) -> None:
    """The row goes; data disks stay, detached."""
    leave(vm)
    for volume in volumes_of(world, vm):
        volume.vm, volume.device, volume.attached = None, None, None
        if volume.kind == "ROOT":
            world.volumes.remove(volume)
    for snapshot in vmsnapshots.of(world, vm):
        world.vmsnapshots.remove(snapshot)
    networks = [nic.network for nic in vm.nics]
    release_nics(world, vm)
    for network in networks:
        note_idle(world, network)
    leave_groups(vm)
    leave_security_groups(world, vm)
    for tag in list(world.tags_of(vm)):
        world.drop_tag(tag)
    vm.state = "Expunging"
    world.vms.remove(vm)


def leave_groups(vm: model.VM) -> None:
    for group in vm.groups:
        group.vms.remove(vm)
    vm.groups = []


def leave_security_groups(world: World, vm: model.VM) -> None:
    """Only a VM that is expunged leaves them: till then they are in use."""
    for group in world.securitygroups:
        if vm in group.members:
            group.members.remove(vm)


def volumes_of(world: World, vm: model.VM) -> list[model.Volume]:
    return [volume for volume in world.volumes if volume.vm is vm]


def need_alive(vm: model.VM) -> None:
    """A queued job may find its VM gone or destroyed meanwhile."""
    if vm.removed or vm.state in ("Destroyed", "Expunging"):
        told = f'{{"instanceName":"{vm.instance}","uuid":"{vm.id}"}}'
        raise broken(f"Unable to orchestrate the start of VM instance {told}.")


def need_expunge_right(world: World, root: bool) -> None:
    setting = "allow.user.expunge.recover.vm"
    if not root and not world.settings.flag(setting):
        raise denied(f"Only an administrator expunges or recovers a VM unless {setting} is set.")
