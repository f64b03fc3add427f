"""Data disks and root disks."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import model, vmsnapshots
from vnfm.sandbox.cloudstack.access import owner_for, touch
from vnfm.sandbox.cloudstack.deploy import disk_gib
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission, nothing
from vnfm.sandbox.cloudstack.limits import GIB, need_room
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_storage import show_volume


def target(call: Call) -> model.Volume:
    volume = call.need("id", call.world.volumes)
    touch(call, volume.owner)
    return volume


def job(
    call: Call, volume: model.Volume, finish: Callable[[], None], begin: Callable[[], None] = nothing
) -> Submission:
    def done() -> Json:
        finish()
        return {"volume": show_volume(call.world, volume, job=call.world.pending.get(volume))}

    return Submission(begin=begin, finish=done, kind="Volume", row=volume, lane=volume.vm)


async def create(call: Call) -> Submission:
    """From an offering it is Allocated until attached; from a snapshot it is Ready."""
    world = call.world
    owner = owner_for(call)
    snapshot = call.row("snapshotid", world.snapshots)
    offering = call.row("diskofferingid", world.diskofferings)
    if snapshot is not None:
        touch(call, snapshot.owner)
        zone, size, offering = snapshot.volume.zone, snapshot.size, offering or snapshot.volume.offering
    elif offering is not None:
        zone = call.need("zoneid", world.zones)
        size = disk_gib(offering, call.number("size")) * GIB
    else:
        raise invalid("Either a disk offering or a snapshot must be given")
    need_room(world, owner, {2: 1, 10: size // GIB})
    volume = model.Volume(
        **vars(world.birth(world.volumes, call.text("customid") if call.root else None)),
        owner=owner,
        name=call.text("name") or f"VOL-{world.volumes.last}",
        zone=zone,
        kind="DATADISK",
        size=size,
        state="Creating" if snapshot else "Allocated",
        offering=offering,
        snapshot=snapshot,
    )
    world.volumes.add(volume)

    def finish() -> None:
        volume.state = "Ready" if snapshot else "Allocated"

    submission = job(call, volume, finish)
    submission.created = volume.id
    return submission


async def attach(call: Call) -> Submission:
    volume, world = target(call), call.world
    vm = call.need("virtualmachineid", world.vms)
    touch(call, vm.owner)

    def begin() -> None:
        if volume.vm is not None:
            raise invalid("Please specify a volume that is not attached to any VM.")
        if vm.state not in ("Running", "Stopped"):
            raise invalid("Please specify a VM that is either running or stopped.")
        told = f"Unable to attach volume to VM {vm.instance}/{vm.id}"
        vmsnapshots.need_none(world, vm, f"{told}, please specify a VM that does not have VM snapshots")

    def finish() -> None:
        begin()
        used = {other.device for other in world.volumes if other.vm is vm}
        wanted = call.number("deviceid")
        volume.device = wanted if wanted is not None else next(n for n in range(1, 64) if n not in used)
        volume.vm, volume.state, volume.attached = vm, "Ready", world.clock.now()

    submission = job(call, volume, finish, begin)
    submission.lane = vm
    return submission


async def detach(call: Call) -> Submission:
    volume = target(call)

    def begin() -> None:
        if volume.vm is None:
            raise invalid("The specified volume is not attached to a VM.")
        if volume.kind == "ROOT" and volume.vm.state not in ("Stopped", "Destroyed"):
            raise invalid("Root volume detach can happen only when vm is in states: Stopped or Destroyed")
        told = "Unable to detach volume, please specify a VM that does not have VM snapshots"
        vmsnapshots.need_none(call.world, volume.vm, told)

    def finish() -> None:
        volume.vm, volume.device, volume.attached = None, None, None

    return job(call, volume, finish, begin)


async def resize(call: Call) -> Submission:
    volume = target(call)
    offering = call.row("diskofferingid", call.world.diskofferings)
    gib = call.number("size") or (offering.disksize if offering else 0)

    def begin() -> None:
        if gib * GIB < volume.size and not call.flag("shrinkok"):
            raise Refusal(
                432,
                f"Going from existing size of {volume.size} to size of {gib * GIB} would shrink the volume."
                "Need to sign off by supplying the shrinkok parameter with value of true.",
            )

    def finish() -> None:
        volume.size = gib * GIB
        volume.offering = offering or volume.offering

    return job(call, volume, finish, begin)


async def delete(call: Call) -> Json:
    volume = target(call)
    if volume.vm is not None:
        raise invalid("Please specify a volume that is not attached to any VM.")
    for tag in list(call.world.tags_of(volume)):
        call.world.drop_tag(tag)
    call.world.volumes.remove(volume)
    return {"success": True}


async def list_volumes(call: Call) -> Json:
    vm = call.text("virtualmachineid")
    rows = [
        volume
        for volume in owned(call, call.world.volumes)
        if same(vm, volume.vm.id if volume.vm else None)
        and same(call.text("type"), volume.kind)
        and same(call.text("name"), volume.name)
        and same(call.text("state"), volume.state)
        and same(call.text("zoneid"), volume.zone.id)
        and holds(call.text("keyword"), volume.name)
    ]
    return page(call, rows, lambda row: show_volume(call.world, row, job=call.world.pending.get(row)))


HANDLERS: Handlers = {
    "createVolume": create,
    "attachVolume": attach,
    "detachVolume": detach,
    "resizeVolume": resize,
    "deleteVolume": delete,
    "listVolumes": list_volumes,
}
