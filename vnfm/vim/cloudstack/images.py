"""Finds the template for a VDU's software image, VNF templates included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from vnfm.errors import Permanent
from vnfm.vim.cloudstack.client import Row, number
from vnfm.vim.cloudstack.errors import Refused
from vnfm.vim.cloudstack.scope import Site, candidates
from vnfm.vim.port import ComputeNeed

#: In the order in which they are asked; the filter "all" is for root admins only.
FILTERS = ("executable", "self", "sharedexecutable", "community")


def find(site: Site, need: ComputeNeed) -> Row:
    """The template by the grant's asset, by the connection's map, or by the image's name and version."""
    mapped = site.settings.templates
    wanted = need.image_asset or mapped.get(need.image_name or "") or mapped.get(need.vdu)
    if wanted:
        return _only(site, [wanted], wanted, by_id=True)
    if not need.image_name:
        raise Permanent(f"VDU '{need.vdu}' names no software image and the VIM connection maps none to it")
    names = spellings(need.image_name, need.image_version)
    return _only(site, names, " or ".join(f"'{name}'" for name in names), by_id=False)


def spellings(name: str, version: str | None) -> Sequence[str]:
    """Template names that mean this image, the most telling first."""
    if not version:
        return [name]
    return [f"{name}-{version}", f"{name} {version}", f"{name}_{version}", name]


def required_nics(site: Site, template: Row) -> int:
    """How many NICs a VNF template demands; 0 for an ordinary one."""
    if template.get("templatetype") != "VNF":
        return 0
    nics = template.get("vnfnics")
    if nics is None:
        nics = _vnf_nics(site, str(template["id"]))
    # "required" is true when left out.
    return max(
        (number(nic.get("deviceid"), 0) + 1 for nic in nics if nic.get("required") is not False), default=0
    )


def _vnf_nics(site: Site, template_id: str) -> Sequence[Row]:
    try:
        rows = site.client.rows("listVnfTemplates", "template", templatefilter="executable", id=template_id)
    except Refused:
        return []  # the VNF commands are switched off there; the deploy will say what it lacks
    return [nic for row in rows for nic in row.get("vnfnics", ())]


def _only(site: Site, names: Sequence[str], what: str, *, by_id: bool) -> Row:
    seen: dict[str, Row] = {}
    for rows in _listings(site):
        seen.update((str(row.get("id")), row) for row in rows)
        for name in names:
            found = [row for row in seen.values() if _matches(row, name, by_id)]
            if found:
                return _usable(found, name)
    raise Permanent(f"There is no template {what} in the zone; {candidates(list(seen.values()))}")


def _listings(site: Site) -> Iterator[Sequence[Row]]:
    """Templates by growing circles: the usual filter first, the owner's scope, then without it."""
    place = site.place()
    owners = [place.owner, {}] if any(place.owner.values()) else [{}]
    for kind in FILTERS:
        for owner in owners:
            key = ("templates", kind, tuple(owner.items()))
            yield site.cache.get(key, partial(_load, site, kind, owner))


def _load(site: Site, kind: str, owner: dict[str, str | None]) -> Sequence[Row]:
    zone = site.place().zone_id
    try:
        rows = site.client.rows("listTemplates", "template", templatefilter=kind, zoneid=zone, **owner)
    except Refused as exc:
        if exc.code in (401, 432):
            raise
        return []  # a filter this release or this user does not have
    return [row for row in rows if row.get("zoneid", zone) == zone and row.get("templatetype") != "SYSTEM"]


def _matches(row: Row, name: str, by_id: bool) -> bool:
    return row.get("name") == name or (by_id and row.get("id") == name)


def _usable(found: Sequence[Row], name: str) -> Row:
    ready = [row for row in found if row.get("isready", True)]
    if not ready:
        state = found[0].get("status") or "no status given"
        raise Permanent(f"The template '{name}' is not ready in the zone ({state})")
    by_id = [row for row in ready if row.get("id") == name]
    if len(ready) > 1 and not by_id:
        ids = ", ".join(sorted(str(row.get("id")) for row in ready))
        raise Permanent(f"There is more than one template '{name}' ({ids}); map the image to an id")
    return (by_id or ready)[0]
