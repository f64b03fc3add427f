"""MODIFY_INFO from its acceptance to its end, by a real worker."""

from __future__ import annotations

from typing import Any

from tests.stage import LOAD_BALANCER, NFVO, Stage, WorkerPool
from vnfm.domain.operation import OperationState, OperationType
from vnfm.lcm.context import secret_name
from vnfm.services import lcm


def test_modify(stage: Stage, pool: WorkerPool) -> None:
    instance = stage.create(LOAD_BALANCER)
    patch = {
        "vnfInstanceDescription": "edge",
        "metadata": {"owner": "me"},
        "vimConnectionInfo": {
            "v": {"vimType": "CLOUDSTACK", "accessInfo": {"apiKey": "k", "secretKey": "s"}}
        },
    }
    operation = lcm.start(stage.deps, NFVO, instance.id, OperationType.MODIFY_INFO, patch, "test")
    assert operation.state is OperationState.PROCESSING
    with pool.running(stage.settings):
        ended = stage.settle(operation.id)
    assert ended.state is OperationState.COMPLETED
    told = {**patch, "vimConnectionInfo": {"v": {"vimType": "CLOUDSTACK"}}}
    assert ended.changed_info == told
    assert ended.params == told
    after = stage.instance(instance.id)
    assert (after.description, after.metadata["owner"]) == ("edge", "me")
    assert after.vim_connection_info == {"v": {"vimType": "CLOUDSTACK"}}
    secret = stage.deps.secrets.get(NFVO.tenant, secret_name(instance.id, "v"))
    assert secret == {"apiKey": "k", "secretKey": "s"}


def test_of_access_info_only_what_is_no_secret_is_shown(stage: Stage, pool: WorkerPool) -> None:
    """As ONAP gives it; the credentials are merged behind their door, whatever stays visible."""
    instance = stage.create(LOAD_BALANCER)
    whole = {"projectId": "p", "credentials": {"username": "u", "password": "s"}}
    patches: list[dict[str, Any]] = [
        {"vimType": "CLOUDSTACK", "accessInfo": whole},
        {"accessInfo": {"projectId": "q"}},
        {"accessInfo": {"projectId": None, "credentials": {"password": "t"}}},
        {"accessInfo": None},
    ]
    seen = []
    with pool.running(stage.settings):
        for patch in patches:
            body = {"vimConnectionInfo": {"v": patch}}
            operation = lcm.start(stage.deps, NFVO, instance.id, OperationType.MODIFY_INFO, body, "test")
            ended = stage.settle(operation.id)
            assert ended.state is OperationState.COMPLETED
            shown = stage.instance(instance.id).vim_connection_info["v"]
            assert ended.changed_info["vimConnectionInfo"]["v"] == shown
            secret = stage.deps.secrets.get(NFVO.tenant, secret_name(instance.id, "v"))
            seen.append((shown.get("accessInfo"), secret))
    renewed = {"username": "u", "password": "t"}
    assert seen == [
        ({"projectId": "p"}, whole),
        ({"projectId": "q"}, {**whole, "projectId": "q"}),
        (None, {"credentials": renewed}),
        (None, {}),
    ]
