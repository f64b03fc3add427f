"""Security groups: made even where no zone uses them."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import owner_for
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import SecurityGroup
from vnfm.sandbox.cloudstack.view_traffic import show_security_group

DEFAULT = "default"


def add(call: Call, owner: model.Account, name: str, description: str | None) -> SecurityGroup:
    table = call.world.securitygroups
    birth = vars(call.world.birth(table))
    return table.add(SecurityGroup(**birth, owner=owner, name=name, description=description))


def names_of(call: Call, owner: model.Account) -> set[str]:
    """Every account has the default group, made when it is first asked for."""
    names = {group.name for group in call.world.securitygroups if group.owner is owner}
    if DEFAULT not in names:
        add(call, owner, DEFAULT, "Default Security Group")
    return names | {DEFAULT}


async def create(call: Call) -> Json:
    owner, name = owner_for(call), call.given("name")
    if name in names_of(call, owner):
        raise invalid(f"Unable to create security group, a group with name {name} already exists.")
    group = add(call, owner, name, call.text("description"))
    return {"securitygroup": show_security_group(call.world, group)}


async def list_groups(call: Call) -> Json:
    names_of(call, call.account)
    name = call.text("securitygroupname")
    rows = [group for group in owned(call, call.world.securitygroups) if same(name, group.name)]
    return page(call, rows, lambda row: show_security_group(call.world, row))


HANDLERS: Handlers = {"createSecurityGroup": create, "listSecurityGroups": list_groups}
