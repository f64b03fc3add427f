"""Resource tags, and the details root may put on a resource."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import scope_of, touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import page, same
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.tables import Table
from vnfm.sandbox.cloudstack.view_vm import show_tag
from vnfm.sandbox.cloudstack.world import World


def taggable(world: World) -> dict[str, Table[model.Row]]:
    index = world.index()
    names = {
        "UserVm": "vms",
        "Network": "networks",
        "Volume": "volumes",
        "Template": "templates",
        "Snapshot": "snapshots",
        "PublicIpAddress": "addresses",
        "FirewallRule": "firewallrules",
        "PortForwardingRule": "forwardings",
        "LoadBalancer": "balancers",
        "SecurityGroup": "securitygroups",
        "VMSnapshot": "vmsnapshots",
    }
    return {kind: index[table] for kind, table in names.items()}


def resources(call: Call) -> list[model.Owned]:
    """What the ids name, in the job: type, existence and permission are all checked there."""
    kind = call.given("resourcetype")
    table = taggable(call.world).get(kind)
    if table is None:
        raise invalid(f"The resource type {kind} doesn't support resource tags")
    found = []
    for key in call.words("resourceids") or call.words("resourceid"):
        row = table.get(key)
        if not isinstance(row, model.Owned):
            raise invalid(f"Unable to find resource by uuid {key} and type {kind}")
        touch(call, row.owner)
        found.append(row)
    return found


async def create(call: Call) -> Submission:
    def begin() -> None:
        rows = resources(call)
        for entry in call.entries("tags"):
            if not entry.get("value"):
                raise invalid(f"Value for the key {entry.get('key')} is either null or empty")
            for row in rows:
                need_new(call, row, entry["key"])

    def finish() -> Json:
        begin()
        for row in resources(call):
            for entry in call.entries("tags"):
                add(call, row, entry["key"], entry["value"])
        return {"success": True}

    return Submission(begin=begin, finish=finish)


def need_new(call: Call, row: model.Owned, key: str) -> None:
    if any(tag.key == key for tag in call.world.tags_of(row)):
        kind = call.given("resourcetype")
        raise broken(f"tag {key} already on {kind} with id {row.id}")


def add(call: Call, row: model.Owned, key: str, value: str) -> None:
    world = call.world
    world.put_tag(
        model.Tag(
            **vars(world.birth(world.tags)),
            owner=row.owner,
            key=key,
            value=value,
            resource_type=call.given("resourcetype"),
            resource=row,
        )
    )


async def delete(call: Call) -> Submission:
    def chosen() -> list[model.Tag]:
        wanted = [(entry.get("key"), entry.get("value")) for entry in call.entries("tags")]
        return [
            tag
            for row in resources(call)
            for tag in call.world.tags_of(row)
            if not wanted or any(tag.key == key and value in (None, tag.value) for key, value in wanted)
        ]

    def begin() -> None:
        if not chosen():
            raise broken("Failed to delete tags")

    def finish() -> Json:
        for tag in chosen():
            call.world.drop_tag(tag)
        return {"success": True}

    return Submission(begin=begin, finish=finish)


async def list_tags(call: Call) -> Json:
    """By key, not by age."""
    shows = scope_of(call)
    rows = [
        tag
        for tag in call.world.tags
        if shows(tag.owner)
        and same(call.text("resourceid"), tag.resource.id)
        and same(call.text("resourcetype"), tag.resource_type)
        and same(call.text("key"), tag.key)
        and same(call.text("value"), tag.value)
    ]
    return page(call, sorted(rows, key=lambda tag: tag.key), show_tag)


async def add_detail(call: Call) -> Submission:
    def finish() -> Json:
        for row in resources(call):
            if isinstance(row, model.VM):
                row.resource_details |= {e["key"]: e["value"] for e in call.entries("details")}
        return {"success": True}

    return Submission(finish=finish)


async def list_details(call: Call) -> Json:
    kind = call.given("resourcetype")
    rows = []
    for row in resources(call):
        if isinstance(row, model.VM):
            rows += [(row, key, value) for key, value in row.resource_details.items()]
    return page(
        call,
        rows,
        lambda entry: {
            "resourceid": entry[0].id,
            "resourcetype": kind,
            "key": entry[1],
            "value": entry[2],
            "fordisplay": True,
        },
    )


HANDLERS: Handlers = {
    "createTags": create,
    "deleteTags": delete,
    "listTags": list_tags,
    "addResourceDetail": add_detail,
    "listResourceDetails": list_details,
}
