"""VNF snapshots (VnfSnapshotInfo): an identifier first, then what CREATE_SNAPSHOT has filled it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class SnapshotInfo:
    """One VnfSnapshotInfo. ``vnf_snapshot`` (VnfSnapshot without vnfInstance, SOL spelling) and ``instance``
    (our record of the VNF instance at that time, as plain data) are None until CREATE_SNAPSHOT is complete.

    ``instance_id`` is known as soon as something was taken, also by an operation that was given up.
    ``taken``: per VNFC key its server, whether it holds the memory, and the ``id`` of the VIM's snapshot of
    the server; or ``disks``: per disk its volume, and the id of that one's snapshot.
    """

    id: str
    tenant: str
    created: datetime
    vnf_snapshot: Mapping[str, Any] | None = None
    instance: Mapping[str, Any] | None = None
    taken: Mapping[str, Mapping[str, Any]] | None = None
    #: The operation that filled it.
    filled_by: str | None = None
    #: Whose snapshot it is.
    instance_id: str | None = None

    def misfit(self, instance_id: str, servers: Mapping[str, str]) -> str | None:
        """Why an instance (VNFC key → server) cannot be taken back to it, or None."""
        if self.vnf_snapshot is None:
            return "nothing has been taken into it yet"
        if self.instance_id != instance_id:
            return f"it is one of VNF instance {self.instance_id}"
        then = {key: one["server"] for key, one in (self.taken or {}).items()}
        changed = sorted(key for key in {*then, *servers} if then.get(key) != servers.get(key))
        if changed:
            return f"VNFCs have joined, left or got new servers since: {', '.join(changed)}"
        return None
