"""VnfLcmOpOcc in SOL003 v2 spelling (5.5.2.13), with the links that can be followed now."""

from __future__ import annotations

from vnfm.domain.operation import TASKS, Operation, OperationType
from vnfm.wire.links import Link, Links
from vnfm.wire.screen import Document, asked, passed, present, stamp


def _links(operation: Operation, links: Links) -> Document:
    named = {
        "self": {"href": links.operation(operation.id)},
        "vnfInstance": {"href": links.instance(operation.vnf_instance_id)},
    }
    grant = _grant_link(operation)
    if grant:
        named["grant"] = grant
    snapshot = _snapshot_id(operation)
    if snapshot:
        named["vnfSnapshot"] = {"href": links.snapshot(snapshot)}
    tasks = (task for task in TASKS if operation.allows(task))
    return {**named, **{task: links.link("vnf_lcm_op_occs", operation.id, task) for task in tasks}}


def _snapshot_id(operation: Operation) -> str | None:
    """The VNF snapshot that a CREATE_SNAPSHOT fills or a REVERT_TO_SNAPSHOT goes back to."""
    if operation.type not in {OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT}:
        return None
    return operation.params.get("vnfSnapshotInfoId")


def _grant_link(operation: Operation) -> Link | None:
    """Where the NFVO keeps the grant, as its answer in the journal says."""
    for entry in operation.steps:
        link = entry.result.get("grant", {}).get("_links", {}).get("self")
        if link and link.get("href"):
            return {"href": link["href"]}
    return None


def complete(operation: Operation, links: Links) -> Document:
    """VnfLcmOpOcc, as far as the operation is known. Virtual IPs are no resources, and stand beside them."""
    resources = dict(operation.resource_changes)
    vips = resources.pop("affectedVipCps", None)
    return present(
        id=operation.id,
        operationState=str(operation.state),
        stateEnteredTime=stamp(operation.state_entered_time),
        startTime=stamp(operation.start_time),
        vnfInstanceId=operation.vnf_instance_id,
        grantId=operation.grant_id,
        operation=str(operation.type),
        isAutomaticInvocation=operation.automatic,
        operationParams=asked(operation.params),
        isCancelPending=operation.cancel_mode is not None,
        cancelMode=operation.cancel_mode and str(operation.cancel_mode),
        error=passed(operation.error),
        resourceChanges=passed(resources),
        changedInfo=asked(operation.changed_info),
        affectedVipCps=passed(vips),
        changedExtConnectivity=passed(operation.changed_ext_connectivity),
        modificationsTriggeredByVnfPkgChange=asked(operation.package_modifications),
        vnfSnapshotInfoId=_snapshot_id(operation),
        warnings=list(operation.warnings),
        _links=_links(operation, links),
    )
