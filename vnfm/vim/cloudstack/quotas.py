"""Asks whether quotas leave room for what an operation will add, before it touches anything.

Accounts, projects and domains show limit and use of each quota side by side. Domains are for admins to see;
what this caller may not read is left to CloudStack, which refuses with 535 when it comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vnfm.errors import Permanent
from vnfm.vim.cloudstack.client import Row
from vnfm.vim.cloudstack.errors import Refused
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import RoomSpec

MIB = 1024**2
GIB = 1024**3
#: Refusals that mean "not for you to see"; a wrong key shows elsewhere.
_HIDDEN = frozenset({401, 431, 432, 531})


@dataclass(frozen=True, slots=True)
class Shortage:
    """One quota that would be broken. ``unit`` is empty for counts."""

    kind: str
    unit: str
    owner: str
    limit: int
    used: int
    wanted: int

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"{self.kind} of {self.owner}: limit {self.limit}{unit}, used {self.used}{unit}, "
            f"wanted {self.wanted}{unit}"
        )


def check(site: Site, spec: RoomSpec) -> None:
    """``Permanent`` names all shortages; its facts are of the first."""
    found = [one for owner, row in _owners(site) for one in shortages(spec, owner, row)]
    if found:
        first = found[0]
        raise Permanent(
            "The quotas of the VIM leave no room: " + "; ".join(str(one) for one in found),
            quota=first.kind, quotaOwner=first.owner, limit=first.limit, used=first.used, wanted=first.wanted,
        )  # fmt: skip


def shortages(spec: RoomSpec, owner: str, row: Row) -> Iterator[Shortage]:
    """The quotas of one owner that do not hold what is wanted. ``row`` tells ``cpulimit``, ``cputotal``…"""
    for kind, field, unit, wanted in _wanted(spec):
        limit, used = _number(row.get(f"{field}limit")), _number(row.get(f"{field}total"))
        if wanted > 0 and limit is not None and limit >= 0 and used is not None and used + wanted > limit:
            yield Shortage(kind, unit, owner, limit, used, wanted)


def _wanted(spec: RoomSpec) -> Sequence[tuple[str, str, str, int]]:
    """CloudStack's name of the quota, the prefix of its fields, its unit, and how much."""
    servers = spec.servers
    memory = sum(server.memory for server in servers) + spec.memory
    disk = sum(server.root_disk for server in servers) + sum(spec.volumes) + spec.disk
    return (
        ("user_vm", "vm", "", len(servers)),
        ("cpu", "cpu", "", sum(server.cpus for server in servers) + spec.cpus),
        ("memory", "memory", "MiB", -(-memory // MIB)),
        ("volume", "volume", "", len(servers) + len(spec.volumes)),
        ("primary_storage", "primarystorage", "GiB", -(-disk // GIB)),
        ("network", "network", "", spec.networks),
        ("public_ip", "ip", "", spec.addresses),
        ("snapshot", "snapshot", "", spec.volume_snapshots),
    )


def _owners(site: Site) -> Iterator[tuple[str, Row]]:
    """The project or account, and its domain if this caller may see it."""
    place = site.place()
    if place.project_id is not None:
        rows = _ask(site, "listProjects", "project", place.project_id)
        what = "project"
    else:
        rows = _accounts(site, place.account, place.domain_id)
        what = "account"
    if len(rows) != 1:
        return
    yield f"{what} '{rows[0].get('name')}'", rows[0]
    for domain in _ask(site, "listDomains", "domain", str(rows[0].get("domainid"))):
        yield f"domain '{domain.get('path', domain.get('name'))}'", domain


def _accounts(site: Site, account: str | None, domain_id: str | None) -> Sequence[Row]:
    try:
        if account is None:
            return site.client.rows("listAccounts", "account")
        return site.client.rows("listAccounts", "account", name=account, domainid=domain_id, listall=True)
    except Refused as exc:
        return _hidden(exc)


def _ask(site: Site, command: str, key: str, object_id: str) -> Sequence[Row]:
    try:
        return site.client.rows(command, key, id=object_id, listall=True)
    except Refused as exc:
        return _hidden(exc)


def _hidden(exc: Refused) -> Sequence[Row]:
    if exc.code not in _HIDDEN:
        raise exc
    return []


def _number(value: object) -> int | None:
    """A number; None for ``Unlimited`` and what is not told. Storage can come as ``12.5``."""
    try:
        return int(float(str(value)))
    except ValueError:
        return None
