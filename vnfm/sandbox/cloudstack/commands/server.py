"""The management server about itself: capabilities, its API, its settings, the caller's rate limit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from vnfm.sandbox.cloudstack import catalogue
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.commands.places import VERSION
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, page
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, invalid, unavailable
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.throttle import standing
from vnfm.sandbox.cloudstack.vnf import ACCESS, DESCRIPTION, METHODS

DETAIL_OPTIONS: dict[str, Json] = {
    "UserVm": {
        "keyboard": ["uk", "us", "jp", "fr"],
        "cpu.corespersocket": [],
        "UEFI": ["LEGACY", "SECURE"],
        "rootdisksize": [],
    },
    "VnfTemplate": {
        name: list(METHODS) if name == "access_methods" else [] for name in (*ACCESS, *DESCRIPTION)
    },
}


async def capabilities(call: Call) -> Json:
    settings = call.world.settings
    expunge = call.root or settings.flag("allow.user.expunge.recover.vm")
    destroyed = call.root or settings.flag("allow.user.view.destroyed.vm")
    shown: Json = {"securitygroupsenabled": False, "dynamicrolesenabled": True, "cloudstackversion": VERSION}
    shown |= {"userpublictemplateenabled": True, "supportELB": "false", "projectinviterequired": False}
    shown |= {"allowusercreateprojects": True, "customdiskofferingminsize": 1}
    shown |= {"customdiskofferingmaxsize": 1024, "regionsecondaryenabled": False}
    shown |= {"kvmsnapshotenabled": True, "allowuserviewdestroyedvm": destroyed}
    shown |= {"allowuserexpungerecovervm": expunge, "allowuserexpungerecovervolume": True}
    shown |= {"allowuserviewalldomainaccounts": False, "allowuserforcestopvm": True}
    shown |= {"kubernetesserviceenabled": True, "kubernetesclusterexperimentalfeaturesenabled": False}
    shown |= {"customhypervisordisplayname": "Custom", "defaultuipagesize": 20}
    shown |= {"instancesstatsretentiontime": 720, "instancesstatsuseronly": False}
    shown |= {"instancesdisksstatsretentionenabled": False, "instancesdisksstatsretentiontime": 720}
    shown |= {"sharedfsvmmincpucount": 2, "sharedfsvmminramsize": 1024, "instanceleaseenabled": False}
    if call.root:
        shown["extensionspath"] = "/usr/share/cloudstack-management/extensions"
    if settings.flag("api.throttling.enabled"):
        shown |= {"apilimitmax": int(settings.number("api.throttling.max"))}
        shown |= {"apilimitinterval": int(settings.number("api.throttling.interval"))}
    scaling = settings.flag("enable.dynamic.scale.vm")
    return {"capability": shown | {"dynamicscalingenabled": scaling, "additionalconfigenabled": False}}


async def list_apis(call: Call) -> Json:
    known = catalogue.load()
    name = call.text("name")
    rows = [
        command
        for command in known.commands.values()
        if command.open_to(call.account.kind) and name in (None, command.name)
    ]
    if not rows:
        raise Refusal(
            530, "Api Discovery plugin was unable to find an api by that name or process any apis", 9999
        )
    return {"count": len(rows), "api": [show_api(command, known, call.account.kind) for command in rows]}


def show_api(command: catalogue.Command, known: catalogue.Catalogue, kind: str) -> Json:
    shown: Json = {"name": command.name, "description": command.name}
    if "since" in command.raw:
        shown["since"] = command.raw["since"]
    siblings = [c.name for c in known.commands.values() if c.raw["fields"] == command.raw["fields"]]
    shown |= {"isasync": command.kind in ("async", "create"), "related": ",".join(siblings)}
    letter = {"user": "u", "domainadmin": "d"}.get(kind, "root")
    params = [param for param in command.params.values() if letter not in param.raw.get("closed", "")]
    shown["params"] = [show_param(param) for param in params]
    return shown | {"response": show_fields(known.objects[command.raw["fields"]])}


def show_param(param: catalogue.Param) -> Json:
    shown: Json = {"name": param.name, "description": param.name, "type": param.type}
    shown |= {"length": param.length, "required": param.required}
    if "since" in param.raw:
        shown["since"] = param.raw["since"]
    if param.raw.get("related"):
        shown["related"] = ""
    return shown


def show_fields(fields: Mapping[str, catalogue.Field]) -> list[Json]:
    rows: list[Json] = []
    for name, field in fields.items():
        row: Json = {"name": name, "description": name}
        if isinstance(field, str):
            row["type"] = field
        else:
            row["type"] = field[0]
            held = field[1]
            if isinstance(held, Mapping):
                row["response"] = show_fields(held)
        rows.append(row)
    return rows


async def api_limit(call: Call) -> Json:
    if not call.world.settings.flag("api.throttling.enabled"):
        raise unavailable("This api is only available when api.throttling.enabled = true.")
    issued, left = standing(call.world, call.account)
    allowed = int(call.world.settings.number("api.throttling.max")) - issued
    # the id in it is not the account's
    limit: Json = {"accountid": str(uuid.uuid4()), "account": call.account.name, "apiIssued": issued}
    return {"apilimit": limit | {"apiAllowed": allowed, "expireAfter": int(left * 1000)}}


async def list_configurations(call: Call) -> Json:
    settings = call.world.settings
    name = call.text("name")
    rows = [key for key in settings.values if key == name or (not name and holds(call.text("keyword"), key))]
    return page(
        call, [key for key in rows if not key.startswith("sandbox.")], lambda key: show_setting(call, key)
    )


def show_setting(call: Call, key: str) -> Json:
    settings = call.world.settings
    shown: Json = {"category": "Advanced", "group": "Management Server", "subgroup": "Limits", "name": key}
    shown |= {"value": settings.text(key), "defaultvalue": settings.shipped[key], "isdynamic": False}
    kind = "Boolean" if settings.text(key) in ("true", "false") else "Number"
    return shown | {"component": "management-server", "displaytext": key, "type": kind}


async def update_configuration(call: Call) -> Json:
    name = call.given("name")
    if name.startswith("sandbox.") or name not in call.world.settings.values:
        raise invalid(f"Config parameter with name {name} doesn't exist")
    call.world.settings.put(name, call.text("value") or "")
    return {"configuration": show_setting(call, name)}


async def list_servers(call: Call) -> Json:
    world = call.world
    server: Json = {"id": world.server_id, "name": "localhost", "state": "Up", "version": VERSION}
    server |= {"javadistribution": "none", "javaversion": "none", "osdistribution": "sandbox"}
    server |= {"lastserverstart": stamp(world.booted), "lastboottime": stamp(world.booted)}
    server |= {"serviceip": "127.0.0.1", "ipaddress": "127.0.0.1", "lastagents": []}
    server |= {"agents": [host.id for host in world.hosts], "agentscount": len(world.hosts)}
    pending = sum(job.status == 0 for job in world.jobs)
    return page(call, [server | {"pendingjobscount": pending}], lambda row: row)


async def list_detail_options(call: Call) -> Json:
    details = dict(DETAIL_OPTIONS.get(call.given("resourcetype"), {}))
    if not call.root:
        details.pop("rootdisksize", None)
    return {"detailoptions": {"details": details}}


HANDLERS: Handlers = {
    "listCapabilities": capabilities,
    "listApis": list_apis,
    "getApiLimit": api_limit,
    "listConfigurations": list_configurations,
    "updateConfiguration": update_configuration,
    "listManagementServers": list_servers,
    "listDetailOptions": list_detail_options,
}
