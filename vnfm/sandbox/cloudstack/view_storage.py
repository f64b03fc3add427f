"""How volumes and volume snapshots look from outside."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.view_vm import ownership, tags_on
from vnfm.sandbox.cloudstack.world import World


def show_volume(world: World, volume: model.Volume, *, job: model.Job | None = None) -> Json:
    shown: Json = {"id": volume.id, "name": volume.name, "zoneid": volume.zone.id}
    shown |= {"zonename": volume.zone.name, "type": volume.kind}
    if volume.vm is not None:
        shown |= attached_part(volume, volume.vm)
    shown |= {"provisioningtype": "thin", "size": volume.size, "created": stamp(volume.created)}
    shown |= {"state": volume.state, **ownership(volume.owner)}
    if volume.offering is not None:
        shown |= {"diskofferingid": volume.offering.id, "diskofferingname": volume.offering.name}
        shown["diskofferingdisplaytext"] = volume.offering.displaytext
    if volume.snapshot is not None:
        shown["snapshotid"] = volume.snapshot.id
    shown |= {"destroyed": False, "isextractable": volume.kind != "ROOT", "quiescevm": False}
    shown |= {"supportsstoragesnapshot": False, "deleteprotection": False}
    shown |= {"tags": tags_on(world, volume), "hasannotations": False}
    if job is not None:
        shown |= {"jobid": job.id, "jobstatus": 0}
    return shown


def attached_part(volume: model.Volume, vm: model.VM) -> Json:
    shown: Json = {"deviceid": volume.device, "virtualmachineid": vm.id, "vmname": vm.name}
    shown |= {"vmdisplayname": vm.displayname, "vmstate": vm.state, "vmtype": "User"}
    shown |= {"diskkbsread": 0, "diskkbswrite": 0, "diskioread": 0, "diskiowrite": 0}
    if volume.attached is not None:
        shown["attached"] = stamp(volume.attached)
    if volume.kind == "ROOT":
        template, offering = vm.template, vm.offering
        shown |= {"templateid": template.id, "templatename": template.name}
        shown["templatedisplaytext"] = template.displaytext
        # a database number in a string, not a UUID: so does the real server
        shown |= {"serviceofferingid": str(offering.serial), "serviceofferingname": offering.name}
        shown["serviceofferingdisplaytext"] = offering.displaytext
    return shown


def show_snapshot(world: World, snapshot: model.Snapshot) -> Json:
    volume = snapshot.volume
    shown: Json = {"id": snapshot.id, **ownership(snapshot.owner), "volumeid": volume.id}
    shown |= {"volumename": volume.name, "volumetype": volume.kind, "volumestate": volume.state}
    shown |= {"created": stamp(snapshot.created), "name": snapshot.name, "intervaltype": "MANUAL"}
    shown |= {"state": snapshot.state, "physicalsize": 0, "zoneid": volume.zone.id}
    shown |= {"zonename": volume.zone.name, "revertable": False, "virtualsize": snapshot.size}
    return shown | {"tags": tags_on(world, snapshot), "hasannotations": False}


def show_vm_snapshot(world: World, snapshot: model.VMSnapshot) -> Json:
    shown: Json = {"id": snapshot.id, "name": snapshot.name, "state": snapshot.state}
    if snapshot.description is not None:
        shown["description"] = snapshot.description
    shown |= {"displayname": snapshot.displayname, "zoneid": snapshot.vm.zone.id}
    shown |= {"zonename": snapshot.vm.zone.name, "virtualmachineid": snapshot.vm.id}
    shown["virtualmachinename"] = snapshot.vm.name
    if snapshot.parent is not None:
        shown |= {"parent": snapshot.parent.id, "parentName": snapshot.parent.displayname}
    if snapshot.current is not None:
        shown["current"] = snapshot.current
    shown |= {"type": "DiskAndMemory" if snapshot.memory else "Disk", "created": stamp(snapshot.created)}
    shown |= {**ownership(snapshot.owner), "hypervisor": "Simulator"}
    return shown | {"tags": tags_on(world, snapshot), "hasannotations": False}
