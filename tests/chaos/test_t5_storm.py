"""T5 of the acceptance table: fifty identical or conflicting requests at once; one accepted, the rest 409."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.stage import NFVO, WEB_TIER, Stage, WorkerPool, open_stage
from vnfm.domain.operation import OperationState, OperationType
from vnfm.errors import Conflict
from vnfm.services import tasks
from vnfm.store.client import Db, connect

CROWD = 50
S = OperationState


@pytest.fixture(scope="module")
def stage(mongo_uri: str) -> Iterator[Stage]:
    with open_stage(mongo_uri) as found:
        yield found


@pytest.fixture(scope="module")
def standing(stage: Stage) -> str:
    """An instantiated instance; no worker runs any more."""
    pool = WorkerPool()
    try:
        with pool.running(stage.settings):
            instance = stage.create(WEB_TIER)
            ended = stage.settle(stage.instantiate(instance.id))
    finally:
        pool.close()
    assert ended.state is S.COMPLETED, ended.error
    return instance.id


@pytest.fixture
def database(stage: Stage) -> Iterator[Db]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    yield db
    db.client.close()


def storm(acts: Sequence[Callable[[], Any]]) -> int:
    """All at once; how many were accepted. Anything but a Conflict is raised."""
    gate = threading.Barrier(len(acts))

    def play(act: Callable[[], Any]) -> int:
        gate.wait(10)
        try:
            act()
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(len(acts)) as executor:
        return sum(executor.map(play, acts))


def withdraw(database: Db, instance_id: str) -> int:
    """Forget the operations that wait for a worker; how many there were."""
    return database["operations"].delete_many({"vnf_instance_id": instance_id, "active": True}).deleted_count


def test_instantiate(stage: Stage, database: Db) -> None:
    instance = stage.create(WEB_TIER)
    assert storm([lambda: stage.instantiate(instance.id)] * CROWD) == 1
    assert withdraw(database, instance.id) == 1


SCALE = (OperationType.SCALE, {"type": "SCALE_OUT", "aspectId": "worker_aspect"})
TERMINATE = (OperationType.TERMINATE, {"terminationType": "FORCEFUL"})


@pytest.mark.parametrize("requests", [[SCALE], [TERMINATE], [SCALE, TERMINATE]], ids=["scale", "end", "both"])
def test_on_a_standing_vnf(stage: Stage, database: Db, standing: str, requests: Sequence[Any]) -> None:
    crowd = [
        lambda kind=kind, body=body: stage.begin(standing, kind, body)
        for kind, body in (list(requests) * CROWD)[:CROWD]
    ]
    assert storm(crowd) == 1
    assert withdraw(database, standing) == 1


@pytest.mark.parametrize(
    ("verbs", "state"),
    [
        (["retry"], S.PROCESSING),
        (["rollback"], S.ROLLING_BACK),
        (["fail"], S.FAILED),
        (["retry", "rollback", "fail"], None),
    ],
    ids=["retry", "rollback", "fail", "all three"],
)
def test_ways_out_of_failed_temp(
    stage: Stage, database: Db, verbs: Sequence[str], state: OperationState | None
) -> None:
    instance = stage.create(WEB_TIER)
    operation = stage.instantiate(instance.id)
    rest = {"state": str(S.FAILED_TEMP), "runnable": False, "error": {"status": 500, "detail": "a test's"}}
    database["operations"].update_one({"_id": operation}, {"$set": rest})
    known = {"retry": tasks.retry, "rollback": tasks.rollback, "fail": tasks.fail}
    crowd = [known[verb] for verb in (list(verbs) * CROWD)[:CROWD]]
    assert storm([lambda act=act: act(stage.deps, NFVO, operation) for act in crowd]) == 1
    found = stage.operation(operation)
    assert found.state in ({state} if state else {S.PROCESSING, S.ROLLING_BACK, S.FAILED})
    outbox = database["operations"].find_one({"_id": operation}, {"outbox": 1})
    assert outbox is not None
    assert len(outbox["outbox"]) == 2, "STARTING, and what was decided"
    withdraw(database, instance.id)


def test_cancel(stage: Stage, database: Db) -> None:
    instance = stage.create(WEB_TIER)
    operation = stage.instantiate(instance.id)
    modes = ["GRACEFUL", "FORCEFUL"] * (CROWD // 2)
    crowd = [lambda mode=mode: tasks.cancel(stage.deps, NFVO, operation, mode) for mode in modes]
    assert storm(crowd) == 1
    assert stage.operation(operation).cancel_mode is not None
    withdraw(database, instance.id)
