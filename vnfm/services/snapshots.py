"""VNF snapshots: make an identifier, read, delete with what is in the VIM (SOL003 vnflcm v2)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.domain.principal import Principal
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.errors import Conflict, NotFound, Permanent, Temporary, Unprocessable
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


def list_all(deps: Deps, principal: Principal, limit: int) -> list[SnapshotInfo]:
    """Up to ``limit`` snapshots of the caller's tenant."""
    return deps.snapshots.list_all(principal.tenant, limit)


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
        return
    reason = info.misfit(instance.id, {vnfc.key: vnfc.server for vnfc in standing.vnfcs(instance)})
    if reason is not None:
        raise Unprocessable(f"vnfSnapshotInfoId: VNF snapshot {name} does not fit: {reason}")


def delete(deps: Deps, principal: Principal, snapshot_id: str) -> None:
    """Remove the VIM's snapshots, then forget it. Conflict while an operation uses it or holds its instance;
    Temporary if the VIM takes longer than we wait: what is left is removed when it is asked for again."""
    info = get(deps, principal, snapshot_id)
    holder = deps.operations.active_with_snapshot(principal.tenant, snapshot_id)
    if holder is None and info.vnf_instance_id is not None:
        holder = deps.operations.active_on(principal.tenant, info.vnf_instance_id)
    if holder is not None:
        raise Conflict(f"the life-cycle operation {holder} is using VNF snapshot {snapshot_id} or its VNF")
    _remove_all(deps, principal, info)
    deps.snapshots.delete(principal.tenant, snapshot_id)


def _remove_all(deps: Deps, principal: Principal, info: SnapshotInfo) -> None:
    instance = deps.instances.get(principal.tenant, info.vnf_instance_id or "")
    present = {vnfc.server for vnfc in standing.vnfcs(instance)} if instance else set()
    taken = [one for one in (info.taken or {}).values() if one["server"] in present]
    if instance is None or not taken:  # the VIM's snapshots go with their server
        return
    vim = _connect(deps, principal, instance, info)
    deadline = time.monotonic() + PATIENCE
    for one in taken:
        _remove(vim, Resource(Kind.SNAPSHOT, one["id"]), deadline)


def _connect(deps: Deps, principal: Principal, instance: Instance, info: SnapshotInfo) -> Vim:
    snapshots = (info.vnf_snapshot or {})["vnfcSnapshots"]
    name = snapshots[0]["computeSnapshotResource"]["vimConnectionId"]
    facts = instance.vim_connection_info.get(name)
    if facts is None:
        raise Conflict(f"the VNF instance has lost its VIM connection {name}; give it again (PATCH)")
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
        raise Permanent(f"the VIM keeps snapshot {resource.id}: {outcome.text}")
