"""VNFCs that stay and change: which, what the grant is asked for, and what the occurrence tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.ids import derive
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, StepState
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol, handle, makes

#: Steps that change a standing VNFC; their target is its key.
_CHANGES = frozenset(
    {
        "start_vnfc",
        "halt_vnfc",
        "reboot_vnfc",
        "rebuild_vnfc",
        "recreate_vnfc",
        "resize_vnfc",
        "upgrade_vnfc",
        "replug_vnfc",
        "regroup_vnfc",
        "grow_root",
        "revert_vnfc",
    }
)


def changed_keys(ctx: Context) -> list[str]:
    """The VNFCs that an operation will change, as far as is known when the grant is asked for."""
    steps = ctx.op.steps
    new = {entry.target for entry in steps if entry.name == "deploy_vnfc"}
    named = [entry.target for entry in steps if entry.name in _CHANGES]
    named += [e.target.partition("/")[0] for e in steps if e.name in {"add_volume", "grow_volume"}]
    removed = {entry.target for entry in steps if entry.name == "remove"}
    named += [vnfc.key for vnfc in standing.losing_disks(ctx.instance, removed)]
    return [key for key in dict.fromkeys(named) if key not in new and _diagnosis(ctx.op, key) != "none"]


def is_recreated(operation: Operation, key: str) -> bool:
    """Whether a VNFC gets a new server."""
    return _diagnosis(operation, key) == "recreate"


def _diagnosis(operation: Operation, key: str) -> str | None:
    results = (e.result for e in operation.steps if e.name == "diagnose_vnfc" and e.target == key)
    return next((result.get("action") for result in results), None)


def new_body(operation: Operation, vnfc_id: str) -> str:
    """ResourceDefinition.id of the server that replaces that of a VNFC."""
    return derive(operation.id, "body", vnfc_id)


def planned(instance: Instance, keys: list[str]) -> Mapping[str, Mapping[str, Any]]:
    """What the occurrence will have to tell of VNFCs that change, taken down before they do."""
    info = instance.instantiated_vnf_info or {}
    ports = {
        port.get("cpInstanceId"): port["id"]
        for link in info.get("extVirtualLinkInfo") or []
        for port in link.get("extLinkPorts") or []
    }
    storages = {
        item["storageResource"]["resourceId"]: item["id"]
        for item in info.get("virtualStorageResourceInfo") or []
    }
    touched = {}
    for key in keys:
        vnfc = standing.vnfc(instance, key)
        cps = [cp.info for cp in standing.cps(instance, vnfc)]
        touched[key] = {
            "entry": {
                k: vnfc.info[k] for k in ("id", "vduId", "vnfdId", "computeResource") if k in vnfc.info
            },
            "cps": [cp["id"] for cp in cps],
            "storages": {v: storages[v] for v in vnfc.volumes.values() if v in storages},
            "extPorts": [
                {"nic": position, "id": ports[cp["vnfExtCpId"]], "extCpInstanceId": cp["vnfExtCpId"]}
                for position, cp in enumerate(cps)
                if cp.get("vnfExtCpId") in ports
            ],
        }
    return touched


def made(ctx: Context) -> dict[str, list[Sol]]:
    """VNFCs changed so far: one entry each, with the server they have now."""
    touched = ctx.result("check_plan").get("standing") or {}
    changes: dict[str, list[Sol]] = {"affectedVnfcs": [], "affectedExtLinkPorts": []}
    for key, before in touched.items():
        results = [e.result for e in ctx.op.steps if e.target == key and e.name in _CHANGES]
        disks = _disks(ctx, key, before)
        if not any(disks.values()) and not any(r.get("changed") or r.get("id") for r in results):
            continue
        cps = [row["cp"] for r in results for row in [*(r.get("rows") or []), *(r.get("lost") or [])]]
        entry = {**before["entry"], "changeType": "MODIFIED", "affectedVnfcCpIds": cps, **disks}
        made = next((result for result in results if result.get("id")), None)
        if made is not None:
            entry["computeResource"] = {**entry["computeResource"], "resourceId": made["id"]}
            entry["affectedVnfcCpIds"] = before["cps"]
            entry["resourceDefinitionId"] = new_body(ctx.op, entry["id"])
            changes["affectedExtLinkPorts"] += [
                {
                    "id": port["id"],
                    "changeType": "MODIFIED",
                    "extCpInstanceId": port["extCpInstanceId"],
                    "resourceHandle": handle(ctx, made["nics"][port["nic"]]["id"], "nic"),
                }
                for port in before["extPorts"]
            ]
        changes["affectedVnfcs"].append({k: v for k, v in entry.items() if v not in (None, [])})
    return changes


def _disks(ctx: Context, key: str, before: Mapping[str, Any]) -> Sol:
    """Storages that a VNFC which stays has got, and lost."""
    done = {entry.key for entry in ctx.op.steps if entry.state is StepState.DONE}
    more = ctx.deployment.disks if makes(ctx.op) else []
    added = [d.id for d in more if d.key.partition("/")[0] == key and f"add_volume:{d.key}" in done]
    storages: Mapping[str, str] = before.get("storages") or {}
    removed = [one for volume, one in storages.items() if f"remove:VOLUME/{volume}" in done]
    return {"addedStorageResourceIds": added, "removedStorageResourceIds": removed}
