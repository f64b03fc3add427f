"""The outbox: written with the change it tells of, told once, and a deleted instance is gone at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vnfm.domain.event import Kind
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.store import outbox
from vnfm.store.client import Db
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def operation(state: OperationState = OperationState.STARTING) -> Operation:
    return Operation(
        "op1", "t", "i1", OperationType.SCALE, state, {}, 1, [], NOW, NOW, "r", subject={"vnfdId": "d"}
    )


def instance() -> Instance:
    return Instance("i1", "t", "d", "acme", "fw", "1.0", "7", name="edge", created=NOW)


@pytest.fixture
def operations(db: Db) -> Operations:
    store = Operations(db)
    store.ensure_indexes()
    return store


def test_every_state_is_told_once_with_what_was_so_at_that_moment(db: Db, operations: Operations) -> None:
    box = outbox.operation_outbox(db)
    operations.accept("t", operation())
    failed = operation(OperationState.FAILED_TEMP)
    failed.error, failed.resource_changes = {"detail": "x"}, {"affectedVnfcs": [{"id": "a"}]}
    assert operations.resume("t", failed, OperationState.STARTING)
    again = replace(operation(OperationState.PROCESSING), fence=failed.fence)
    again.resource_changes = {"affectedVnfcs": [{"id": "a"}, {"id": "b"}]}
    assert operations.resume("t", again, OperationState.FAILED_TEMP)
    [untold] = box.untold(10)
    assert [event.seq for event in untold.events] == [0, 1, 2]
    assert [event.facts["state"] for event in untold.events] == ["STARTING", "FAILED_TEMP", "PROCESSING"]
    changed = [event.facts.get("resource_changes", {}).get("affectedVnfcs", []) for event in untold.events]
    assert [len(vnfcs) for vnfcs in changed] == [0, 1, 2]
    assert [event.facts.get("error") for event in untold.events] == [None, {"detail": "x"}, None]
    assert untold.events[0].subjects == [{"vnfdId": "d"}]
    box.mark_told([untold])
    assert box.untold(10) == []


def test_what_happens_while_others_are_queued_is_not_lost(db: Db, operations: Operations) -> None:
    box = outbox.operation_outbox(db)
    operations.accept("t", operation())
    read = box.untold(10)
    assert operations.resume("t", operation(OperationState.FAILED_TEMP), OperationState.STARTING)
    box.mark_told(read)
    [untold] = box.untold(10)
    assert [event.facts["state"] for event in untold.events][-1] == "FAILED_TEMP"
    box.mark_told([untold])
    box.mark_told(read)  # a relay that was stopped for long
    assert box.untold(10) == []


def test_a_deleted_instance_is_nowhere_but_in_the_outbox_and_then_nowhere(db: Db) -> None:
    store, box = Instances(db), outbox.instance_outbox(db)
    store.ensure_indexes()
    store.insert("t", instance())
    [created] = box.untold(10)
    assert [event.kind for event in created.events] == [Kind.CREATION]
    assert created.events[0].subjects[0]["vnfInstanceName"] == "edge"
    box.mark_told([created])
    assert store.delete("t", instance(), NOW)
    assert not store.delete("t", instance(), NOW)
    assert store.get("t", "i1") is None
    assert store.list_all("t", 10) == []
    assert store.update("t", "i1", {"name": "x"}) is None
    [deleted] = box.untold(10)
    assert (deleted.tenant, [event.kind for event in deleted.events]) == ("t", [Kind.DELETION])
    assert deleted.events[0].subjects[0]["vnfdId"] == "d"
    box.mark_told([deleted])
    assert db["vnf_instances"].count_documents({}) == 0


def test_an_instance_made_and_deleted_between_two_looks_is_told_of_twice(db: Db) -> None:
    store, box = Instances(db), outbox.instance_outbox(db)
    store.insert("t", instance())
    store.delete("t", instance(), NOW)
    [both] = box.untold(10)
    assert [(event.kind, event.seq) for event in both.events] == [(Kind.CREATION, 0), (Kind.DELETION, 1)]
