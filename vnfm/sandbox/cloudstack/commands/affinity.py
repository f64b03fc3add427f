"""Affinity groups."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import owner_for, touch
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import ownership

TYPES = ("host anti-affinity", "host affinity", "non-strict host anti-affinity", "non-strict host affinity")


async def list_types(call: Call) -> Json:
    return page(call, TYPES, lambda name: {"type": name})


async def create(call: Call) -> Submission:
    """The name is unique per account, and the database holds to it: of twins one is made."""
    world = call.world
    name, kind = call.given("name"), call.given("type")
    owner = owner_for(call)
    if kind not in TYPES:
        raise invalid(
            f"Unable to create affinity group, invalid affinity group type: {kind}. Valid values are"
            f" {','.join(TYPES)}"
        )
    if any(group.name == name and group.owner is owner for group in world.groups):
        raise invalid(f"Unable to create affinity group, a group with name {name} already exists.")
    group = model.AffinityGroup(
        **vars(world.birth(world.groups)),
        owner=owner,
        name=name,
        type=kind,
        description=call.text("description"),
    )
    world.groups.add(group)
    return Submission(
        finish=lambda: {"affinitygroup": show_group(group)},
        kind="AffinityGroup",
        row=group,
        shows_row=False,
        created=group.id,
    )


def show_group(group: model.AffinityGroup) -> Json:
    shown: Json = {"id": group.id, "name": group.name, "type": group.type, **ownership(group.owner)}
    if group.description:
        shown["description"] = group.description
    if group.vms:
        shown["virtualmachineIds"] = [vm.id for vm in group.vms]
    return shown


async def delete(call: Call) -> Submission:
    """Members do not keep a group from being deleted."""
    world = call.world
    group = call.row("id", world.groups)
    if group is None:
        named = [g for g in owned(call, world.groups) if g.name == call.text("name")]
        if not named:
            raise invalid("Unable to find the affinity group")
        group = named[0]
    touch(call, group.owner)
    doomed = group

    def finish() -> Json:
        for vm in doomed.vms:
            vm.groups.remove(doomed)
        doomed.vms.clear()
        world.groups.remove(doomed)
        return {"success": True}

    return Submission(finish=finish, kind="AffinityGroup")


async def list_groups(call: Call) -> Json:
    rows = [
        group
        for group in owned(call, call.world.groups)
        if same(call.text("name"), group.name)
        and same(call.text("type"), group.type)
        and holds(call.text("keyword"), group.name)
    ]
    vm = call.text("virtualmachineid")
    if vm:
        rows = [group for group in rows if any(member.id == vm for member in group.vms)]
    return page(call, rows, show_group)


HANDLERS: Handlers = {
    "listAffinityGroupTypes": list_types,
    "createAffinityGroup": create,
    "deleteAffinityGroup": delete,
    "listAffinityGroups": list_groups,
}
