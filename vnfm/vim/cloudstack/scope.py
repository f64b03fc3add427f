"""Where in a CloudStack a connection works: zone, project or account; and what its user may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vnfm.errors import Permanent
from vnfm.vim.cloudstack.cache import Cache
from vnfm.vim.cloudstack.client import Client, Row, Value, number
from vnfm.vim.cloudstack.errors import Refused
from vnfm.vim.cloudstack.settings import Settings

ROOT_ADMIN = 1
ADMINS = (1, 2, 3)  # root, domain and resource domain admins; 0 is a plain user
#: From this release on the capabilities of a root admin, and of nobody else, name the extensions' path.
_TELLS_ROOT = (4, 21)


@dataclass(frozen=True, slots=True)
class Place:
    """The resolved scope. A project excludes account and domain: CloudStack takes one or the other."""

    zone_id: str
    zone_name: str
    user_mtu: bool = False
    security_groups: bool = False
    project_id: str | None = None
    account: str | None = None
    domain_id: str | None = None

    @property
    def owner(self) -> dict[str, str | None]:
        """The parameters that say whose a thing is, in lists as in creating commands."""
        if self.project_id is not None:
            return {"projectid": self.project_id}
        return {"account": self.account, "domainid": self.domain_id if self.account else None}


@dataclass(frozen=True, slots=True)
class Rights:
    """What the user of the connection may do beyond the ordinary."""

    version: str
    may_expunge: bool
    is_root_admin: bool
    may_expunge_volumes: bool = False
    #: The setting enable.dynamic.scale.vm; None where the server does not tell.
    live_scaling: bool | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One connection in one scope: what every function of this adapter works on."""

    client: Client
    settings: Settings
    cache: Cache

    def place(self) -> Place:
        """Zone, project and owner, looked up at most once a minute."""
        return self.cache.get("place", lambda: _place(self.client, self.settings))

    def rights(self) -> Rights:
        """Version and rights, looked up at most once a minute."""
        return self.cache.get("rights", lambda: _rights(self.client))

    def listed(self, command: str, key: str, **of: Value) -> Sequence[Row]:
        """What a list command finds in this scope; nothing for an id that never was, which it refuses. Any
        other refusal is raised, of the same code too: it says nothing about what there is."""
        try:
            return self.client.rows(command, key, listall=True, **of, **self.place().owner)
        except Refused as exc:
            if not exc.gone:
                raise
            return []


def pick(wanted: str, rows: Sequence[Row], what: str) -> Row:
    """The row whose id or name is ``wanted``; ``Permanent`` names what there is instead."""
    found = [row for row in rows if row.get("id") == wanted]
    found = found or [row for row in rows if row.get("name") == wanted]
    found = found or [row for row in rows if str(row.get("name", "")).casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(row.get("id")) for row in found)
        raise Permanent(f"There is more than one {what} '{wanted}' ({ids}); give the id")
    raise Permanent(f"There is no {what} '{wanted}'; {candidates(rows)}")


def candidates(rows: Sequence[Row], most: int = 10) -> str:
    """A phrase that lists what there is."""
    names = sorted({str(row.get("name", row.get("id"))) for row in rows})
    if not names:
        return "there is none for this user"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return "there is " + ", ".join(f"'{name}'" for name in names[:most]) + more


def _place(client: Client, settings: Settings) -> Place:
    zone = _zone(client, settings.zone)
    base = Place(
        zone_id=str(zone["id"]),
        zone_name=str(zone.get("name", "")),
        user_mtu=zone.get("allowuserspecifyvrmtu") is True,
        security_groups=zone.get("securitygroupsenabled") is True,
    )
    domain_id = _domain(client, settings.domain) if settings.domain else None
    if settings.project:
        project = _project(client, settings.project, domain_id)
        return replace(base, project_id=project)
    if not settings.account:
        return base
    domain_id = domain_id or _domain_of(client, settings.account)
    return replace(base, account=settings.account, domain_id=domain_id)


def _zone(client: Client, wanted: str | None) -> Row:
    """The named zone, the only zone, or the first that is open for allocation and of type Advanced."""
    rows = client.rows("listZones", "zone", available=True)
    if wanted:
        return pick(wanted, rows, "zone")
    usable = [row for row in rows if row.get("allocationstate", "Enabled") == "Enabled"]
    usable = [row for row in usable if row.get("networktype") == "Advanced"] or (
        rows if len(rows) == 1 else []
    )
    if not usable:
        raise Permanent(f"No zone is open for allocation with advanced networking; {candidates(rows)}")
    return usable[0]


def _project(client: Client, wanted: str, domain_id: str | None) -> str:
    rows = client.rows("listProjects", "project", listall=True)
    if domain_id is not None:
        rows = [row for row in rows if row.get("domainid") == domain_id]
    project = pick(wanted, rows, "project")
    if project.get("state", "Active") != "Active":
        raise Permanent(f"The project '{wanted}' is {project.get('state')}, not Active")
    return str(project["id"])


def _domain(client: Client, wanted: str) -> str:
    """A domain's id by id, name or path. A plain user may not list domains, but has one of his own."""
    try:
        rows = client.rows("listDomains", "domain", listall=True)
    except Refused as exc:
        if exc.code != 432:
            raise
        rows = [
            {"id": row.get("domainid"), "name": row.get("domain"), "path": row.get("domainpath")}
            for row in client.rows("listAccounts", "account")
        ]
    for row in rows:
        if row.get("path") == wanted:
            return str(row["id"])
    return str(pick(wanted, rows, "domain")["id"])


def _domain_of(client: Client, account: str) -> str:
    rows = client.rows("listAccounts", "account", name=account, listall=True)
    return str(pick(account, rows, "account")["domainid"])


def _rights(client: Client) -> Rights:
    capability = client.read("listCapabilities").get("capability", {})
    kind = _account_kind(client)
    version = str(capability.get("cloudstackversion", ""))
    root = kind == ROOT_ADMIN
    if _release(version) >= _TELLS_ROOT:
        root = "extensionspath" in capability
    may = capability.get("allowuserexpungerecovervm") is True or root or kind in ADMINS
    return Rights(
        version=version,
        may_expunge=may,
        is_root_admin=root,
        may_expunge_volumes=capability.get("allowuserexpungerecovervolume") is True or root or kind in ADMINS,
        live_scaling=capability.get("dynamicscalingenabled"),
    )


def _account_kind(client: Client) -> int:
    """The type of the caller's own account; 0 (a plain user) when it cannot be told."""
    try:
        rows = client.rows("listAccounts", "account")
    except Refused:
        return 0  # a role without listAccounts; a root admin's always has it
    kinds = {number(row.get("accounttype"), 0) for row in rows}
    return kinds.pop() if len(kinds) == 1 else 0


def _release(version: str) -> tuple[int, ...]:
    parts = version.split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(number(part, 0) for part in parts)
