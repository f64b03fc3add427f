"""How a virtual machine looks from outside; which fields are there depends on role, state and `details`."""

from __future__ import annotations

from collections.abc import Callable, Collection

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.world import World

ALL = frozenset({"all"})
READ_ONLY = "dataDiskController, rootDiskController"
MEASURED: Json = {
    "cpuused": "10%",
    "networkkbsread": 32768,
    "networkkbswrite": 16384,
    "diskkbsread": 0,
    "diskkbswrite": 0,
    "memorykbs": 0,
    "memoryintfreekbs": 0,
    "memorytargetkbs": 0,
    "diskioread": 0,
    "diskiowrite": 0,
}


def show_vm(
    world: World, vm: model.VM, *, root: bool, details: Collection[str] = ALL, job: model.Job | None = None
) -> Json:
    """One VM as listed; `job` is the pending job shown on it, or the one whose result this is."""
    shown = basic(world, vm, root)
    for word, part in PARTS.items():
        if "all" in details or word in details:
            shown |= part(world, vm)
    if job is not None:
        shown |= {"jobid": job.id, "jobstatus": 0}
    return shown


def basic(world: World, vm: model.VM, root: bool) -> Json:
    shown: Json = {"id": vm.id, "name": vm.name, "displayname": vm.displayname}
    shown |= ownership(vm.owner)
    shown |= {"userid": vm.user.id, "username": vm.user.username, "created": stamp(vm.created)}
    if vm.updated is not None:
        shown["lastupdated"] = stamp(vm.updated)
    shown |= {"state": vm.state, "haenable": False, "zoneid": vm.zone.id, "zonename": vm.zone.name}
    shown |= host_part(world, vm, root)
    shown |= {"guestosid": vm.template.os.id, "hypervisor": "Simulator"}
    shown |= {"securitygroup": [], "nic": [], "affinitygroup": []}  # empty, too, where not asked for
    shown |= {"details": dict(vm.details), "isdynamicallyscalable": vm.scalable, "deleteprotection": False}
    shown |= {"ostypeid": vm.template.os.id, "osdisplayname": vm.template.os.name}
    if not vm.details and not vm.hidden and not vm.stopped_once:
        shown |= {"bootmode": "legacy", "boottype": "Bios"}
    if vm.started is not None and vm.state != "Destroyed":
        shown["pooltype"] = "NetworkFilesystem"
    shown |= {"receivedbytes": 0, "sentbytes": 0, "tags": tags_on(world, vm)}
    shown["hasannotations"] = False
    return shown | extras(vm)


def host_part(world: World, vm: model.VM, root: bool) -> Json:
    shown: Json = {}
    if vm.host is not None:
        shown["hostcontrolstate"] = "Enabled" if world.clock.now() >= world.hosts_back else "Offline"
        if root:
            shown |= {"hostid": vm.host.id, "hostname": vm.host.name}
    if root:
        shown |= {"instancename": vm.instance, "arch": "x86_64", "displayvm": True}
    else:
        shown["readonlydetails"] = READ_ONLY
    return shown


def extras(vm: model.VM) -> Json:
    """What is there only when the deploy asked for it."""
    shown: Json = {}
    if vm.disk is not None:
        shown |= {"diskofferingid": vm.disk.id, "diskofferingname": vm.disk.name}
    if vm.keypairs is not None:
        shown["keypairs"] = vm.keypairs
    if vm.group is not None:
        shown["group"] = vm.group
    if vm.registered is not None:
        pairs = ", ".join(f"{key}={value}" for key, value in vm.userdata_details.items())
        shown |= {"userdataid": vm.registered.id, "userdataname": vm.registered.name}
        shown["userdatadetails"] = f"{{{pairs}}}"
    return shown


def template_part(world: World, vm: model.VM) -> Json:
    template = vm.template
    return {
        "templateid": template.id,
        "templatename": template.name,
        "templatetype": template.kind,
        "templateformat": template.format,
        "templatedisplaytext": template.displaytext,
        "passwordenabled": False,
    }


def offering_part(world: World, vm: model.VM) -> Json:
    return {
        "serviceofferingid": vm.offering.id,
        "serviceofferingname": vm.offering.name,
        "cpunumber": vm.cpunumber,
        "cpuspeed": vm.cpuspeed,
        "memory": vm.memory,
    }


def stats_part(world: World, vm: model.VM) -> Json:
    return MEASURED if vm.measured else {}


def volume_part(world: World, vm: model.VM) -> Json:
    return {"rootdeviceid": 0, "rootdevicetype": "ROOT"} if vm.rooted else {}


def group_part(world: World, vm: model.VM) -> Json:
    return {"affinitygroup": [show_vm_group(group) for group in vm.groups]}


def security_part(world: World, vm: model.VM) -> Json:
    groups = [group for group in world.securitygroups if vm in group.members]
    return {"securitygroup": [{"id": group.id, "name": group.name} for group in groups]}


def vnf_part(world: World, vm: model.VM) -> Json:
    """Read from the template: a change there shows in every appliance."""
    if vm.template.kind != "VNF":
        return {}
    return {"vnfnics": vm.template.vnfnics, "vnfdetails": vm.template.vnfdetails}


def nic_part(world: World, vm: model.VM) -> Json:
    nics = sorted(vm.nics, key=lambda nic: nic.device)
    shown: Json = {"nic": [show_nic(world, nic) for nic in nics]}
    first = next((nic for nic in nics if nic.default), None)
    if first is not None and first.address is not None:
        shown["ipaddress"] = first.address
    for nic in nics:
        address = public_of(world, nic)
        if address is not None:
            shown |= {"publicipid": address.id, "publicip": address.address}
    return shown


def show_nic(world: World, nic: model.Nic) -> Json:
    network = nic.network
    shown: Json = {"id": nic.id, "networkid": network.id, "networkname": network.name}
    if nic.address is not None:
        shown |= {"netmask": network.netmask, "gateway": network.gateway, "ipaddress": nic.address}
    if nic.uri is not None:
        shown |= {"isolationuri": nic.uri, "broadcasturi": nic.uri}
    shown |= {"traffictype": "Guest", "type": network.type, "isdefault": nic.default, "macaddress": nic.mac}
    shown["secondaryip"] = [{"id": row.id, "ipaddress": row.address} for row in nic.secondaries]
    shown |= {"extradhcpoption": [], "deviceid": str(nic.device)}
    address = public_of(world, nic)
    if address is not None:
        shown |= {"publicipid": address.id, "publicip": address.address}
    return shown


def public_of(world: World, nic: model.Nic) -> model.Address | None:
    return world.static_nat.get(nic)


def show_vm_group(group: model.AffinityGroup) -> Json:
    return {"id": group.id, "name": group.name, "account": group.owner.name}


def ownership(owner: model.Account) -> Json:
    shown: Json = {"account": owner.name}
    if owner.project is not None:
        shown = {"projectid": owner.project.id, "project": owner.project.name}
    return shown | {"domainid": owner.domain.id, "domain": owner.domain.name, "domainpath": owner.domain.path}


def tags_on(world: World, row: model.Row) -> list[Json]:
    """The tags inside an object: by key, and without the domain's path."""
    tags = [show_tag(tag) for tag in sorted(world.tags_of(row), key=lambda tag: tag.key)]
    for tag in tags:
        tag.pop("domainpath")
    return tags


def show_tag(tag: model.Tag) -> Json:
    shown: Json = {"key": tag.key, "value": tag.value, "resourcetype": tag.resource_type}
    return shown | {"resourceid": tag.resource.id} | ownership(tag.owner)


EXPUNGED: Json = {"securitygroup": [], "nic": [], "affinitygroup": [], "deleteprotection": False, "tags": []}

# what each word of `details` adds
PARTS: dict[str, Callable[[World, model.VM], Json]] = {
    "tmpl": template_part,
    "servoff": offering_part,
    "stats": stats_part,
    "volume": volume_part,
    "nics": nic_part,
    "affgrp": group_part,
    "secgrp": security_part,
    "vnfnics": vnf_part,
}
