"""How accounts, users, projects and domains look from outside."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.limits import usage
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.view_vm import ownership
from vnfm.sandbox.cloudstack.world import RESOURCES, World

# account kind → type number, role type, role name, role id
ROLES: dict[str, tuple[int, str, str, str]] = {
    "admin": (1, "Admin", "Root Admin", "bf15624f-e67d-11f1-96d2-02fc00000001"),
    "domainadmin": (2, "DomainAdmin", "Domain Admin", "bf158ed7-e67d-11f1-96d2-02fc00000001"),
    "user": (0, "User", "User", "bf159592-e67d-11f1-96d2-02fc00000001"),
}
# the prefixes of the fields that show a limit, its use and what is left; not in the order of numbers
PREFIXES = {
    0: "vm", 1: "ip", 2: "volume", 3: "snapshot", 12: "backup", 13: "backupstorage", 4: "template",
    5: "project", 6: "network", 7: "vpc", 8: "cpu", 9: "memory", 16: "gpu", 10: "primarystorage",
    11: "secondarystorage", 14: "bucket", 15: "objectstorage",
}  # fmt: skip


def show_user(user: model.User, caller: model.Account, *, listed: bool) -> Json:
    number, role_type, role_name, role_id = ROLES[user.account.kind]
    account = user.account
    shown: Json = {"id": user.id, "username": user.username, **user.names, "created": stamp(user.created)}
    shown |= {"state": user.state, "account": account.name, "accounttype": number, "usersource": "native"}
    shown |= {"roleid": role_id, "roletype": role_type, "rolename": role_name}
    shown |= {"domainid": account.domain.id, "domain": account.domain.name, "apikey": user.apikey}
    child = listed and caller.kind == "admin" and account.domain is not caller.domain
    shown |= {"accountid": account.id, "iscallerchilddomain": child}
    shown |= {"isdefault": account.kind == "admin", "is2faenabled": False, "is2famandated": False}
    if listed and caller.kind == "admin":
        shown["apikeyaccess"] = "INHERIT"
    return shown


def show_account(world: World, account: model.Account, caller: model.Account) -> Json:
    number, role_type, role_name, role_id = ROLES[account.kind]
    shown: Json = {"id": account.id, "name": account.name, "accounttype": number}
    shown |= {"roleid": role_id, "roletype": role_type, "rolename": role_name}
    shown |= {"domainid": account.domain.id, "domain": account.domain.name, "domainpath": account.domain.path}
    shown |= limits_of(world, account)
    shown |= {**running_part(world, account), "state": "enabled"}
    if account.dated:
        shown["created"] = stamp(account.created)
    shown["user"] = [show_user(user, caller, listed=False) for user in account.users]
    shown |= {"isdefault": account.kind == "admin", "groups": []}
    if caller.kind == "admin":
        shown["apikeyaccess"] = "INHERIT"
    return shown


def limits_of(world: World, account: model.Account) -> Json:
    """Limits are strings, `Unlimited` included; secondary storage alone counts in fractions."""
    shown: Json = {}
    have = usage(world, account)
    for resource, prefix in PREFIXES.items():
        limit, total = world.limit(account, resource), have.get(resource, 0)
        fraction = prefix == "secondarystorage"
        left: float = float(limit - total) if fraction else limit - total
        shown[f"{prefix}limit"] = "Unlimited" if limit < 0 else str(limit)
        shown[f"{prefix}total"] = float(total) if fraction else total
        shown[f"{prefix}available"] = "Unlimited" if limit < 0 else str(left)
    return shown


def show_limit(world: World, account: model.Account, resource: int) -> Json:
    shown = ownership(account)
    shown |= {"resourcetype": str(resource), "resourcetypename": RESOURCES[resource][1]}
    return shown | {"max": world.limit(account, resource)}


def show_domain(domain: model.Domain) -> Json:
    shown: Json = {"id": domain.id, "name": domain.name, "level": domain.path.count("/")}
    return shown | {"path": domain.path, "state": "Active", "haschild": domain.path == "ROOT"}


def show_project(world: World, project: model.Project) -> Json:
    """Like an account, but a project cannot own projects."""
    account, domain = project.account, project.account.domain
    shown: Json = {"id": project.id, "name": project.name, "displaytext": project.displaytext}
    shown |= {"domainid": domain.id, "domain": domain.name, "state": "Active", "tags": []}
    shown["owner"] = [{"account": project.admin.name}] if project.admin else []
    shown |= {"projectaccountname": account.name, "created": stamp(project.created)}
    shown |= {k: v for k, v in limits_of(world, account).items() if not k.startswith("project")}
    return shown | running_part(world, account)


def running_part(world: World, account: model.Account) -> Json:
    states = [vm.state for vm in world.vms if vm.owner is account]
    return {"vmstopped": states.count("Stopped"), "vmrunning": states.count("Running")}
