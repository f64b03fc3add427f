"""Between the insert of an operation and the certainty that its instance is still there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.stage import LOAD_BALANCER, NFVO, Stage, WorkerPool
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.errors import NotFound
from vnfm.services import lcm
from vnfm.store.client import Db, connect
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.store.outbox import operation_outbox


class Watched(Instances):
    """Instances in which something happens just before one is looked at again."""

    def __init__(self, db: Db, between: Callable[[], object]) -> None:
        super().__init__(db)
        self._between = between

    def update(self, tenant: str, instance_id: str, changes: Mapping[str, Any]) -> Instance | None:
        self._between()
        return super().update(tenant, instance_id, changes)


@pytest.fixture
def database(stage: Stage) -> Iterator[Db]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    yield db
    db.client.close()


def begin(stage: Stage, database: Db, instance: Instance, between: Callable[[], object]) -> Operation:
    deps = replace(stage.deps, instances=Watched(database, between))
    body = {"vnfInstanceDescription": "changed"}
    return lcm.start(deps, NFVO, instance.id, OperationType.MODIFY_INFO, body, "test")


def states(database: Db, instance: Instance) -> list[str]:
    """What is to be told of the operations of an instance."""
    found = operation_outbox(database).untold(1000)
    events = [event for one in found for event in one.events]
    return [event.facts["state"] for event in events if event.vnf_instance_id == instance.id]


def test_nobody_works_at_it_or_is_told_of_it_before(stage: Stage, database: Db) -> None:
    instance = stage.create(LOAD_BALANCER)
    operations = Operations(database)
    seen: list[object] = []

    def look() -> None:
        claim = operations.claim("early", 30)
        seen.extend([claim and claim.operation.vnf_instance_id == instance.id, states(database, instance)])

    made = begin(stage, database, instance, look)
    assert seen == [None, []]
    assert states(database, instance) == ["PROCESSING"]
    claim = operations.claim("late", 30)
    assert claim
    assert claim.operation.id == made.id
    operations.release(claim.operation, [], None)


def test_of_one_whose_instance_is_deleted_meanwhile_nothing_is_told(stage: Stage, database: Db) -> None:
    instance = stage.create(LOAD_BALANCER)
    store = Instances(database)

    def delete() -> None:
        assert store.delete(NFVO.tenant, instance, stage.deps.clock())
        assert states(database, instance) == []

    with pytest.raises(NotFound):
        begin(stage, database, instance, delete)
    assert states(database, instance) == []
    assert database["operations"].count_documents({"vnf_instance_id": instance.id}) == 0


def test_one_whose_acceptor_dies_is_worked_at_and_told_later(
    stage: Stage, database: Db, pool: WorkerPool
) -> None:
    instance = stage.create(LOAD_BALANCER)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin(stage, database, instance, die)
    [left] = database["operations"].find({"vnf_instance_id": instance.id})
    assert left["due"] > left["start_time"]
    database["operations"].update_one({"_id": left["_id"]}, {"$set": {"due": left["start_time"]}})
    with pool.running(stage.settings):
        assert stage.settle(left["_id"]).state is OperationState.COMPLETED
    assert states(database, instance) == ["PROCESSING", "COMPLETED"]
