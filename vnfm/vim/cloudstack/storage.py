"""Data disks: made, attached, grown and found."""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import jobs
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site, candidates, pick
from vnfm.vim.port import Finished, Outcome, VolumeSpec

GIB = 1024**3
_GONE = frozenset({"Destroy", "Destroyed", "Expunging", "Expunged"})


def create(site: Site, spec: VolumeSpec) -> Outcome:
    """Make a disk; it takes no storage before it is first attached. Names are not unique."""
    place = site.place()
    offering = choose(site, spec)
    params: dict[str, Value] = {
        "name": spec.name,
        "zoneid": place.zone_id,
        "diskofferingid": str(offering["id"]),
        "size": -(-spec.size // GIB) if offering.get("iscustomized") is True else None,
        **place.owner,
    }
    return jobs.submit(site.client, "createVolume", params)


def find(site: Site, name: str) -> Sequence[str]:
    """Ids of data disks of exactly this name, oldest first."""
    place = site.place()
    rows = site.client.rows(
        "listVolumes", "volume", name=name, zoneid=place.zone_id, listall=True, **place.owner
    )
    mine = [row for row in rows if row.get("name") == name and row.get("state") not in _GONE]
    return [str(row["id"]) for row in sorted(mine, key=lambda row: str(row.get("created", "")))]


def attach(site: Site, volume_id: str, server_id: str) -> Outcome:
    """Attach, or ``Finished`` at once: CloudStack calls attaching an attached disk an error."""
    row = read(site, volume_id)
    holder = None if row is None else row.get("virtualmachineid")
    if holder == server_id:
        return Finished(volume_id)
    if holder:
        raise Permanent(f"The volume {volume_id} is attached to another server ({holder})")
    params: dict[str, Value] = {"id": volume_id, "virtualmachineid": server_id}
    return jobs.submit(site.client, "attachVolume", params, volume_id)


def resize(site: Site, volume_id: str, size: int) -> Outcome:
    """Grow, or ``Finished`` at once. Shrinking is refused here: it would lose data."""
    wanted = -(-size // GIB)
    row = read(site, volume_id)
    if row is not None and "size" in row:
        has = number(row["size"], 0)
        if has == wanted * GIB:
            return Finished(volume_id)
        if has > wanted * GIB:
            raise Permanent(
                f"The volume {volume_id} has {has} bytes and would shrink to {wanted} GiB: a disk can only "
                "grow, because shrinking loses data",
                vimCommand="resizeVolume",
            )
    return jobs.submit(site.client, "resizeVolume", {"id": volume_id, "size": wanted}, volume_id)


def detach(site: Site, volume_id: str) -> Outcome:
    """Detach, or ``Finished`` at once: CloudStack calls detaching a free disk an error."""
    row = read(site, volume_id)
    if row is not None and not row.get("virtualmachineid"):
        return Finished(volume_id)
    return jobs.submit(site.client, "detachVolume", {"id": volume_id}, volume_id)


def attached(site: Site, server_id: str) -> Sequence[str]:
    """Ids of a server's data disks by device id."""
    rows = site.client.rows(
        "listVolumes", "volume",
        virtualmachineid=server_id, type="DATADISK", listall=True, **site.place().owner,
    )  # fmt: skip
    return [str(row["id"]) for row in sorted(rows, key=lambda row: number(row.get("deviceid"), 0))]


def read(site: Site, volume_id: str) -> Row | None:
    """The volume, or None if it cannot be seen."""
    rows = site.listed("listVolumes", "volume", id=volume_id)
    return rows[0] if rows else None


def choose(site: Site, spec: VolumeSpec) -> Row:
    """The offering for a disk; ``Permanent`` if there is none."""
    return site.cache.sure(lambda: _offering(site, spec))


def _offering(site: Site, spec: VolumeSpec) -> Row:
    """The named offering; else of those with all the tags, one of free size, or the smallest fixed one that
    is large enough. One without further tags comes first."""
    size = -(-spec.size // GIB)
    rows = site.cache.get("disk offerings", lambda: _load(site))
    wanted = spec.offering or site.settings.disk_offering
    if wanted:
        return pick(wanted, rows, "disk offering")
    tagged = [row for row in rows if set(spec.tags) <= tags(row.get("tags"))]
    plain = [row for row in tagged if row.get("iscustomizediops") is not True]
    custom = [row for row in plain if row.get("iscustomized") is True]
    fixed = [row for row in plain if number(row.get("disksize"), 0) >= size]
    usable = sorted(custom, key=_rank) or sorted(fixed, key=_rank)
    if not usable:
        demand = f"{size} GiB" + (f" on storage tagged {', '.join(spec.tags)}" if spec.tags else "")
        raise Permanent(f"No disk offering holds {demand} for '{spec.name}'; {candidates(rows)}")
    return usable[0]


def _load(site: Site) -> Sequence[Row]:
    place = site.place()
    rows = site.client.rows(
        "listDiskOfferings", "diskoffering", zoneid=place.zone_id, projectid=place.project_id
    )
    return [row for row in rows if row.get("state", "Active") == "Active"]


def tags(stated: object) -> set[str]:
    """The tags of an offering, as CloudStack lists them."""
    return {tag.strip() for tag in str(stated or "").split(",") if tag.strip()}


def _rank(row: Row) -> tuple[int, int, str, str]:
    size = number(row.get("disksize"), 0)
    return len(tags(row.get("tags"))), size, str(row.get("name", "")), str(row.get("id"))
