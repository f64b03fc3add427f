"""Projects: owners of their own, seen by their members."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import may_touch, owner_for
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.limits import need_room
from vnfm.sandbox.cloudstack.listing import holds, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_account import show_project


async def create(call: Call) -> Submission:
    world, name, owner = call.world, call.given("name"), owner_for(call)
    if any(row.name == name and row.account.domain is owner.domain for row in world.projects):
        raise invalid(f"Project with name {name} already exists in domain id={owner.domain.id}")
    need_room(world, owner, {5: 1})
    account = world.accounts.add(
        model.Account(
            **vars(world.birth(world.accounts)),
            name=f"PrjAcct-{name}-{owner.domain.serial}",
            domain=owner.domain,
            kind="project",
        )
    )
    project = model.Project(
        **vars(world.birth(world.projects)),
        name=name,
        displaytext=call.text("displaytext") or name,
        account=account,
        members={owner.id},
        admin=owner,
    )
    account.project = world.projects.add(project)
    return Submission(
        finish=lambda: {"project": show_project(world, project)}, kind="None", created=project.id
    )


async def list_projects(call: Call) -> Json:
    world = call.world
    rows = [
        project
        for project in world.projects
        if may_touch(call, project.account)
        and same(call.text("id"), project.id)
        and same(call.text("name"), project.name)
        and holds(call.text("keyword"), project.name)
    ]
    return page(call, rows, lambda row: show_project(world, row))


HANDLERS: Handlers = {"createProject": create, "listProjects": list_projects}
