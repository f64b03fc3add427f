"""Resources in the words of a GrantRequest (SOL003 9.5.2.2, 9.5.3.2, 9.5.3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain.deployment import Deployment, DeploymentError, lay_out
from vnfm.domain.instance import Instance
from vnfm.errors import Permanent
from vnfm.lcm.context import Context


def describe_added(ctx: Context) -> Mapping[str, Any]:
    """addResources and placementConstraints of an INSTANTIATE; external links may still be unknown."""
    try:
        plan = lay_out(ctx.op.id, ctx.vnfd, ctx.op.params, ctx.instance.name or "vnf", final=False)
    except DeploymentError as exc:
        raise Permanent(str(exc)) from exc
    added = [*_compute(plan), *_storage(plan), *_links(plan), *_ports(plan)]
    request: dict[str, Any] = {"addResources": added}
    constraints = _placement(plan)
    if constraints:
        request["placementConstraints"] = constraints
    return request


def _compute(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {"id": v.id, "type": "COMPUTE", "vduId": v.vdu.id, "resourceTemplateId": v.vdu.id} for v in plan.vnfcs
    ]


def _storage(plan: Deployment) -> list[Mapping[str, Any]]:
    return [
        {"id": disk.id, "type": "STORAGE", "vduId": vnfc.vdu.id, "resourceTemplateId": disk.descriptor.id}
        for vnfc in plan.vnfcs
        for disk in vnfc.storages
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
        for cp in vnfc.cps
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


def describe_removed(instance: Instance) -> Mapping[str, Any]:
    """removeResources of a TERMINATE, from what the instance says it has."""
    info = instance.instantiated_vnf_info or {}
    removed: list[Mapping[str, Any]] = [
        {"id": item["id"], "type": "COMPUTE", "vduId": item["vduId"], "resource": item["computeResource"]}
        for item in info.get("vnfcResourceInfo") or []
    ]
    removed += [
        {
            "id": item["id"],
            "type": "VL",
            "resourceTemplateId": item["vnfVirtualLinkDescId"],
            "resource": item["networkResource"],
        }
        for item in info.get("vnfVirtualLinkResourceInfo") or []
    ]
    removed += [
        {
            "id": item["id"],
            "type": "STORAGE",
            "resourceTemplateId": item["virtualStorageDescId"],
            "resource": item["storageResource"],
        }
        for item in info.get("virtualStorageResourceInfo") or []
    ]
    return {"removeResources": removed}
