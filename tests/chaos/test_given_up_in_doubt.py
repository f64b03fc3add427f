"""A worker dies after a call of which nothing is journalled yet, a cancel stops the operation there, and it
is given up: what the call has made must not be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.judge import judge
from tests.stage import NFVO, WEB_TIER, Stage, WorkerPool, die_at, mark_file, open_stage
from vnfm.domain.operation import OperationState
from vnfm.services import tasks

S = OperationState


@pytest.fixture(scope="module")
def stage(mongo_uri: str) -> Iterator[Stage]:
    with open_stage(mongo_uri) as found:
        yield found


@pytest.mark.parametrize("mode", ["GRACEFUL", "FORCEFUL"])
@pytest.mark.parametrize("step", ["create_network", "deploy_vnfc"])
def test_nothing_is_forgotten(stage: Stage, pool: WorkerPool, step: str, mode: str, tmp_path: Path) -> None:
    name = f"doubt-{step.replace('_', '-')}-{mode.lower()}x"
    instance = stage.create(WEB_TIER, name)
    begin = partial(stage.instantiate, instance.id)
    operation = die_at(stage, pool, f"{step}:*/after-call", mark_file(tmp_path), begin)
    tasks.cancel(stage.deps, NFVO, operation, mode)
    with pool.running(stage.settings):
        assert stage.settle(operation).state is S.FAILED_TEMP
        tasks.fail(stage.deps, NFVO, operation)
        assert not judge(stage, name, stage.operation(operation), stage.world(), tainted=True)
        assert stage.settle(stage.terminate(instance.id)).state is S.COMPLETED
    left = {k: [n for n in v if n.startswith(name)] for k, v in stage.ours(stage.world()).items()}
    assert not any(left.values()), left
