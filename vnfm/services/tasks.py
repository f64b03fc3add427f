"""What can be done about an occurrence: retry, roll back, give up, cancel (SOL003 5.4.14 to 5.4.17)."""

from __future__ import annotations

from dataclasses import replace

from vnfm.domain import remedy
from vnfm.domain.operation import (
    TASKS,
    CancelMode,
    Event,
    Operation,
    OperationState,
    OperationType,
    StepEntry,
    StepState,
    next_state,
)
from vnfm.domain.principal import Principal
from vnfm.errors import Conflict, NotFound
from vnfm.lcm import access, additions, aftermath, changes
from vnfm.lcm.steps import STEPS
from vnfm.lcm.unfinished import look_again
from vnfm.services import operations
from vnfm.services.deps import Deps

#: What leaves no trace outside the instance's own attributes.
_WITHOUT_VIM = frozenset({OperationType.MODIFY_INFO})


def retry(deps: Deps, principal: Principal, operation_id: str) -> None:
    """Go on where it stopped: what is done stays done, what failed is looked at and tried again."""
    operation = _at_rest(deps, principal, operation_id, "retry")
    undone = {entry.key: entry for entry in operation.undo if entry.state is not StepState.PENDING}
    operation.steps = [
        _made_anew(entry, undone[entry.key]) if entry.key in undone else _renewed(entry)
        for entry in operation.steps
    ]
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
        operation.undo = [_renewed(entry) for entry in operation.undo]
    _decide(deps, principal, operation, Event.ROLL_BACK)


def fail(deps: Deps, principal: Principal, operation_id: str) -> Operation:
    """Give it up: what was made so far stays, and the instance says what that is.

    Decided before the instance is touched: should this process die in between, nothing but another ``fail``
    is accepted, and goes on from here.
    """
    operation = _at_rest(deps, principal, operation_id, "fail")
    if not operation.given_up:
        operation.given_up = True
        _store(deps, principal, operation, operation.state)
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
    if operation.given_up and task != "fail":
        raise Conflict("this operation is being given up; nothing but fail is possible")
    return operation


def _wrong_state(operation: Operation, task: str) -> Conflict:
    allowed = " or ".join(sorted(TASKS[task]))
    return Conflict(f"{task} is possible in {allowed} only; this operation is {operation.state}")


def _decide(deps: Deps, principal: Principal, operation: Operation, event: Event) -> None:
    former = operation.state
    operation.state = next_state(former, event)
    operation.state_entered_time = deps.database_time()
    operation.error = remedy.without(operation.error)
    _store(deps, principal, operation, former)


def _store(deps: Deps, principal: Principal, operation: Operation, former: OperationState) -> None:
    if not deps.operations.resume(principal.tenant, operation, former):
        raise Conflict("another decision about this operation was faster; read it again")


def _renewed(entry: StepEntry) -> StepEntry:
    """A step as a retry finds it: a failed one is in doubt."""
    if entry.state is not StepState.FAILED:
        return replace(entry, due=None) if entry.state is not StepState.DONE else entry
    memo = STEPS[entry.name].renew(entry.memo)
    return replace(entry, state=StepState.INTENT, memo=memo, due=None, ended=None, troubled=None)


def _made_anew(entry: StepEntry, undo: StepEntry) -> StepEntry:
    """A step whose undoing has begun. What is not proven gone may be there still: then it looks first."""
    step = STEPS[entry.name]
    is_gone = undo.state is StepState.DONE and not undo.result.get("left")
    state = StepState.INTENT if step.creates and not is_gone else StepState.PENDING
    memo = step.renew({**entry.memo, **entry.result})
    return StepEntry(entry.name, entry.target, entry.stage, state, memo=memo, jobs=entry.jobs)


def _show_what_is_left(deps: Deps, principal: Principal, operation: Operation) -> None:
    """VnfInstance reflects what really exists; a later TERMINATE works from it (SOL003 5.6.2.2).

    Nothing in the VIM is touched; it is asked only where the journal cannot tell. The VIM connections that
    the operation worked with stay with the instance.
    """
    instance = deps.instances.get(principal.tenant, operation.vnf_instance_id)
    if instance is None or instance.settled_by == operation.id or operation.type in _WITHOUT_VIM:
        return
    now = deps.database_time()
    unseen = look_again(deps.view(operation, now))
    ctx = deps.view(operation, now)
    for name, value in changes.summarise(ctx).items():
        setattr(operation, name, value)
    operation.changed_info = additions.told_of_given_up(ctx)
    operation.warnings = [*operation.warnings, *unseen]
    _store(deps, principal, operation, operation.state)
    access.keep(ctx)
    if operation.type is OperationType.CREATE_SNAPSHOT:
        whose = {"instance_id": instance.id}
        deps.snapshots.fill(principal.tenant, operation.params["vnfSnapshotInfoId"], whose)
    shown = {**aftermath.given_up(ctx), "settled_by": operation.id}
    deps.instances.update(principal.tenant, instance.id, shown)
