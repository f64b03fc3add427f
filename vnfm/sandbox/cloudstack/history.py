"""The events an asynchronous command writes about its VM: Scheduled, Started, Completed."""

from __future__ import annotations

from dataclasses import dataclass

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.world import World

TYPES = {
    "deployVirtualMachine": "VM.CREATE",
    "deployVnfAppliance": "VM.CREATE",
    "startVirtualMachine": "VM.START",
    "stopVirtualMachine": "VM.STOP",
    "rebootVirtualMachine": "VM.REBOOT",
    "destroyVirtualMachine": "VM.DESTROY",
    "expungeVirtualMachine": "VM.EXPUNGE",
    "restoreVirtualMachine": "VM.RESTORE",
    "scaleVirtualMachine": "VM.UPGRADE",
    "addNicToVirtualMachine": "NIC.CREATE",
    "removeNicFromVirtualMachine": "NIC.DELETE",
    "updateDefaultNicForVirtualMachine": "NIC.UPDATE",
    "createVMSnapshot": "VMSNAPSHOT.CREATE",
    "revertToVMSnapshot": "VMSNAPSHOT.REVERTTO",
    "deleteVMSnapshot": "VMSNAPSHOT.DELETE",
}


@dataclass
class Trail:
    """The chain of events of one job; the first is the parent of the others."""

    world: World
    user: model.User
    type: str
    vm: model.VM
    parent: model.Event | None = None

    def note(self, state: str, level: str = "INFO") -> None:
        vm = self.vm
        event = self.world.record(
            self.user, self.type, state, vm, "VirtualMachine", vm.name, vm.owner, self.parent, level
        )
        self.parent = self.parent or event


def open_trail(world: World, command: str, user: model.User, row: model.Row | None) -> Trail | None:
    kind = TYPES.get(command)
    if kind is None or not isinstance(row, model.VM):
        return None
    trail = Trail(world, user, kind, row)
    trail.note("Scheduled")
    return trail
