"""T1 for the ways out of FAILED_TEMP: the worker dies at every boundary of a rollback and of a retry.

Many hundred points, so the worker dies by hand (``clockwork``), not by ``kill -9``: what is written and what
is not is the same. As there, the points are those that a first run passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.chaos.clockwork import SETTINGS, Clockwork, winding
from tests.chaos.judge import judge
from tests.chaos.rows import END, NOTHING, ROWS, instantiate, world
from tests.stage import NFVO, open_stage
from vnfm.domain.operation import Operation, OperationState
from vnfm.services import tasks

S = OperationState
BY_NAME = {row.name: row for row in ROWS}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Failure:
    """Which call of an operation the VIM refuses, so that much is done by then."""

    row: str
    command: str
    nth: int = 1


FAILURES = (
    Failure("INSTANTIATE", "attachVolume"),
    Failure("SCALE_TO_LEVEL", "deployVirtualMachine", 3),
    Failure("OPERATE stop", "stopVirtualMachine", 2),
    Failure("OPERATE start", "startVirtualMachine", 2),
    Failure("CHANGE_FLAVOUR up", "scaleVirtualMachine"),
    Failure("CHANGE_VNFPKG", "restoreVirtualMachine"),
    Failure("CHANGE_EXT_CONN", "addNicToVirtualMachine", 2),
    Failure("CREATE_SNAPSHOT", "createVMSnapshot"),
)


@pytest.fixture(scope="module", params=["alice", "admin"])
def one_clockwork(request: pytest.FixtureRequest, mongo_uri: str) -> Iterator[Clockwork]:
    with open_stage(mongo_uri, request.param, **SETTINGS) as stage, winding(stage) as found:
        yield found


@pytest.fixture
def clockwork(one_clockwork: Clockwork) -> Clockwork:
    one_clockwork.reset()
    return one_clockwork


class Play:
    """One row's failure, again and again."""

    def __init__(self, clockwork: Clockwork, failure: Failure) -> None:
        self.clockwork, self.failure, self.row = clockwork, failure, BY_NAME[failure.row]
        self.stage = clockwork.stage

    def prepare(self) -> str:
        """An instance at which the row's operation may begin."""
        found = self.stage.create(self.row.vnfd).id
        if self.row.standing:
            for begin in (instantiate, *self.row.prepare):
                self.done(begin(self.stage, found))
        return found

    def done(self, operation_id: str) -> None:
        ended = self.clockwork.settle(operation_id)
        assert ended.state is S.COMPLETED, ended.error

    def halt(self, instance_id: str) -> Operation:
        """The operation, stopped by the VIM's refusal."""
        operation_id = self.row.begin(self.stage, instance_id)
        refusal = {"kind": "refuse", "command": self.failure.command, "nth": self.failure.nth, "times": 3}
        self.stage.door("faults", refusal)
        found = self.clockwork.settle(operation_id)
        assert found.state is S.FAILED_TEMP, found.error
        self.stage.control.delete(f"{self.stage.cloud.control_url}/faults").raise_for_status()
        return found

    def go(self, operation: Operation, task: str, death: int | None = None) -> list[str]:
        """The task; the worker dies at the point of that number. The points passed, until the death."""
        deaths = self.clockwork.deaths
        deaths.passed, deaths.left = [], death
        {"retry": tasks.retry, "rollback": tasks.rollback}[task](self.stage.deps, NFVO, operation.id)
        ended = self.clockwork.settle(operation.id)
        assert deaths.left is None, "nobody died"
        assert ended.state is (S.COMPLETED if task == "retry" else S.ROLLED_BACK), ended.error
        wrong = judge(self.stage, "t", ended, self.stage.world(), tainted=False)
        assert not wrong, wrong
        return [UUID.sub("*", point) for point in deaths.passed]

    def record(self, instance_id: str) -> Any:
        """What the instance says of itself; a NIC that was plugged in anew has an id of its own."""
        return _without_nics(self.stage.instance(instance_id).instantiated_vnf_info)

    def end(self, instance_id: str) -> None:
        if self.stage.instance(instance_id).resources:
            self.done(END(self.stage, instance_id))
        assert world(self.stage) == NOTHING, self.stage.ours(self.stage.world())


def _without_nics(value: Any) -> Any:
    if isinstance(value, dict):
        nic = value.get("vimLevelResourceType") == "nic"
        return {key: _without_nics(v) for key, v in value.items() if not (nic and key == "resourceId")}
    return [_without_nics(item) for item in value] if isinstance(value, list) else value


def firsts(points: Sequence[str]) -> list[int]:
    """Positions, counted from 1, at which a point is passed for the first time."""
    return [number for number, point in enumerate(points, 1) if point not in points[: number - 1]]


@pytest.mark.long
@pytest.mark.parametrize("task", ["rollback", "retry"])
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.row)
def test_t1(clockwork: Clockwork, failure: Failure, task: str, capsys: pytest.CaptureFixture[str]) -> None:
    play = Play(clockwork, failure)
    instance_id = play.prepare()
    before, record = world(play.stage), play.record(instance_id)
    points = play.go(play.halt(instance_id), task)
    for death in firsts(points):
        if task == "retry":
            assert world(play.stage) == play.row.expected
            play.end(instance_id)
            instance_id = play.prepare()
        else:
            assert world(play.stage) == before
            assert play.record(instance_id) == record
        play.go(play.halt(instance_id), task, death)
    play.end(instance_id)
    with capsys.disabled():
        print(f"\n  T1 {failure.row}, {task} ({play.stage.user}): {len(firsts(points))} points", end="")
    assert {point.rsplit("/", 1)[1] for point in points} == {"before", "after-call", "after-journal"}
