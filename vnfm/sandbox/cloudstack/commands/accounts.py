"""Accounts, users, domains and limits."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import named_account, scope_of
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import holds, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_account import (
    show_account,
    show_domain,
    show_limit,
    show_user,
)
from vnfm.sandbox.cloudstack.world import RESOURCES

PEOPLE = ("user", "domainadmin", "admin")


async def list_accounts(call: Call) -> Json:
    shows = scope_of(call, by_id=bool(call.text("id")))
    rows = [
        account
        for account in call.world.accounts
        if account.kind in PEOPLE
        and shows(account)
        and same(call.text("id"), account.id)
        and same(call.text("name"), account.name)
        and same(call.text("domainid"), account.domain.id)
    ]
    return page(call, rows, lambda account: show_account(call.world, account, call.account))


async def list_users(call: Call) -> Json:
    shows = scope_of(call, by_id=bool(call.text("id")))
    rows = [
        user
        for user in call.world.users
        if shows(user.account)
        and same(call.text("id"), user.id)
        and same(call.text("username"), user.username)
        and holds(call.text("keyword"), user.username)
    ]
    return page(call, rows, lambda user: show_user(user, call.account, listed=True))


async def list_domains(call: Call) -> Json:
    rows = [
        domain
        for domain in call.world.domains
        if call.account.domain.holds(domain)
        and same(call.text("id"), domain.id)
        and same(call.text("name"), domain.name)
    ]
    return page(call, rows, show_domain)


def limited_account(call: Call) -> model.Account:
    name = call.text("account")
    if name:
        return named_account(call, name)
    project = call.row("projectid", call.world.projects)
    return project.account if project else call.account


async def list_limits(call: Call) -> Json:
    account = limited_account(call)
    wanted = call.number("resourcetype")
    names = call.text("resourcetypename")
    rows = [r for r, name, _ in RESOURCES if wanted in (None, r) and names in (None, name)]
    return page(call, rows, lambda resource: show_limit(call.world, account, resource))


async def update_limit(call: Call) -> Json:
    account, resource = limited_account(call), call.number("resourcetype")
    if resource is None or not 0 <= resource < len(RESOURCES):
        raise invalid("Please specify valid resource type")
    account.limits[resource] = call.number("max") or 0
    return {"resourcelimit": show_limit(call.world, account, resource)}


async def disable(call: Call) -> Submission:
    user = call.need("id", call.world.users)

    def finish() -> Json:
        user.state = "disabled"
        return {"user": show_user(user, call.account, listed=False)}

    return Submission(finish=finish)


async def enable(call: Call) -> Json:
    user = call.need("id", call.world.users)
    user.state = "enabled"
    return {"user": show_user(user, call.account, listed=False)}


HANDLERS: Handlers = {
    "listAccounts": list_accounts,
    "listUsers": list_users,
    "listDomains": list_domains,
    "listResourceLimits": list_limits,
    "updateResourceLimit": update_limit,
    "disableUser": disable,
    "enableUser": enable,
}
