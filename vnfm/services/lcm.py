"""Starting life-cycle operations: check the request as a whole, then one insert (SOL003 5.4.4, 5.4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import access, declared, event, standing
from vnfm.domain.deployment import pick_flavour
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationType, initial_state
from vnfm.domain.outside import DeploymentError
from vnfm.domain.principal import Principal
from vnfm.domain.scaling import ScalingError
from vnfm.domain.vnfd import Vnfd
from vnfm.errors import BadRequest, ClientError, Conflict, NotFound, PreconditionFailed, Unprocessable
from vnfm.lcm.context import operation_secret_name
from vnfm.lcm.plans import PLANS
from vnfm.services import instances, packages, snapshots
from vnfm.services.deps import Deps

#: Seconds in which a request that is not given up has been accepted or refused.
_HELD = 30.0

#: How SOL001 spells the operations.
_VNFD_NAMES: Mapping[OperationType, str] = {kind: str(kind).lower() for kind in OperationType}

#: Operations that take VNFCs as they are, whatever the flavour says of them.
_OF_ANY_VNFC = frozenset(
    {
        OperationType.TERMINATE,
        OperationType.OPERATE,
        OperationType.MODIFY_INFO,
        OperationType.CREATE_SNAPSHOT,
        OperationType.REVERT_TO_SNAPSHOT,
    }
)


def start(
    deps: Deps,
    principal: Principal,
    instance_id: str,
    kind: OperationType,
    body: Mapping[str, Any],
    request_id: str,
    if_match: str | None = None,
) -> Operation:
    """Accept an operation. BadRequest names what does not fit the VNFD; Conflict if the state forbids it;
    PreconditionFailed before that, if the instance is not the version that ``if_match`` names."""
    if kind is OperationType.TERMINATE:
        _check_termination(body)
    instance = instances.get(deps, principal, instance_id)
    instances.require_match(instance, if_match)
    if kind is OperationType.MODIFY_INFO:
        _check_modification(instance, body)
    reason = instance.refusal(kind)
    if reason is not None:
        raise Conflict(reason)
    vnfd = packages.require(deps, principal.tenant, instance.vnfd_id)
    _check_supported(vnfd, instance, kind)
    _check_whole(vnfd, instance, kind)
    snapshots.check(deps, principal, kind, instance, body)
    more: dict[str, Vnfd] = {}
    if kind is OperationType.CHANGE_VNFPKG:
        more["destination"] = packages.require(deps, principal.tenant, body["vnfdId"])
    operation_id = deps.new_id()
    version, planner = PLANS[kind]
    try:
        _check_declared(more.get("destination", vnfd), instance, kind, body)
        steps = planner(operation_id, instance, vnfd, body, **more)
    except (DeploymentError, ScalingError) as exc:
        raise BadRequest(str(exc)) from exc
    now = deps.database_time()
    operation = Operation(
        id=operation_id,
        tenant=principal.tenant,
        vnf_instance_id=instance_id,
        type=kind,
        state=initial_state(kind),
        params=_put_secrets_away(deps, principal, instance_id, operation_id, body),
        plan_version=version,
        steps=steps,
        start_time=now,
        state_entered_time=now,
        request_id=request_id,
        subject=event.subject(instance),
    )
    try:
        _accept(deps, operation, instance, if_match)
    except ClientError:
        prefix = operation_secret_name(instance_id, operation_id, "")
        deps.secrets.delete(principal.tenant, prefix)
        raise
    return operation


def _accept(deps: Deps, operation: Operation, seen: Instance, if_match: str | None) -> None:
    """Insert it. A DELETE that looked before that is stopped by the new revision of the instance; one that
    was faster, or a change that ``if_match`` does not know, is found out afterwards; until then nobody works
    at it or is told of it."""
    deps.operations.accept(operation.tenant, operation, _HELD)
    found = deps.instances.update(operation.tenant, seen.id, {})
    if found is None:
        deps.operations.withdraw(operation.tenant, operation.id)
        raise NotFound(f"there is no VNF instance {seen.id}")
    is_ours = found.revision == seen.revision + 1 or found.settled_by == operation.id
    if if_match not in {None, "*"} and not is_ours:
        deps.operations.withdraw(operation.tenant, operation.id)
        raise PreconditionFailed(f"the VNF instance has just changed; its ETag is now {found.revision}")
    deps.operations.confirm(operation.tenant, operation.id)


def _check_termination(body: Mapping[str, Any]) -> None:
    if body["terminationType"] == "FORCEFUL" and "gracefulTerminationTimeout" in body:
        raise BadRequest("gracefulTerminationTimeout: only with terminationType GRACEFUL")


def _check_modification(instance: Instance, body: Mapping[str, Any]) -> None:
    if body.get("vnfdId", instance.vnfd_id) != instance.vnfd_id:
        raise Unprocessable("vnfdId: this VNFM does not change the VNFD by modifying the VNF instance")


#: Operations that go on although a required extension has no value (SOL003 5.4.1).
_WITHOUT_EXTENSIONS = frozenset(
    {
        OperationType.CHANGE_VNFPKG,
        OperationType.CREATE_SNAPSHOT,
        OperationType.REVERT_TO_SNAPSHOT,
        OperationType.MODIFY_INFO,
        OperationType.TERMINATE,
    }
)


def _check_declared(vnfd: Vnfd, instance: Instance, kind: OperationType, body: Mapping[str, Any]) -> None:
    """The VNF's own attributes as its VNFD, or the one it changes to, declares them."""
    stands = instance.instantiated_vnf_info is not None
    declared.check(vnfd, body, instantiated=stands)
    if kind is OperationType.INSTANTIATE:
        declared.check_parameters(pick_flavour(vnfd, body["flavourId"]), kind, body)
    elif stands and kind is not OperationType.CHANGE_VNFPKG:
        declared.check_parameters(standing.flavour_of(instance, vnfd), kind, body)
    missing = declared.missing_extensions(vnfd, instance.extensions, body)
    if missing and kind not in _WITHOUT_EXTENSIONS:
        raise Conflict(f"extensions.{missing[0]}: the VNFD requires a value, and there is none")


def _check_supported(vnfd: Vnfd, instance: Instance, kind: OperationType) -> None:
    """An operation that the VNFD rules out is a task resource that is not there (SOL003 5.4.1)."""
    name = _VNFD_NAMES[kind]
    if instance.instantiated_vnf_info is None:
        return
    if not standing.flavour_of(instance, vnfd).operations.supports(name):
        raise NotFound(f"{kind} is not supported by this VNF: its VNFD rules it out")


def _check_whole(vnfd: Vnfd, instance: Instance, kind: OperationType) -> None:
    """VNFCs that a given-up change of flavour or package has left fit no plan of the VNF's own flavour."""
    if instance.instantiated_vnf_info is None or kind in _OF_ANY_VNFC:
        return
    strangers = standing.strangers(instance, standing.flavour_of(instance, vnfd))
    if strangers:
        raise Conflict(
            "an operation that was given up has left VNFCs that flavour "
            f"{instance.instantiated_vnf_info['flavourId']!r} does not have: {', '.join(strangers)}; "
            f"possible are {', '.join(sorted(_OF_ANY_VNFC))}"
        )


def _put_secrets_away(
    deps: Deps, principal: Principal, instance_id: str, operation_id: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The request as it may be shown and journalled: the secrets of accessInfo go behind their door.

    Under a name of the operation's own, so that a request that comes to nothing leaves the instance's
    credentials as they were.
    """
    connections = body.get("vimConnectionInfo")
    if not connections:
        return dict(body)
    shown: dict[str, Any] = {}
    for connection_id, info in connections.items():
        if info is None:  # a merge patch removes it
            shown[connection_id] = None
            continue
        if info.get("accessInfo"):
            name = operation_secret_name(instance_id, operation_id, connection_id)
            deps.secrets.put(principal.tenant, name, info["accessInfo"])
        removed = {"accessInfo": None} if "accessInfo" in info and info["accessInfo"] is None else {}
        shown[connection_id] = {**access.without_secrets(info), **removed}
    return {**body, "vimConnectionInfo": shown}
