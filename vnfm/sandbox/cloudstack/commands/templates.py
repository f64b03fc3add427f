"""Templates and VNF templates."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import owner_for, touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import by_tags, holds, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_catalog import show_template, template_core
from vnfm.sandbox.cloudstack.vnf import read_details, read_nics

FRESH_SIZE = 5242880
FILTERS = ("featured", "self", "selfexecutable", "sharedexecutable", "executable", "community", "all")


async def list_templates(call: Call) -> Json:
    return listed(call, list(call.world.templates))


async def list_vnf_templates(call: Call) -> Json:
    return listed(call, [template for template in call.world.templates if template.kind == "VNF"])


def listed(call: Call, templates: list[model.Template]) -> Json:
    chosen = call.given("templatefilter")
    if chosen not in FILTERS:
        raise invalid(f"Invalid template filter: {chosen}")
    if chosen == "all" and not call.root:
        raise invalid("Filter all can be specified by admin only")
    rows = [
        template
        for template in templates
        if in_filter(call, chosen, template)
        and same(call.text("id"), template.id)
        and same(call.text("name"), template.name)
        and same(call.text("templatetype"), template.kind)
        and holds(call.text("keyword"), template.name)
        and (call.text("isvnf") is None or call.flag("isvnf") == (template.kind == "VNF"))
    ]
    return page(call, by_tags(call, rows), lambda row: show_template(call.world, row, root=call.root))


def in_filter(call: Call, chosen: str, template: model.Template) -> bool:
    mine = template.owner is call.account
    if chosen == "all":
        return True
    if chosen == "featured":
        return template.featured
    if chosen in ("self", "selfexecutable"):
        return mine
    if chosen == "executable":
        return mine or template.public
    return False


async def register(call: Call) -> Json:
    """Synchronous; the answer is a list, one entry per zone. Here it is ready at once."""
    world = call.world
    owner = owner_for(call)
    nics, details = read_nics(call), read_details(call)
    zone = call.row("zoneid", world.zones) or next(iter(world.zones))
    system = call.row("ostypeid", world.ostypes) or next(iter(world.ostypes))
    need_room(world, owner, {4: 1})
    store = {"downloadState": "DOWNLOADED", "datastore": "secondary", "downloadPercent": "100"}
    template = model.Template(
        **vars(world.birth(world.templates)),
        owner=owner,
        name=call.given("name"),
        displaytext=call.text("displaytext") or call.given("name"),
        zone=zone,
        os=system,
        format=call.given("format"),
        kind="VNF",
        public=call.flag("ispublic"),
        featured=call.flag("isfeatured"),
        size=FRESH_SIZE,
        url=call.given("url"),
        hypervisor=call.given("hypervisor"),
        stores=[{**store}],
        hvm=True,
        scalable=call.flag("isdynamicallyscalable"),
        vnfnics=nics,
        vnfdetails=details,
    )
    world.templates.add(template)
    return {"count": 1, "template": [show_template(world, template, root=call.root)]}


def target(call: Call) -> model.Template:
    template = call.need("id", call.world.templates)
    touch(call, template.owner)
    if template.kind != "VNF":
        raise invalid(f"Template {template.id} is not a VNF template")
    return template


async def update(call: Call) -> Json:
    """New NICs or details replace all old ones; the answer calls even a ready template not ready."""
    template = target(call)
    nics, details = read_nics(call), read_details(call)
    template.name = call.text("name") or template.name
    template.displaytext = call.text("displaytext") or template.displaytext
    if nics or call.flag("cleanupvnfnics"):
        template.vnfnics = [] if call.flag("cleanupvnfnics") else nics
    if details or call.flag("cleanupvnfdetails"):
        template.vnfdetails = {} if call.flag("cleanupvnfdetails") else details
    return updated(call, template)


def updated(call: Call, template: model.Template) -> Json:
    """The answer says no to what the server did not look up."""
    unread = {"isready": False, "isfeatured": False, "crossZones": False, "bootable": True}
    return {"template": template_core(call.world, template) | unread}


async def update_any(call: Call) -> Json:
    """updateTemplate: of a template of any type."""
    template = call.need("id", call.world.templates)
    touch(call, template.owner)
    template.name = call.text("name") or template.name
    template.displaytext = call.text("displaytext") or template.displaytext
    template.scalable = call.flag("isdynamicallyscalable", template.scalable)
    return updated(call, template)


async def delete(call: Call) -> Submission:
    template, world = target(call), call.world

    def begin() -> None:
        users = [vm.described() for vm in world.vms if vm.template is template]
        if users:
            raise invalid(
                f"Unable to delete template: {template.name} because VM instances:"
                f" [{', '.join(users)}] are using it."
            )

    def finish() -> Json:
        world.templates.remove(template)
        return {"success": True}

    return Submission(begin=begin, finish=finish, kind="Template", row=template)


HANDLERS: Handlers = {
    "listTemplates": list_templates,
    "listVnfTemplates": list_vnf_templates,
    "registerVnfTemplate": register,
    "updateVnfTemplate": update,
    "updateTemplate": update_any,
    "deleteVnfTemplate": delete,
}
