"""Resources in the words of a GrantRequest (SOL003 9.5.2.2, 9.5.3.2, 9.5.3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import Deployment, lay_out
from vnfm.domain.ids import derive
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.domain.outside import DeploymentError
from vnfm.errors import Permanent
from vnfm.lcm import connectivity, replugs
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import makes
from vnfm.lcm.modifications import changed_keys, is_recreated, new_body
from vnfm.lcm.snapshots import mode_of


def describe(ctx: Context) -> Mapping[str, Any]:
    """The resource part of the GrantRequest for any operation: what it will add, and what it will remove."""
    request: dict[str, Any] = {}
    if makes(ctx.op):
        request.update(_describe_added(ctx))
    if ctx.op.type is OperationType.CREATE_SNAPSHOT:
        request["addResources"] = _describe_snapshots(ctx)
    if connectivity.concerns(ctx):
        request.update(connectivity.describe(ctx))
    targets = {entry.target for entry in ctx.op.steps if entry.name == "remove"}
    if targets or ctx.op.type is OperationType.TERMINATE:
        request["removeResources"] = _describe_removed(ctx.stored, targets)
    for part in (_describe_changed(ctx), replugs.describe(ctx)):
        for name, definitions in part.items():
            request[name] = [*request.get(name, []), *definitions]
    return request if ctx.op.type is not OperationType.CHANGE_VNFPKG else _of_vnfds(ctx, request)


def _of_vnfds(ctx: Context, request: dict[str, Any]) -> Mapping[str, Any]:
    """What is removed is of the former VNFD, the rest of the new one."""
    for name in {"addResources", "updateResources", "removeResources"} & request.keys():
        of = ctx.stored.vnfd_id if name == "removeResources" else ctx.vnfd.id
        request[name] = [{**one, "vnfdId": of} for one in request[name]]
    return request


def _describe_changed(ctx: Context) -> Mapping[str, list[Mapping[str, Any]]]:
    """VNFCs that stay: updateResources; one that gets a new server: that one is added, its former removed."""
    described: dict[str, list[Mapping[str, Any]]] = {}
    for key in changed_keys(ctx):
        vnfc = standing.vnfc(ctx.instance, key)
        new = {"type": "COMPUTE", "vduId": vnfc.vdu, "resourceTemplateId": vnfc.vdu}
        old = {"id": vnfc.id, **new, "resource": vnfc.info["computeResource"]}
        if is_recreated(ctx.op, key):
            described.setdefault("addResources", []).append({"id": new_body(ctx.op, vnfc.id), **new})
            described.setdefault("removeResources", []).append(old)
        else:
            described.setdefault("updateResources", []).append(old)
    return described


def _describe_snapshots(ctx: Context) -> list[Mapping[str, Any]]:
    """One snapshot resource per VNFC, and one per data disk where disks are taken one by one."""
    asked: list[Mapping[str, Any]] = []
    for vnfc in standing.vnfcs(ctx.instance):
        one = derive(ctx.op.id, "vnfc-snapshot", vnfc.key)
        of = {"vnfSnapshotId": derive(ctx.op.id, "vnf-snapshot"), "vnfcSnapshotId": one}
        template = {"vduId": vnfc.vdu, "resourceTemplateId": vnfc.vdu}
        asked.append({"id": one, "type": "COMPUTE", **template, "snapshotResDef": of})
        for storage in sorted(vnfc.volumes) if mode_of(ctx.op.params) == "volumes" else []:
            disk = derive(ctx.op.id, "storage-snapshot", f"{vnfc.key}/{storage}")
            template = {"vduId": vnfc.vdu, "resourceTemplateId": storage}
            definition = {**of, "storageSnapshotId": disk}
            asked.append({"id": disk, "type": "STORAGE", **template, "snapshotResDef": definition})
    return asked


def _describe_added(ctx: Context) -> Mapping[str, Any]:
    """addResources and placementConstraints; at an INSTANTIATE external links may still be unknown."""
    plan = _granted_plan(ctx)
    request: dict[str, Any] = {
        "addResources": [*_compute(plan), *_storage(plan), *_links(plan), *_ports(plan)]
    }
    constraints = _placement(plan)
    if constraints:
        request["placementConstraints"] = constraints
    return request


def _granted_plan(ctx: Context) -> Deployment:
    if ctx.op.type is not OperationType.INSTANTIATE:
        return ctx.deployment
    try:
        return lay_out(ctx.op.id, ctx.vnfd, ctx.op.params, ctx.hint, final=False)
    except DeploymentError as exc:
        raise Permanent(str(exc)) from exc


def _compute(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {"id": v.id, "type": "COMPUTE", "vduId": v.vdu.id, "resourceTemplateId": v.vdu.id} for v in plan.vnfcs
    ]


def _storage(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {
            "id": disk.id,
            "type": "STORAGE",
            "vduId": disk.key.partition("/")[0].rpartition("-")[0],
            "resourceTemplateId": disk.descriptor.id,
        }
        for disk in [*(disk for vnfc in plan.vnfcs for disk in vnfc.storages), *plan.disks]
    ]


def _links(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {"id": link.id, "type": "VL", "resourceTemplateId": link.descriptor.id}
        for link in plan.links
        if link.managed is None
    ]


def _ports(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {"id": cp.link_port_id, "type": "LINKPORT", "vduId": vnfc.vdu.id, "resourceTemplateId": cp.cpd.id}
        for vnfc in plan.vnfcs
        for cp in vnfc.plugged
    ]


def _placement(plan: Deployment) -> list[Mapping[str, Any]]:
    ids = {vnfc.key: vnfc.id for vnfc in plan.vnfcs}
    return [
        {
            "affinityOrAntiAffinity": "ANTI_AFFINITY" if group.anti else "AFFINITY",
            "scope": "NFVI_NODE",
            "resource": [{"idType": "GRANT", "resourceId": ids[key]} for key in group.members],
        }
        for group in plan.groups
        if len(group.members) > 1
    ]


def _describe_removed(instance: Instance, targets: Set[str]) -> list[Mapping[str, Any]]:
    """removeResources: what the instance says it has of ``targets`` (KIND/id)."""
    info = instance.instantiated_vnf_info or {}
    removed: list[Mapping[str, Any]] = []
    for section, kind, sol_type, template, resource in _SECTIONS:
        for item in info.get(section) or []:
            if f"{kind}/{item[resource]['resourceId']}" not in targets:
                continue
            entry = {"id": item["id"], "type": sol_type, "resourceTemplateId": item[template]}
            more = {"vduId": item["vduId"]} if sol_type == "COMPUTE" else {}
            removed.append({**entry, **more, "resource": item[resource]})
    return removed


#: section of instantiatedVnfInfo, kind in our inventory, ResourceDefinition.type, descriptor id, handle
_SECTIONS = (
    ("vnfcResourceInfo", "SERVER", "COMPUTE", "vduId", "computeResource"),
    ("vnfVirtualLinkResourceInfo", "NETWORK", "VL", "vnfVirtualLinkDescId", "networkResource"),
    ("virtualStorageResourceInfo", "VOLUME", "STORAGE", "virtualStorageDescId", "storageResource"),
)
