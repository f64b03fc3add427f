"""The last step of CREATE_SNAPSHOT: what was taken is written down where a revert and a DELETE find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.domain.ids import derive
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.standing import StandingVnfc
from vnfm.engine.step import Memo, Progress
from vnfm.errors import Permanent
from vnfm.lcm import aftermath
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol, handle
from vnfm.lcm.snapshots import ROOT
from vnfm.lcm.steps.finalise import Rewrite
from vnfm.lcm.steps.taking import facts_of


def info_of(ctx: Context) -> SnapshotInfo:
    """The VnfSnapshotInfo of the request; ``Permanent`` if it was deleted meanwhile."""
    found = ctx.snapshots.get(ctx.op.tenant, ctx.op.params["vnfSnapshotInfoId"])
    if found is None:
        raise Permanent(f"the VNF snapshot {ctx.op.params['vnfSnapshotInfoId']} has been deleted")
    return found


class FinaliseCreateSnapshot(Rewrite):
    """The VnfSnapshotInfo is filled, and the instance knows what it now has in the VIM."""

    name: ClassVar[str] = "finalise_create_snapshot"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The inventory: volume snapshots do not go with their server."""
        return {"resources": aftermath.resources(ctx)}

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Write VnfSnapshot with the record of the instance, then the instance."""
        info = info_of(ctx)
        if info.filled_by != ctx.op.id:
            ctx.snapshots.fill(ctx.op.tenant, info.id, _filled(ctx))
        return super().advance(ctx, target, memo)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Empty again."""
        empty = dict.fromkeys(("vnf_snapshot", "instance", "instance_id", "taken", "filled_by"))
        ctx.snapshots.fill(ctx.op.tenant, ctx.op.params["vnfSnapshotInfoId"], empty)
        return super().undo(ctx, target, memo)


def _filled(ctx: Context) -> Mapping[str, Any]:
    begun = ctx.result("check_snapshot")["begun"]
    taken = {vnfc.key: _taken(ctx, vnfc) for vnfc in standing.vnfcs(ctx.instance)}
    snapshot = {
        "id": derive(ctx.op.id, "vnf-snapshot"),
        "vnfInstanceId": ctx.op.vnf_instance_id,
        "creationStartedAt": begun,
        "creationFinishedAt": ctx.now.isoformat(),
        "vnfdId": ctx.instance.vnfd_id,
        "vnfcSnapshots": [
            _vnfc_snapshot(ctx, vnfc, begun, taken[vnfc.key]) for vnfc in standing.vnfcs(ctx.instance)
        ],
    }
    if ctx.op.params.get("userDefinedData"):
        snapshot["userDefinedData"] = ctx.op.params["userDefinedData"]
    return {
        "vnf_snapshot": snapshot,
        "instance": {**asdict(ctx.instance), "state": str(ctx.instance.state)},
        "instance_id": ctx.op.vnf_instance_id,
        "taken": taken,
        "filled_by": ctx.op.id,
    }


def _taken(ctx: Context, vnfc: StandingVnfc) -> Mapping[str, Any]:
    """The snapshot of the whole server, or those of its disks."""
    facts = facts_of(ctx, vnfc.key)
    results = {entry.key: entry.result for entry in ctx.op.steps}
    whole = results.get(f"take_snapshot:{vnfc.key}") or {}
    common = {"server": vnfc.server, "memory": facts["memory"]}
    if whole.get("id"):
        return {**common, "id": whole["id"], "at": whole["at"]}
    disks = {disk: results[f"take_disk:{vnfc.key}/{disk}"] for disk in facts["disks"]}
    return {
        **common,
        "at": max(result["at"] for result in disks.values()),
        "disks": {
            disk: {"volume": facts["disks"][disk], "id": result["id"]} for disk, result in disks.items()
        },
    }


def _vnfc_snapshot(ctx: Context, vnfc: StandingVnfc, begun: str, taken: Mapping[str, Any]) -> Sol:
    """VnfcSnapshotInfo (SOL003 5.5.3.20). The root disk is part of the compute resource, so where disks were
    taken its snapshot is that of the compute."""
    disks = taken.get("disks") or {}
    storages = {
        item["storageResource"]["resourceId"]: item["id"]
        for item in (ctx.instance.instantiated_vnf_info or {}).get("virtualStorageResourceInfo") or []
    }
    info: Sol = {
        "id": derive(ctx.op.id, "vnfc-snapshot", vnfc.key),
        "vnfcInstanceId": vnfc.id,
        "creationStartedAt": begun,
        "creationFinishedAt": taken["at"],
        "vnfcResourceInfoId": vnfc.id,
        "computeSnapshotResource": handle(ctx, disks[ROOT]["id"], "snapshot")
        if disks
        else handle(ctx, taken["id"], "vmsnapshot"),
    }
    data = [
        {
            "storageResourceId": storages[disk["volume"]],
            "storageSnapshotResource": handle(ctx, disk["id"], "snapshot"),
        }
        for disk in disks.values()
        if disk["volume"] in storages
    ]
    return {**info, "storageSnapshotResources": data} if data else info
