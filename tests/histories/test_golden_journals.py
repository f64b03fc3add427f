"""T10 of the acceptance table: journals of earlier builds are resumed by this one, or refused by name.

A plan may only differ from its golden journal when its version is raised; then the old journal stays, and a
new one is recorded beside it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.histories.journals import HERE, LIVES, journal, read, request
from tests.stage import Stage, WorkerPool, mark_file, open_stage
from vnfm.domain.operation import RUNNABLE, Operation, OperationState, OperationType, StepState
from vnfm.lcm.plans import PLANS
from vnfm.lcm.steps import STEPS
from vnfm.store.client import Db, connect

#: Resumed at every step; the others are carried out undisturbed, and compared.
RESUMED = {
    "instantiate",
    "scale_out",
    "heal_recreate",
    "change_flavour",
    "create_snapshot",
    "change_vnfpkg",
    "terminate",
}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def stage(mongo_uri: str) -> Iterator[Stage]:
    with open_stage(mongo_uri, lease=2.0, log_level="CRITICAL") as found:
        yield found


@pytest.fixture
def database(stage: Stage) -> Iterator[Db]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    yield db
    db.client.close()


def test_every_plan_has_a_golden_journal() -> None:
    kept = {read(path.stem)["operation"] for path in HERE.glob("*.json")}
    assert {str(kind) for kind in PLANS} == kept


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
def test_every_step_ever_released_is_known(path: Path) -> None:
    unknown = {step["name"] for step in read(path.stem)["steps"]} - set(STEPS)
    assert not unknown, "its journals would be refused by name: say so in the release notes"


def test_every_journal_is_resumed_at_every_step(
    stage: Stage, pool: WorkerPool, database: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Workers die after the first entry of each step, and the next finds the following one in doubt."""
    found: Counter[str] = Counter()
    for vnfd, life in LIVES:
        instance = stage.create(vnfd, "golden")
        for name, (kind, body) in life.items():
            asked = request(stage, instance.id, kind, body)
            operation = stage.begin(instance.id, OperationType(kind), asked)
            if name in RESUMED:
                relay(stage, pool, database, operation, mark_file(tmp_path), found)
            with pool.running(stage.settings):
                compare(name, stage.settle(operation))
    left = stage.ours(stage.world())
    assert not any(left.values()), left
    with capsys.disabled():
        number = sum(len(life) for _, life in LIVES)
        print(f"\n  T10: {number} journals, resumed by another worker: {dict(found)}")
    assert found["PENDING"] > len(RESUMED), "found in doubt, the call not made"
    assert found["WATCHING"] > 0, "found with its job under way"


def compare(name: str, ended: Operation) -> None:
    """An operation with its golden journal."""
    assert ended.state is OperationState.COMPLETED, f"{name}: {ended.error}"
    kept, now = read(name), journal(ended)
    assert now["planVersion"] >= kept["planVersion"]
    if now["planVersion"] == kept["planVersion"]:
        assert now == kept, f"{name}: the plan has changed, and its version has not"


def relay(
    stage: Stage, pool: WorkerPool, database: Db, operation_id: str, mark: Path, found: Counter[str]
) -> None:
    """Workers that die after the first entry of a step, until the operation has come to rest."""
    armed = dataclasses.replace(stage.settings, fault_point="*/start/after-journal", fault_mark=str(mark))
    doubted: set[str] = set()
    for _ in range(100):
        worker = pool.start(armed)
        while (died := worker.wait(0.02)) is None and stage.operation(operation_id).state in RUNNABLE:
            pass
        if died is None:
            worker.stop()
        operation = stage.operation(operation_id)
        if operation.state not in RUNNABLE:
            return
        change = doubt(operation, doubted, found)
        database["operations"].update_one({"_id": operation_id}, {"$set": change})
    raise AssertionError(f"{operation.type} is still {operation.state}")


def doubt(operation: Operation, doubted: set[str], found: Counter[str]) -> dict[str, object]:
    """Fields that put the next step into INTENT, once, as if a worker had died before the call."""
    rest = ((i, entry) for i, entry in enumerate(operation.steps) if entry.state is not StepState.DONE)
    index, entry = next(rest, (0, None))
    if entry is None or entry.key in doubted:
        return {"due": LONG_AGO}
    found[str(entry.state)] += 1
    if entry.state is not StepState.PENDING:
        return {"due": LONG_AGO}
    doubted.add(entry.key)
    return {f"steps.{index}.state": str(StepState.INTENT), "due": LONG_AGO}
