"""VNFCs that stay and change: which, what the grant is asked for, and what the occurrence tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.ids import derive
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol, handle

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
        "revert_vnfc",
    }
)


def changed_keys(operation: Operation) -> list[str]:
    """The VNFCs that an operation will change, as far as is known when the grant is asked for."""
    keys = dict.fromkeys(entry.target for entry in operation.steps if entry.name in _CHANGES)
    return [key for key in keys if _diagnosis(operation, key) != "none"]


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
    touched = {}
    for key in keys:
        vnfc = standing.vnfc(instance, key)
        cps = vnfc.info.get("vnfcCpInfo") or []
        touched[key] = {
            "entry": {
                k: vnfc.info[k] for k in ("id", "vduId", "vnfdId", "computeResource") if k in vnfc.info
            },
            "cps": [cp["id"] for cp in cps],
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
        if not any(result.get("changed") or result.get("id") for result in results):
            continue
        entry = {**before["entry"], "changeType": "MODIFIED"}
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
