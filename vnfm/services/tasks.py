"""What can be done about an occurrence: retry, roll back, give up, cancel (SOL003 5.4.14 to 5.4.17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vnfm.domain.operation import (
    TASKS,
    CancelMode,
    Event,
    Operation,
    OperationType,
    StepEntry,
    StepState,
    next_state,
)
from vnfm.domain.principal import Principal
from vnfm.errors import Conflict, NotFound
from vnfm.lcm import aftermath
from vnfm.lcm.context import operation_secret_name, secret_name
from vnfm.lcm.steps import STEPS
from vnfm.services import operations
from vnfm.services.deps import Deps


def retry(deps: Deps, principal: Principal, operation_id: str) -> None:
    """Go on where it stopped: what is done stays done, what failed is looked at and tried again."""
    operation = _at_rest(deps, principal, operation_id, "retry")
    undone = {entry.key for entry in operation.undo if entry.state is not StepState.PENDING}
    operation.steps = [_renewed(entry, undone=entry.key in undone) for entry in operation.steps]
    operation.undo = []
    _decide(deps, principal, operation, Event.RETRY)


def rollback(deps: Deps, principal: Principal, operation_id: str) -> None:
    """Take back, last made first, whatever the operation has begun to make."""
    operation = _at_rest(deps, principal, operation_id, "rollback")
    if not operation.undo:
        last = max((entry.stage for entry in operation.steps), default=0)
        operation.undo = [
            StepEntry(entry.name, entry.target, last - entry.stage)
            for entry in reversed(operation.steps)
            if entry.state is not StepState.PENDING and STEPS[entry.name].can_undo
        ]
    else:
        operation.undo = [_renewed(entry, undone=False) for entry in operation.undo]
    _decide(deps, principal, operation, Event.ROLL_BACK)


def fail(deps: Deps, principal: Principal, operation_id: str) -> Operation:
    """Give it up: what was made so far stays, and the instance says what that is."""
    operation = _at_rest(deps, principal, operation_id, "fail")
    _show_what_is_left(deps, principal, operation)
    _decide(deps, principal, operation, Event.GIVE_UP)
    return operations.get(deps, principal, operation_id)


def cancel(deps: Deps, principal: Principal, operation_id: str, mode: str) -> None:
    """Ask the worker to stop: GRACEFUL lets the VIM end what it is at, FORCEFUL does not wait for it."""
    operation = operations.get(deps, principal, operation_id)
    if operation.cancel_mode is not None:
        raise Conflict(f"a {operation.cancel_mode} cancel of this operation is pending already")
    if not deps.operations.ask_cancel(principal.tenant, operation_id, CancelMode(mode)):
        raise _wrong_state(operations.get(deps, principal, operation_id), "cancel")


def _at_rest(deps: Deps, principal: Principal, operation_id: str, task: str) -> Operation:
    operation = operations.get(deps, principal, operation_id)
    if task == "rollback" and operation.rollback_refusal is not None:
        raise NotFound(f"rollback is not supported for this operation: {operation.rollback_refusal}")
    if operation.state not in TASKS[task]:
        raise _wrong_state(operation, task)
    return operation


def _wrong_state(operation: Operation, task: str) -> Conflict:
    allowed = " or ".join(sorted(TASKS[task]))
    return Conflict(f"{task} is possible in {allowed} only; this operation is {operation.state}")


def _decide(deps: Deps, principal: Principal, operation: Operation, event: Event) -> None:
    former = operation.state
    operation.state = next_state(former, event)
    operation.state_entered_time = deps.database_time()
    if not deps.operations.resume(principal.tenant, operation, former):
        raise Conflict(f"another decision about this operation was faster; it is {former} no more")


def _renewed(entry: StepEntry, *, undone: bool) -> StepEntry:
    """A step as a retry finds it: an undone one is to be made anew, a failed one is in doubt."""
    if undone:
        memo = STEPS[entry.name].renew({**entry.memo, **entry.result})
        return StepEntry(entry.name, entry.target, entry.stage, memo=memo, jobs=entry.jobs)
    if entry.state is not StepState.FAILED:
        return replace(entry, due=None) if entry.state is not StepState.DONE else entry
    memo = STEPS[entry.name].renew(entry.memo)
    return replace(entry, state=StepState.INTENT, memo=memo, due=None, ended=None, troubled=None)


def _show_what_is_left(deps: Deps, principal: Principal, operation: Operation) -> None:
    """VnfInstance reflects what really exists; a later TERMINATE works from it (SOL003 5.6.2.2)."""
    instance = deps.instances.get(principal.tenant, operation.vnf_instance_id)
    if instance is None or instance.settled_by == operation.id:
        return
    changes: dict[str, Any] = dict(aftermath.changes(instance, operation))
    if operation.type is OperationType.INSTANTIATE:
        known = instance.vim_connection_info
        changes["vim_connection_info"] = _keep_connections(deps, principal, operation, known)
    deps.instances.update(principal.tenant, instance.id, changes)


def _keep_connections(
    deps: Deps, principal: Principal, operation: Operation, known: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The VIM connections the operation worked with become the instance's, credentials included."""
    grant = operation.step("request_grant").result.get("grant") or {}
    brought = {**(grant.get("vimConnectionInfo") or {}), **(operation.params.get("vimConnectionInfo") or {})}
    for connection_id in brought:
        name = operation_secret_name(operation.vnf_instance_id, operation.id, connection_id)
        access = deps.secrets.get(principal.tenant, name)
        if access is not None:
            kept = secret_name(operation.vnf_instance_id, connection_id)
            deps.secrets.put(principal.tenant, kept, access)
    return {**brought, **known}
