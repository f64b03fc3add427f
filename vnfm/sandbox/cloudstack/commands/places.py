"""Zones, hosts, capacity, guest operating systems: what the cloud is made of."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, page, same
from vnfm.sandbox.cloudstack.placement import used
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_catalog import show_zone
from vnfm.sandbox.cloudstack.world import World

VERSION = "4.22.0.0-SNAPSHOT"
HYPERVISORS = ("KVM", "VMware", "XenServer", "Hyperv", "BareMetal", "Ovm", "LXC", "Ovm3", "External")
PUBLIC_IP, PRIVATE_IP, VLAN, GPU, CORES = 4, 5, 7, 19, 90


async def list_zones(call: Call) -> Json:
    rows = [
        zone
        for zone in call.world.zones
        if same(call.text("id"), zone.id)
        and same(call.text("name"), zone.name)
        and holds(call.text("keyword"), zone.name)
    ]
    return page(call, rows, lambda zone: show_zone(zone, root=call.root))


async def list_hypervisors(call: Call) -> Json:
    return page(call, HYPERVISORS, lambda name: {"name": name})


async def list_os_types(call: Call) -> Json:
    rows = [
        system
        for system in call.world.ostypes
        if same(call.text("id"), system.id) and holds(call.text("keyword"), system.name)
    ]
    return page(call, rows, show_os_type)


def show_os_type(system: model.OsType) -> Json:
    shown: Json = {"id": system.id, "oscategoryid": system.category, "oscategoryname": system.category_name}
    return shown | {
        "name": system.name,
        "description": system.name,
        "isuserdefined": False,
        "fordisplay": True,
    }


async def list_hosts(call: Call) -> Json:
    kind = call.text("type")
    rows = [
        host
        for host in call.world.hosts
        if same(call.text("id"), host.id)
        and same(call.text("name"), host.name)
        and same(call.text("zoneid"), host.zone.id)
        and same(kind, "SecondaryStorageVM" if host.systemvm else "Routing")
    ]
    return page(call, rows, lambda host: show_host(call.world, host))


def show_host(world: World, host: model.Host) -> Json:
    shown: Json = {"id": host.id, "name": host.name, "state": "Up"}
    shown["type"] = "SecondaryStorageVM" if host.systemvm else "Routing"
    shown |= {"ipaddress": host.facts["address"], "zoneid": host.zone.id, "zonename": host.zone.name}
    shown |= {"podid": host.zone.facts["podid"], "podname": "POD0", "version": VERSION}
    shown |= {"memoryallocated": 0} if host.systemvm else load_part(host)
    shown |= {"lastpinged": stamp(world.clock.now()), "managementserverid": world.server_id}
    shown |= {"managementservername": "localhost", "islocalstorageactive": False}
    shown |= {"created": stamp(host.created), "events": "Ping; AgentDisconnected; HostDown"}
    shown["hostha"] = {"haenable": False, "hastate": "Disabled"}
    shown["outofbandmanagement"] = {"powerstate": "Disabled", "enabled": False}
    shown |= {"resourcestate": "Enabled", "hasannotations": False}
    if host.systemvm:
        return shown | {"virtualmachineid": host.systemvm}
    shown |= {"clusterid": host.facts["clusterid"], "clustername": host.facts["cluster"]}
    shown |= {"clustertype": "CloudManaged", "hypervisor": "Simulator", "hypervisorversion": VERSION}
    return shown | {"capabilities": "hvm", "hahost": False, "ueficapability": False, "arch": "x86_64"}


def load_part(host: model.Host) -> Json:
    megahertz, memory = used(host)
    total = host.cpunumber * host.cpuspeed
    cpu, mem = f"{100 * megahertz / total:.2f}%", f"{100 * memory / host.memory:.2f}%"
    shown: Json = {"cpunumber": host.cpunumber, "cpuspeed": host.cpuspeed, "cpuallocated": cpu}
    shown |= {"cpuallocatedvalue": megahertz, "cpuallocatedpercentage": cpu}
    shown |= {"cpuallocatedwithoverprovisioning": cpu, "cpuwithoverprovisioning": str(total)}
    shown |= {"memorytotal": host.memory, "memorywithoverprovisioning": str(host.memory)}
    return shown | {
        "memoryallocated": memory,
        "memoryallocatedpercentage": mem,
        "memoryallocatedbytes": memory,
    }


async def list_capacity(call: Call) -> Json:
    wanted = call.text("zoneid")
    number = call.number("type")
    rows = [
        row
        for zone in call.world.zones
        if same(wanted, zone.id)
        for row in capacity_of(call.world, zone)
        if number is None or row["type"] == number
    ]
    return page(call, rows, lambda row: row)


def capacity_of(world: World, zone: model.Zone) -> list[Json]:
    hosts = [host for host in world.hosts if host.zone is zone and not host.systemvm]
    loads = [used(host) for host in hosts]
    cpu, memory = sum(load[0] for load in loads), sum(load[1] for load in loads)
    vlans = sum(n.vlan is not None for n in world.networks if n.zone is zone)
    addresses = sum(a.zone is zone for a in world.addresses)
    cores = sum(vm.cpunumber for host in hosts for vm in host.vms)
    return [
        gauge(zone, 0, "MEMORY", memory, sum(host.memory for host in hosts), allocated=True),
        gauge(zone, 1, "CPU", cpu, sum(h.cpunumber * h.cpuspeed for h in hosts), allocated=True),
        gauge(zone, 2, "STORAGE", 0, 0),
        gauge(zone, 3, "STORAGE_ALLOCATED", 0, 8 << 40),
        gauge(zone, PUBLIC_IP, "VIRTUAL_NETWORK_PUBLIC_IP", addresses, 199),
        gauge(zone, PRIVATE_IP, "PRIVATE_IP", 4, 199),
        gauge(zone, 6, "SECONDARY_STORAGE", 0, 0),
        gauge(zone, VLAN, "VLAN", vlans, zone.vlans[1] - zone.vlans[0] + 1),
        gauge(zone, GPU, "GPU", 0, 0, allocated=True),
        gauge(zone, CORES, "CPU_CORE", cores, sum(h.cpunumber for h in hosts), allocated=True),
    ]


def gauge(
    zone: model.Zone, number: int, name: str, value: int, total: int, *, allocated: bool = False
) -> Json:
    shown: Json = {"type": number, "name": name, "zoneid": zone.id, "zonename": zone.name}
    if allocated:
        shown["capacityallocated"] = value
    percent = f"{100 * value / total:.2f}" if value and total else "0"
    return shown | {"capacityused": value, "capacitytotal": total, "percentused": percent}


HANDLERS: Handlers = {
    "listZones": list_zones,
    "listHypervisors": list_hypervisors,
    "listOsTypes": list_os_types,
    "listHosts": list_hosts,
    "listCapacity": list_capacity,
}
