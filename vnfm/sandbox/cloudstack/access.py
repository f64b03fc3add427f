"""Who may see and who may touch what."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import denied, invalid, unavailable
from vnfm.sandbox.cloudstack.request import Call

Scope = Callable[[model.Account], bool]


def may_touch(call: Call, owner: model.Account) -> bool:
    caller = call.account
    if caller.kind == "admin" or owner is caller:
        return True
    if owner.project and caller.id in owner.project.members:
        return True
    return caller.kind == "domainadmin" and caller.domain.holds(owner.domain)


def touch(call: Call, owner: model.Account) -> None:
    """Acting on another account's object is refused; for a pure user its existence shows."""
    if not may_touch(call, owner):
        raise denied()


def owner_for(call: Call) -> model.Account:
    """Whose the new object will be: `account` with `domainid`, then `projectid`, then the caller."""
    name = call.text("account")
    if name:
        return named_account(call, name)
    project = call.row("projectid", call.world.projects)
    if project is None:
        return call.account
    if not may_touch(call, project.account):
        raise unavailable(f"Account {call.account.name} can't operate in project with id {project.id}")
    return project.account


def named_account(call: Call, name: str) -> model.Account:
    domain = call.row("domainid", call.world.domains) or call.account.domain
    for account in call.world.accounts:
        if account.name == name and account.domain is domain:
            if not may_touch(call, account):
                raise denied()
            return account
    raise invalid(f"Unable to find account {name} in domain {domain.id}")


def scope_of(call: Call, *, by_id: bool = False) -> Scope:
    """Which owners' objects a list command shows."""
    project_id = call.text("projectid")
    if project_id:
        return project_scope(call, project_id)
    if call.text("account"):
        wanted = named_account(call, call.text("account") or "")
        return lambda owner: owner is wanted
    caller = call.account
    wide = caller.kind != "user" and (by_id or call.flag("listall"))
    if not wide:
        return lambda owner: owner is caller
    if caller.kind == "admin":
        return lambda owner: owner.project is None
    return lambda owner: owner.project is None and caller.domain.holds(owner.domain)


def project_scope(call: Call, project_id: str) -> Scope:
    if project_id == "-1":
        return lambda owner: owner.project is not None and may_touch(call, owner)
    project = call.need("projectid", call.world.projects)
    if not may_touch(call, project.account):
        raise unavailable(f"Account {call.account.name} can't operate in project with id {project.id}")
    return lambda owner: owner is project.account
