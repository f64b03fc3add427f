"""Snapshots of servers and of volumes. CloudStack calls the name we give a server's one its display name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vnfm.vim.cloudstack import jobs
from vnfm.vim.cloudstack.client import Row, Value
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Outcome, Snapshot, SnapshotSpec


def create(site: Site, server_id: str, spec: SnapshotSpec) -> Outcome:
    """Take one of a server; a second of its name is refused."""
    params: dict[str, Value] = {
        "virtualmachineid": server_id,
        "name": spec.name,
        "description": spec.description or None,
        "snapshotmemory": spec.memory,
        "quiescevm": True if spec.quiesce else None,
    }
    return jobs.submit(site.client, "createVMSnapshot", params)


def find(site: Site, server_id: str, name: str | None) -> Sequence[Snapshot]:
    """A server's snapshots, oldest first. The list comes newest first, several of one second included."""
    # The key has a capital S.
    rows = reversed(site.listed("listVMSnapshot", "vmSnapshot", virtualmachineid=server_id))
    found = [
        Snapshot(
            id=str(row["id"]),
            name=str(row.get("displayname", "")),
            state=str(row.get("state", "")),
            ready=row.get("state") == "Ready",
            memory=row.get("type") == "DiskAndMemory",
            current=row.get("current") is True,
        )
        for row in _by_age(rows)
    ]
    return [snapshot for snapshot in found if name in (None, snapshot.name)]


def revert(site: Site, snapshot_id: str) -> Outcome:
    """Take the server back."""
    return jobs.submit(site.client, "revertToVMSnapshot", {"vmsnapshotid": snapshot_id}, snapshot_id)


def create_of_volume(site: Site, volume_id: str, name: str) -> Outcome:
    """Take one of a disk, for the owner of the disk. Names are not unique."""
    return jobs.submit(site.client, "createSnapshot", {"volumeid": volume_id, "name": name})


def find_of_volume(site: Site, volume_id: str, name: str | None) -> Sequence[Snapshot]:
    """A volume's snapshots, oldest first. One with copies in several stores is listed once for each."""
    listed = site.listed("listSnapshots", "snapshot", volumeid=volume_id)
    rows = {str(row["id"]): row for row in _by_age(listed)}
    found = [
        Snapshot(
            id=snapshot_id,
            name=str(row.get("name", "")),
            state=str(row.get("state", "")),
            ready=row.get("state") == "BackedUp",
        )
        for snapshot_id, row in rows.items()
    ]
    return [snapshot for snapshot in found if name in (None, snapshot.name)]


def revert_volume(site: Site, snapshot_id: str) -> Outcome:
    """Take the disk back."""
    return jobs.submit(site.client, "revertSnapshot", {"id": snapshot_id}, snapshot_id)


def _by_age(rows: Iterable[Row]) -> Sequence[Row]:
    return sorted(rows, key=lambda row: str(row.get("created", "")))
