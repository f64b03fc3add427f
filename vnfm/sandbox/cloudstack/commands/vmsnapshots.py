"""Snapshots of whole VMs: create, list, revert, delete."""

from __future__ import annotations

import time

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack import vmsnapshots as tree
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.commands.machines import target
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_storage import show_vm_snapshot
from vnfm.sandbox.cloudstack.view_vm import show_vm

MOST = 10  # vmsnapshot.max
KIND = "VmSnapshot"


async def create(call: Call) -> Submission:
    """The given name is only displayed; the server makes a name of its own."""
    vm, world = target(call, "virtualmachineid"), call.world
    memory = call.flag("snapshotmemory")
    check(call, vm, memory)
    row = vars(world.birth(world.vmsnapshots))
    name = f"{vm.instance}_VS_{time.strftime('%Y%m%d%H%M%S', time.gmtime(row['created']))}"
    snapshot = model.VMSnapshot(
        **row,
        owner=vm.owner,
        vm=vm,
        name=name,
        displayname=call.text("name") or name,
        description=call.text("description"),
        memory=memory,
        quiesced=call.flag("quiescevm"),
        state="Allocated",
    )
    world.vmsnapshots.add(snapshot)

    def begin() -> None:
        snapshot.state = "Creating"

    def finish() -> Json:
        snapshot.parent, snapshot.state, snapshot.current = tree.current_of(world, vm), "Ready", True
        tree.make_current(world, snapshot)
        return {"vmsnapshot": show_vm_snapshot(world, snapshot)}

    def fail() -> None:
        snapshot.state = "Error"

    return Submission(
        begin=begin,
        finish=finish,
        repair=fail,
        undo=fail,
        kind=KIND,
        row=snapshot,
        shows_row=False,
        lane=vm,
        created=snapshot.id,
    )


def check(call: Call, vm: model.VM, memory: bool) -> None:
    existing = tree.of(call.world, vm)
    name = call.text("name")
    if vm.state not in ("Running", "Stopped"):
        raise invalid(f"Creating vm snapshot failed due to VM:{vm.id} is not in the running or Stopped state")
    if memory and vm.state != "Running":
        raise broken(
            "Failed to create vm snapshot: Can not snapshot memory when VM is not in Running state", 4350
        )
    if name and any(snapshot.displayname == name for snapshot in existing):
        raise invalid(f"Creating VM snapshot failed due to VM snapshot with name {name} already exists")
    if len(existing) >= MOST:
        raise broken(f"Creating vm snapshot failed due to a VM can just have : {MOST} VM snapshots")


def named(call: Call) -> model.VMSnapshot:
    snapshot = call.need("vmsnapshotid", call.world.vmsnapshots)
    touch(call, snapshot.owner)
    return snapshot


async def revert(call: Call) -> Submission:
    """Never changes the state: a Running VM goes back to memory, a Stopped one to a disk alone."""
    snapshot, world = named(call), call.world
    vm = snapshot.vm

    def begin() -> None:
        if snapshot.state != "Ready":
            raise broken("VM Snapshot reverting failed due to vm snapshot is not in the state of Created.")
        if vm.state != ("Running" if snapshot.memory else "Stopped"):
            raise invalid(
                "VM Snapshot revert not allowed. This will result in VM state change. You can revert running"
                " VM to disk and memory type snapshot and stopped VM to disk type snapshot"
            )

    def finish() -> Json:
        tree.make_current(world, snapshot)
        return {"virtualmachine": show_vm(world, vm, root=call.root)}

    return Submission(begin=begin, finish=finish, kind=KIND, lane=vm)


async def delete(call: Call) -> Submission:
    snapshot = named(call)

    def finish() -> Json:
        tree.take_out(call.world, snapshot)
        return {"success": True}

    return Submission(finish=finish, kind=KIND, lane=snapshot.vm)


async def list_snapshots(call: Call) -> Json:
    """Newest first."""
    wanted = set(call.words("vmsnapshotids")) | set(call.words("vmsnapshotid"))
    rows = [
        row
        for row in reversed(owned(call, call.world.vmsnapshots))
        if (not wanted or row.id in wanted)
        and same(call.text("virtualmachineid"), row.vm.id)
        and same(call.text("name"), row.displayname)
        and same(call.text("state"), row.state)
        and holds(call.text("keyword"), row.displayname)
    ]
    return page(call, rows, lambda row: show_vm_snapshot(call.world, row))


HANDLERS: Handlers = {
    "createVMSnapshot": create,
    "listVMSnapshot": list_snapshots,
    "revertToVMSnapshot": revert,
    "deleteVMSnapshot": delete,
}
