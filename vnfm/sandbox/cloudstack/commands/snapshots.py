"""Snapshots of volumes."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_storage import show_snapshot


async def create(call: Call) -> Submission:
    world = call.world
    volume = call.need("volumeid", world.volumes)
    touch(call, volume.owner)
    if volume.state != "Ready":
        raise invalid(f"Volume {volume.id} is not in Ready state but {volume.state}. Cannot take snapshot.")
    need_room(world, volume.owner, {3: 1})
    snapshot = model.Snapshot(
        **vars(world.birth(world.snapshots)),
        owner=volume.owner,
        name=call.text("name") or f"{volume.name}_snapshot",
        volume=volume,
        state="CreatedOnPrimary",
        size=volume.size,
    )
    world.snapshots.add(snapshot)

    def finish() -> Json:
        snapshot.state = "BackedUp"
        return {"snapshot": {**show_snapshot(world, snapshot), "snapshottype": "MANUAL"}}

    return Submission(finish=finish, kind="Snapshot", row=snapshot, created=snapshot.id)


async def revert(call: Call) -> Submission:
    snapshot = call.need("id", call.world.snapshots)
    touch(call, snapshot.owner)

    def begin() -> None:
        vm = snapshot.volume.vm
        if vm is not None and vm.state != "Stopped":
            raise invalid("The VM the specified disk is attached to is not in the shutdown state.")

    return Submission(
        begin=begin,
        finish=lambda: {"snapshot": show_snapshot(call.world, snapshot)},
        kind="Snapshot",
        row=snapshot,
    )


async def delete(call: Call) -> Submission:
    snapshot = call.need("id", call.world.snapshots)
    touch(call, snapshot.owner)

    def finish() -> Json:
        call.world.snapshots.remove(snapshot)
        return {"success": True}

    return Submission(finish=finish, kind="Snapshot", row=snapshot)


async def list_snapshots(call: Call) -> Json:
    volume = call.text("volumeid")
    rows = [row for row in owned(call, call.world.snapshots) if same(volume, row.volume.id)]
    return page(call, rows, lambda row: show_snapshot(call.world, row))


HANDLERS: Handlers = {
    "createSnapshot": create,
    "revertSnapshot": revert,
    "deleteSnapshot": delete,
    "listSnapshots": list_snapshots,
}
