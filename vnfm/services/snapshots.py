"""VNF snapshots: make an identifier, read, delete with what is in the VIM (SOL003 vnflcm v2)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.domain.principal import Principal
from vnfm.domain.query import Query
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.errors import Conflict, NotFound, Permanent, Temporary, Unknown, Unprocessable
from vnfm.lcm.context import secret_name
from vnfm.services.deps import Deps
from vnfm.vim.port import Finished, Kind, Resource, Scope, Started, Vim, VimConnection

#: So long a DELETE waits for the VIM, which removes one snapshot after the other; a second DELETE goes on.
PATIENCE = 20.0


def create(deps: Deps, principal: Principal, body: Mapping[str, Any]) -> SnapshotInfo:
    """An empty one, for CREATE_SNAPSHOT to fill."""
    for name in ("vnfSnapshotPkgId", "vnfSnapshot"):
        if body.get(name):
            raise Unprocessable(f"{name}: this VNFM extracts no VNF snapshots from packages")
    info = SnapshotInfo(id=deps.new_id(), tenant=principal.tenant, created=deps.clock())
    deps.snapshots.insert(principal.tenant, info)
    return info


def get(deps: Deps, principal: Principal, snapshot_id: str) -> SnapshotInfo:
    """The snapshot; NotFound if this tenant has none of that id."""
    found = deps.snapshots.get(principal.tenant, snapshot_id)
    if found is None:
        raise NotFound(f"there is no VNF snapshot {snapshot_id}")
    return found


def page(deps: Deps, principal: Principal, query: Query) -> list[SnapshotInfo]:
    """Those snapshots of the caller's tenant that the query asks for."""
    return deps.snapshots.page(principal.tenant, query)


def check(
    deps: Deps, principal: Principal, kind: OperationType, instance: Instance, body: Mapping[str, Any]
) -> None:
    """Unprocessable or Conflict if the snapshot that an operation names does not fit it."""
    if kind not in {OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT}:
        return
    name = body.get("vnfSnapshotInfoId") or ""
    info = deps.snapshots.get(principal.tenant, name)
    if info is None:
        raise Unprocessable(f"vnfSnapshotInfoId: there is no VNF snapshot {name!r}")
    holder = deps.operations.active_with_snapshot(principal.tenant, name)
    if holder is not None:
        raise Conflict(f"the life-cycle operation {holder} is using VNF snapshot {name}")
    if kind is OperationType.CREATE_SNAPSHOT:
        if info.vnf_snapshot is not None:
            raise Unprocessable(f"vnfSnapshotInfoId: VNF snapshot {name} has been filled already")
        if info.instance_id and _remains(deps.instances.get(principal.tenant, info.instance_id), info):
            raise Unprocessable(
                f"vnfSnapshotInfoId: VNF snapshot {name} holds what an operation took that was given up: "
                "delete it, and fill another one"
            )
        return
    reason = info.misfit(instance.id, {vnfc.key: vnfc.server for vnfc in standing.vnfcs(instance)})
    if reason is not None:
        raise Unprocessable(f"vnfSnapshotInfoId: VNF snapshot {name} does not fit: {reason}")


def delete(deps: Deps, principal: Principal, snapshot_id: str) -> None:
    """Remove the VIM's snapshots, then forget it. Conflict while an operation uses it or holds its instance,
    and if the VIM refuses; Temporary if the VIM does not answer, or takes longer than we wait: what is left
    is removed when it is asked for again."""
    info = get(deps, principal, snapshot_id)
    holder = deps.operations.active_with_snapshot(principal.tenant, snapshot_id)
    if holder is None and info.instance_id is not None:
        holder = deps.operations.active_on(principal.tenant, info.instance_id)
    if holder is not None:
        raise Conflict(f"the life-cycle operation {holder} is using VNF snapshot {snapshot_id} or its VNF")
    try:
        _remove_all(deps, principal, info)
    except Permanent as exc:
        raise Conflict(f"VNF snapshot {snapshot_id} cannot be removed: {exc.detail}", **exc.facts) from exc
    except Unknown as exc:
        raise Temporary(f"no answer to a removal in the VIM; ask again: {exc.detail}", delay=5.0) from exc
    deps.snapshots.delete(principal.tenant, snapshot_id)


def _remains(instance: Instance | None, info: SnapshotInfo) -> list[Resource]:
    """What the instance's inventory has of it: also what an operation took that was given up. What TERMINATE
    has removed is not there any more."""
    inventory = instance.resources if instance else []
    return [Resource(Kind(one["kind"]), one["id"]) for one in inventory if one.get("of") == info.id]


def _remove_all(deps: Deps, principal: Principal, info: SnapshotInfo) -> None:
    instance = deps.instances.get(principal.tenant, info.instance_id or "")
    remains = _remains(instance, info)
    if instance is None or not remains:
        return
    vim = _connect(deps, principal, instance)
    deadline = time.monotonic() + PATIENCE
    for resource in remains:
        _remove(vim, resource, deadline)
        deps.instances.forget(principal.tenant, instance.id, [resource.id])


def _connect(deps: Deps, principal: Principal, instance: Instance) -> Vim:
    known = instance.vim_connection_info
    names = sorted(standing.connections(instance) or known)
    if len(names) != 1 or names[0] not in known:
        raise Conflict(
            f"which VIM connection the snapshots are in cannot be told: {', '.join(names) or 'none'} in use, "
            f"{', '.join(sorted(known)) or 'none'} known; give it again (PATCH)"
        )
    name = names[0]
    facts = known[name]
    connection = VimConnection(
        id=name,
        vim_type=facts.get("vimType", ""),
        interface=facts.get("interfaceInfo") or {},
        access=deps.secrets.get(principal.tenant, secret_name(instance.id, name)) or {},
        extra=facts.get("extra") or {},
    )
    return deps.connect_vim(connection, Scope())


def _remove(vim: Vim, resource: Resource, deadline: float) -> None:
    """Until it is proven gone."""
    while True:
        outcome = vim.remove(resource)
        while isinstance(outcome, Started):
            if time.monotonic() >= deadline:
                raise Temporary("the VIM is still removing the snapshots; ask again", delay=5.0)
            time.sleep(0.2)
            outcome = vim.poll(outcome.job)
            if isinstance(outcome, Finished):
                outcome = vim.remove(resource)
        if isinstance(outcome, Finished):
            return
        raise Permanent(f"the VIM keeps {resource.kind} {resource.id}: {outcome.text}")
