"""The outward attributes of an occurrence that follow from its journal (SOL003 5.5.2.13): grantId,
resourceChanges, warnings. Derived anew at every change of state, so they show partial work too.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from vnfm.domain.deployment import VnfcInstance
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, StepState
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol, handle

_LISTS = ("affectedVnfcs", "affectedVirtualLinks", "affectedExtLinkPorts", "affectedVirtualStorages")


def summarise(ctx: Context) -> Mapping[str, Any]:
    """Attributes of ``Operation`` to set; called by the engine before each change of state is written."""
    return {
        "grant_id": ctx.grant.get("id"),
        "resource_changes": _resource_changes(ctx),
        "warnings": _warnings(ctx.op),
    }


def _warnings(operation: Operation) -> list[str]:
    left = [entry.result["left"] for entry in [*operation.steps, *operation.undo] if entry.result.get("left")]
    twins = [
        f"VNFC {entry.target}: the VIM has living servers of the same name that this VNFM did not adopt: "
        + ", ".join(found)
        for entry in operation.steps
        if (found := entry.result.get("twins") or entry.memo.get("twins"))
    ]
    return left + twins


def _resource_changes(ctx: Context) -> Sol:
    """resourceChanges (SOL003 5.5.2.13): made, then removed, in lists that only grow."""
    done = {entry.key for entry in ctx.op.steps if entry.state is StepState.DONE}
    if "check_plan" not in done:
        return {}
    added = _added(ctx, done) if any(e.name == "deploy_vnfc" for e in ctx.op.steps) else {}
    removed = _removed(ctx)
    changes = {name: [*added.get(name, []), *removed[name]] for name in _LISTS}
    return {name: items for name, items in changes.items() if items}


def _added(ctx: Context, done: Set[str]) -> dict[str, list[Sol]]:
    """What was made so far."""
    plan = ctx.deployment
    vnfcs = [vnfc for vnfc in plan.vnfcs if f"deploy_vnfc:{vnfc.key}" in done]
    changes: dict[str, list[Sol]] = {name: [] for name in _LISTS}
    for vnfc in vnfcs:
        changes["affectedVnfcs"].append(_added_vnfc(ctx, vnfc))
        changes["affectedExtLinkPorts"] += _added_ports(ctx, vnfc)
        changes["affectedVirtualStorages"] += [
            {
                "id": disk.id,
                "virtualStorageDescId": disk.descriptor.id,
                "vnfdId": ctx.vnfd.id,
                "changeType": "ADDED",
                "storageResource": handle(ctx, ctx.result(f"add_volume:{disk.key}")["id"], "volume"),
                "resourceDefinitionId": disk.id,
            }
            for disk in vnfc.storages
            if f"add_volume:{disk.key}" in done
        ]
    for link in plan.links:
        if f"create_network:{link.key}" not in done:
            continue
        entry: Sol = {
            "id": link.id,
            "vnfVirtualLinkDescId": link.descriptor.id,
            "vnfdId": ctx.vnfd.id,
            "networkResource": handle(ctx, ctx.result(f"create_network:{link.key}")["id"], "network"),
            "resourceDefinitionId": link.id,
        }
        changes["affectedVirtualLinks"].append({**entry, "changeType": "ADDED"})
        ports = [cp.link_port_id for v in vnfcs for cp in v.cps if cp.network == ("internal", link.key)]
        if ports:
            added = {**entry, "changeType": "LINK_PORT_ADDED", "vnfLinkPortIds": ports}
            changes["affectedVirtualLinks"].append(added)
    _add_undone(ctx.op, changes)
    return changes


def _add_undone(operation: Operation, changes: dict[str, list[Sol]]) -> None:
    """The lists are cumulative: what a rollback has removed again appears a second time, as REMOVED."""
    made = {entry.key: entry.result.get("id") for entry in operation.steps}
    gone = {made.get(entry.key) for entry in operation.undo if entry.state is StepState.DONE}
    for items in changes.values():
        for item in list(items):
            handles = (
                item[key] for key in ("computeResource", "networkResource", "storageResource") if key in item
            )
            if item["changeType"] == "ADDED" and any(handle["resourceId"] in gone for handle in handles):
                items.append({**item, "changeType": "REMOVED"})


def _added_vnfc(ctx: Context, vnfc: VnfcInstance) -> Sol:
    entry: Sol = {
        "id": vnfc.id,
        "vduId": vnfc.vdu.id,
        "vnfdId": ctx.vnfd.id,
        "changeType": "ADDED",
        "computeResource": handle(ctx, ctx.result(f"deploy_vnfc:{vnfc.key}")["id"], "virtualmachine"),
        "resourceDefinitionId": vnfc.id,
    }
    if vnfc.cps:
        entry["affectedVnfcCpIds"] = [cp.id for cp in vnfc.cps]
    if vnfc.storages:
        entry["addedStorageResourceIds"] = [disk.id for disk in vnfc.storages]
    return entry


def _added_ports(ctx: Context, vnfc: VnfcInstance) -> list[Sol]:
    nics = ctx.result(f"deploy_vnfc:{vnfc.key}")["nics"]
    return [
        {
            "id": cp.link_port_id,
            "changeType": "ADDED",
            "extCpInstanceId": cp.ext_cp_id,
            "resourceHandle": handle(ctx, nic["id"], "nic"),
            "resourceDefinitionId": cp.link_port_id,
        }
        for cp, nic in zip(vnfc.cps, nics, strict=True)
        if cp.network[0] == "external"
    ]


def planned_removals(instance: Instance) -> Mapping[str, Mapping[str, Any]]:
    """For each "KIND/id" that TERMINATE will remove: the list it belongs to and its entry there.

    Taken down before the instance forgets, because the occurrence must tell it afterwards.
    """
    info = instance.instantiated_vnf_info or {}
    removals: dict[str, Mapping[str, Any]] = {}
    for item in info.get("vnfcResourceInfo") or []:
        entry = {key: item[key] for key in ("id", "vduId", "vnfdId", "computeResource") if key in item}
        cps = [cp["id"] for cp in item.get("vnfcCpInfo") or []]
        more = {"affectedVnfcCpIds": cps} if cps else {}
        disks = item.get("storageResourceIds")
        more |= {"removedStorageResourceIds": disks} if disks else {}
        key = f"SERVER/{item['computeResource']['resourceId']}"
        removals[key] = {"list": "affectedVnfcs", "entry": {**entry, **more, "changeType": "REMOVED"}}
    sections = (
        (
            "vnfVirtualLinkResourceInfo",
            "affectedVirtualLinks",
            "vnfVirtualLinkDescId",
            "networkResource",
            "NETWORK",
        ),
        (
            "virtualStorageResourceInfo",
            "affectedVirtualStorages",
            "virtualStorageDescId",
            "storageResource",
            "VOLUME",
        ),
    )
    for section, name, descriptor, resource, kind in sections:
        for item in info.get(section) or []:
            entry = {key: item[key] for key in ("id", descriptor, "vnfdId", resource) if key in item}
            key = f"{kind}/{item[resource]['resourceId']}"
            removals[key] = {"list": name, "entry": {**entry, "changeType": "REMOVED"}}
    return removals


def _removed(ctx: Context) -> dict[str, list[Sol]]:
    """What was removed so far, as ``CheckPlan`` took it down."""
    planned = ctx.result("check_plan").get("removals") or {}
    changes: dict[str, list[Sol]] = {name: [] for name in _LISTS}
    for step in ctx.op.steps:
        if step.name == "remove" and step.state is StepState.DONE and step.target in planned:
            removal = planned[step.target]
            changes[removal["list"]].append(removal["entry"])
    return changes
