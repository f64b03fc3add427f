"""A worker dies when the last step has written the instance, and a forceful cancel comes before another goes
on: a rollback from there must take the instance back as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.judge import judge
from tests.stage import NFVO, WEB_TIER, Stage, WorkerPool, die_at, mark_file, open_stage
from vnfm.domain.operation import OperationState, OperationType
from vnfm.services import tasks

S = OperationState
CASES = [
    (OperationType.INSTANTIATE, None, "finalise_instantiate/write/after-call"),
    (
        OperationType.SCALE,
        {"type": "SCALE_OUT", "aspectId": "worker_aspect"},
        "finalise_scale:*/write/after-call",
    ),
    (OperationType.OPERATE, {"changeStateTo": "STOPPED"}, "finalise_operate:*/write/after-call"),
]


@pytest.fixture(scope="module")
def stage(mongo_uri: str) -> Iterator[Stage]:
    with open_stage(mongo_uri) as found:
        yield found


@pytest.mark.parametrize(("kind", "body", "point"), CASES, ids=[str(case[0]) for case in CASES])
def test_a_rollback_takes_the_instance_back(
    stage: Stage,
    pool: WorkerPool,
    kind: OperationType,
    body: dict[str, str] | None,
    point: str,
    tmp_path: Path,
) -> None:
    name = f"end-{kind.lower().replace('_', '-')}x"
    instance = stage.create(WEB_TIER, name)
    if body is not None:
        with pool.running(stage.settings):
            assert stage.settle(stage.instantiate(instance.id)).state is S.COMPLETED
    before = stage.instance(instance.id)

    wish = body or stage.request(WEB_TIER)
    begin = partial(stage.begin, instance.id, kind, wish)
    operation = die_at(stage, pool, point, mark_file(tmp_path), begin)
    assert stage.instance(instance.id).settled_by == operation

    tasks.cancel(stage.deps, NFVO, operation, "FORCEFUL")
    with pool.running(stage.settings):
        assert stage.settle(operation).state is S.FAILED_TEMP
        tasks.rollback(stage.deps, NFVO, operation)
        ended = stage.settle(operation)
    assert ended.state is S.ROLLED_BACK, ended.error
    assert not judge(stage, name, ended, stage.world(), tainted=False)
    after = stage.instance(instance.id)
    assert after.instantiated_vnf_info == before.instantiated_vnf_info
    assert after.resources == before.resources
