"""MODIFY_INFO from its acceptance to its end, by a real worker."""

from __future__ import annotations

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
