"""What tests of operations on a standing VNF share: make one, break it, look at it."""

from __future__ import annotations

import time
from typing import Any

from tests.stage import KEYS, NFVO, Stage, WorkerPool
from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.services import tasks
from vnfm.vim.cloudstack.signature import sign


def stand(stage: Stage, pool: WorkerPool, vnfd_id: str, **changes: Any) -> Instance:
    """An instantiated VNF of a sample."""
    instance = stage.create(vnfd_id)
    with pool.running(stage.settings):
        made = stage.settle(stage.instantiate(instance.id, **changes))
    assert made.state is OperationState.COMPLETED, made.error
    return stage.instance(instance.id)


def play(stage: Stage, pool: WorkerPool, instance_id: str, kind: str, **body: Any) -> Operation:
    """One operation, to its rest."""
    with pool.running(stage.settings):
        return stage.settle(stage.begin(instance_id, OperationType(kind), body))


def completed(stage: Stage, pool: WorkerPool, instance_id: str, kind: str, **body: Any) -> Operation:
    """One operation that must succeed."""
    ended = play(stage, pool, instance_id, kind, **body)
    assert ended.state is OperationState.COMPLETED, ended.error
    return ended


def decide(stage: Stage, pool: WorkerPool, operation: Operation, task: str) -> Operation:
    """retry or rollback, to its rest."""
    act = {"retry": tasks.retry, "rollback": tasks.rollback}[task]
    with pool.running(stage.settings):
        act(stage.deps, NFVO, operation.id)
        return stage.settle(operation.id)


def vim(stage: Stage, command: str, **params: str) -> None:
    """Somebody else's hand in the VIM, with the tenant's own key; the job is waited for."""
    job = _call(stage, command, **params)["jobid"]
    while _call(stage, "queryAsyncJobResult", jobid=job)["jobstatus"] == 0:
        time.sleep(0.02)


def _call(stage: Stage, command: str, **params: str) -> Any:
    key, secret = KEYS[stage.user]
    signed = sign({"command": command, **params}, key, secret, time.time())
    (body,) = stage.control.post(stage.cloud.url, data=signed).raise_for_status().json().values()
    return body


def states(stage: Stage) -> dict[str, str]:
    """Power states by VIM id."""
    return {vm["id"]: vm["state"] for vm in stage.world()["vms"]}


def servers(instance: Instance) -> dict[str, str]:
    """VIM ids by VNFC key."""
    return {vnfc.key: vnfc.server for vnfc in standing.vnfcs(instance)}


def end(stage: Stage, pool: WorkerPool, instance_id: str) -> None:
    """TERMINATE, after which nothing of ours is left in the VIM."""
    completed(stage, pool, instance_id, "TERMINATE", terminationType="FORCEFUL")
    assert not any(stage.ours(stage.world()).values())


def steps(operation: Operation) -> list[str]:
    """The journal's keys by stage."""
    return [entry.key for entry in sorted(operation.steps, key=lambda entry: entry.stage)]


def grant_request(stage: Stage, operation: Operation) -> Any:
    """What the NFVO was asked for."""
    cases = stage.nfvo.nfvo.grants.cases()
    return next(case.request for case in cases if case.request["vnfLcmOpOccId"] == operation.id)
