"""A decision about an operation at rest is broken off, or meets another one that was faster."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chaos.clockwork import Clockwork
from tests.chaos.judge import judge
from tests.chaos.rows import END, ROWS, instantiate
from tests.stage import NFVO, journal
from vnfm.domain.operation import TASKS, Operation, OperationState
from vnfm.errors import Conflict
from vnfm.services import tasks
from vnfm.store.client import Db, connect
from vnfm.store.operations import Operations

S = OperationState
BY_NAME = {row.name: row for row in ROWS}
#: Row, and the command of the VIM that is refused from its n-th call on.
FAILURES = [
    ("INSTANTIATE", "attachVolume", 1),
    ("SCALE_TO_LEVEL", "deployVirtualMachine", 3),
    ("CHANGE_FLAVOUR up", "deployVirtualMachine", 2),
    ("CHANGE_EXT_CONN", "addNicToVirtualMachine", 2),
    ("HEAL recreate", "attachVolume", 1),
    ("CHANGE_VNFPKG whole", "attachVolume", 1),
    ("OPERATE stop", "stopVirtualMachine", 2),
    ("TERMINATE", "destroyVirtualMachine", 2),
]


class Died(BaseException):
    """The API's process dies here."""


class Disturbed(Operations):
    """Something happens instead of the n-th decision that is stored, or before it."""

    def __init__(self, db: Db, nth: int, act: Callable[[], Any]) -> None:
        super().__init__(db)
        self._left, self._act = nth, act

    def resume(self, tenant: str, operation: Operation, former: OperationState) -> bool:
        self._left -= 1
        if not self._left:
            self._act()
        return super().resume(tenant, operation, former)


def die() -> None:
    raise Died


@pytest.fixture
def database(clockwork: Clockwork) -> Iterator[Db]:
    settings = clockwork.stage.settings
    db = connect(settings.mongo_uri, settings.mongo_database)
    yield db
    db.client.close()


def halt(clockwork: Clockwork, name: str, command: str, nth: int) -> Operation:
    """An operation in FAILED_TEMP."""
    stage, row = clockwork.stage, BY_NAME[name]
    instance_id = stage.create(row.vnfd).id
    for begin in (instantiate, *row.prepare) if row.standing else ():
        assert clockwork.settle(begin(stage, instance_id)).state is S.COMPLETED
    operation_id = row.begin(stage, instance_id)
    stage.door("faults", {"kind": "refuse", "command": command, "nth": nth, "times": 3})
    found = clockwork.settle(operation_id)
    assert found.state is S.FAILED_TEMP, found.error
    stage.calm()
    return found


@pytest.mark.parametrize("nth", [2, 3])
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure[0])
def test_a_fail_that_was_broken_off_can_only_be_ended(
    clockwork: Clockwork, database: Db, failure: tuple[str, str, int], nth: int
) -> None:
    operation = halt(clockwork, *failure)
    stage, broken = clockwork.stage, Disturbed(database, nth, die)
    with pytest.raises(Died):
        tasks.fail(dataclasses.replace(stage.deps, operations=broken), NFVO, operation.id)
    between = stage.operation(operation.id)
    assert between.state is S.FAILED_TEMP
    assert {task for task in TASKS if between.allows(task)} == {"fail"}
    with pytest.raises(Conflict, match="given up"):
        tasks.retry(stage.deps, NFVO, operation.id)

    ended = tasks.fail(stage.deps, NFVO, operation.id)
    assert ended.state is S.FAILED
    wrong = judge(stage, "t", ended, stage.world(), tainted=True)
    assert not wrong, "\n".join(wrong) + journal(ended)
    left = stage.instance(ended.vnf_instance_id)
    ids = [item["id"] for item in left.resources]
    vnfcs = [vnfc["id"] for vnfc in (left.instantiated_vnf_info or {}).get("vnfcResourceInfo", [])]
    assert (len(ids), len(vnfcs)) == (len(set(ids)), len(set(vnfcs)))
    assert clockwork.settle(END(stage, left.id)).state is S.COMPLETED
    assert not any(stage.ours(stage.world()).values())


@pytest.mark.parametrize("late", ["rollback", "fail", "retry"])
def test_what_was_decided_on_an_earlier_sight_is_refused(
    clockwork: Clockwork, database: Db, late: str
) -> None:
    """A retry comes in between, makes a server, and fails again: FAILED_TEMP as before, and not the same."""
    operation = halt(clockwork, "SCALE_TO_LEVEL", "deployVirtualMachine", 1)
    stage = clockwork.stage

    def try_again() -> None:
        tasks.retry(stage.deps, NFVO, operation.id)
        stage.door("faults", {"kind": "refuse", "command": "deployVirtualMachine", "nth": 2, "times": 3})
        assert clockwork.settle(operation.id).state is S.FAILED_TEMP

    before = stage.instance(operation.vnf_instance_id)
    act = {"rollback": tasks.rollback, "fail": tasks.fail, "retry": tasks.retry}[late]
    deps = dataclasses.replace(stage.deps, operations=Disturbed(database, 1, try_again))
    with pytest.raises(Conflict, match="faster"):
        act(deps, NFVO, operation.id)
    found = stage.operation(operation.id)
    assert found.state is S.FAILED_TEMP
    assert stage.instance(operation.vnf_instance_id) == before
    servers = [vm["id"] for vm in stage.world()["vms"] if vm["state"] == "Running"]
    assert len(servers) > BY_NAME["SCALE in"].expected.vms
    tasks.rollback(stage.deps, NFVO, operation.id)
    ended = clockwork.settle(operation.id)
    assert ended.state is S.ROLLED_BACK, ended.error
    assert not judge(stage, "t", ended, stage.world(), tainted=False)
