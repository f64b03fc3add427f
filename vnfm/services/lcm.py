"""Starting life-cycle operations: check the request as a whole, then one insert (SOL003 5.4.4, 5.4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import DeploymentError
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.domain.principal import Principal
from vnfm.domain.scaling import ScalingError
from vnfm.domain.vnfd import Vnfd
from vnfm.errors import BadRequest, Conflict, NotFound
from vnfm.lcm.context import operation_secret_name
from vnfm.lcm.plans import PLANS
from vnfm.services import instances, packages
from vnfm.services.deps import Deps

#: How SOL001 spells the operations.
_VNFD_NAMES: Mapping[OperationType, str] = {kind: str(kind).lower() for kind in OperationType}


def start(
    deps: Deps,
    principal: Principal,
    instance_id: str,
    kind: OperationType,
    body: Mapping[str, Any],
    request_id: str,
) -> Operation:
    """Accept an operation. BadRequest names what does not fit the VNFD; Conflict if the state forbids it."""
    if kind is OperationType.TERMINATE:
        _check_termination(body)
    instance = instances.get(deps, principal, instance_id)
    reason = instance.refusal(kind)
    if reason is not None:
        raise Conflict(reason)
    vnfd = packages.require(deps, principal.tenant, instance.vnfd_id)
    _check_supported(vnfd, instance, kind)
    operation_id = deps.new_id()
    version, planner = PLANS[kind]
    try:
        steps = planner(operation_id, instance, vnfd, body)
    except (DeploymentError, ScalingError) as exc:
        raise BadRequest(str(exc)) from exc
    now = deps.clock()
    operation = Operation(
        id=operation_id,
        tenant=principal.tenant,
        vnf_instance_id=instance_id,
        type=kind,
        state=OperationState.STARTING,
        params=_put_secrets_away(deps, principal, instance_id, operation_id, body),
        plan_version=version,
        steps=steps,
        start_time=now,
        state_entered_time=now,
        request_id=request_id,
    )
    prefix = operation_secret_name(instance_id, operation_id, "")
    try:
        deps.operations.accept(principal.tenant, operation)
    except Conflict:
        deps.secrets.delete(principal.tenant, prefix)
        raise
    # A DELETE that looked before we were accepted is stopped by the new revision; one that was faster is
    # found out here.
    if deps.instances.update(principal.tenant, instance_id, {}) is None:
        deps.operations.withdraw(principal.tenant, operation_id)
        deps.secrets.delete(principal.tenant, prefix)
        raise NotFound(f"there is no VNF instance {instance_id}")
    return operation


def _check_termination(body: Mapping[str, Any]) -> None:
    if body["terminationType"] == "FORCEFUL" and "gracefulTerminationTimeout" in body:
        raise BadRequest("gracefulTerminationTimeout: only with terminationType GRACEFUL")


def _check_supported(vnfd: Vnfd, instance: Instance, kind: OperationType) -> None:
    """An operation that the VNFD rules out is a task resource that is not there (SOL003 5.4.1)."""
    name = _VNFD_NAMES[kind]
    if instance.instantiated_vnf_info is None:
        return
    if not standing.flavour_of(instance, vnfd).operations.supports(name):
        raise NotFound(f"{kind} is not supported by this VNF: its VNFD rules it out")


def _put_secrets_away(
    deps: Deps, principal: Principal, instance_id: str, operation_id: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The request as it may be shown and journalled: accessInfo goes behind the secrets' door.

    Under a name of the operation's own, so that a request that comes to nothing leaves the instance's
    credentials as they were.
    """
    connections = body.get("vimConnectionInfo")
    if not connections:
        return dict(body)
    shown = {}
    for connection_id, info in connections.items():
        if info.get("accessInfo"):
            name = operation_secret_name(instance_id, operation_id, connection_id)
            deps.secrets.put(principal.tenant, name, info["accessInfo"])
        shown[connection_id] = {key: value for key, value in info.items() if key != "accessInfo"}
    return {**body, "vimConnectionInfo": shown}
