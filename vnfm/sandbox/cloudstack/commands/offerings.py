"""Service, disk and network offerings."""

from __future__ import annotations

import uuid

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_catalog import (
    show_disk_offering,
    show_network_offering,
    show_service_offering,
)

BOUNDS = ("mincpunumber", "maxcpunumber", "minmemory", "maxmemory")
ROUTER_OFFERING = str(uuid.uuid5(uuid.NAMESPACE_OID, "the offering of virtual routers"))


async def list_services(call: Call) -> Json:
    domain = call.account.domain
    rows = [
        offering
        for offering in call.world.serviceofferings
        if same(call.text("id"), offering.id)
        and same(call.text("name"), offering.name)
        and holds(call.text("keyword"), offering.name, offering.displaytext)
        and (call.root or offering.domain is None or offering.domain.holds(domain))
    ]
    return page(call, rows, show_service_offering)


async def create_service(call: Call) -> Json:
    """Fixed when all sizes are given; with bounds or `customized` the deploy says the size."""
    bounds = {key: value for key in BOUNDS if (value := call.number(key)) is not None}
    custom = call.flag("customized") or bool(bounds)
    sizes = call.number("cpunumber"), call.number("cpuspeed"), call.number("memory")
    if not custom and None in sizes:
        raise invalid("For a fixed offering the cpu number, cpu speed and memory must be given")
    world = call.world
    offering = model.ServiceOffering(
        **vars(world.birth(world.serviceofferings)),
        name=call.given("name"),
        displaytext=call.text("displaytext") or call.given("name"),
        cpunumber=None if custom else sizes[0],
        cpuspeed=sizes[1],
        memory=None if custom else sizes[2],
        disk_id=str(uuid.uuid4()),
        bounds=bounds,
        domain=call.row("domainid", world.domains),
    )
    world.serviceofferings.add(offering)
    return {"serviceoffering": {**show_service_offering(offering), "gpudisplay": False}}


async def list_disks(call: Call) -> Json:
    rows = [
        offering
        for offering in call.world.diskofferings
        if same(call.text("id"), offering.id)
        and same(call.text("name"), offering.name)
        and holds(call.text("keyword"), offering.name, offering.displaytext)
    ]
    return page(call, rows, show_disk_offering)


async def list_network_kinds(call: Call) -> Json:
    rows = [
        offering
        for offering in call.world.networkofferings
        if same(call.text("id"), offering.id)
        and same(call.text("name"), offering.name)
        and same(call.text("state"), "Enabled")
        and same(call.text("guestiptype"), offering.guestiptype)
        and (call.text("forvpc") is None or call.flag("forvpc") == offering.forvpc)
        and (call.text("specifyvlan") is None or call.flag("specifyvlan") == offering.specifyvlan)
        and holds(call.text("keyword"), offering.name, offering.displaytext)
    ]
    return page(call, rows, lambda offering: show_network_offering(offering, ROUTER_OFFERING))


HANDLERS: Handlers = {
    "listServiceOfferings": list_services,
    "createServiceOffering": create_service,
    "listDiskOfferings": list_disks,
    "listNetworkOfferings": list_network_kinds,
}
