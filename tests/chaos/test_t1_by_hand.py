"""T1 by hand: the worker dies at every boundary of every operation, of a rollback and of a retry.

Many hundred points, so the worker dies by hand (``clockwork``), not by ``kill -9``: what is written and what
is not is the same. As there, the points are those that a first run passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.chaos.clockwork import SETTINGS, Clockwork, winding
from tests.chaos.judge import judge
from tests.chaos.rows import END, NOTHING, ROWS, Row, instantiate, world
from tests.stage import NFVO, open_stage
from vnfm.domain.operation import Operation, OperationState
from vnfm.services import tasks

S = OperationState
BY_NAME = {row.name: row for row in ROWS}


@dataclass(frozen=True)
class Failure:
    """Which call of an operation the VIM refuses, so that much is done by then."""

    row: str
    command: str
    nth: int = 1


FAILURES = (
    Failure("INSTANTIATE", "attachVolume"),
    Failure("INSTANTIATE with virtual IPs", "addIpToNic", 2),
    Failure("SCALE_TO_LEVEL", "deployVirtualMachine", 3),
    Failure("OPERATE stop", "stopVirtualMachine", 2),
    Failure("OPERATE start", "startVirtualMachine", 2),
    Failure("CHANGE_FLAVOUR up", "scaleVirtualMachine"),
    Failure("CHANGE_VNFPKG", "restoreVirtualMachine"),
    Failure("CHANGE_EXT_CONN", "addNicToVirtualMachine", 2),
    Failure("CREATE_SNAPSHOT with memory", "createVMSnapshot"),
    Failure("CREATE_SNAPSHOT of disks", "createSnapshot"),
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
    """One row, again and again."""

    def __init__(self, clockwork: Clockwork, row: Row) -> None:
        self.clockwork, self.row = clockwork, row
        self.stage = clockwork.stage

    def prepare(self) -> str:
        """An instance at which the row's operation may begin."""
        found = self.stage.create(self.row.vnfd).id
        if self.row.standing:
            for begin in (instantiate, *self.row.prepare):
                self.wind(begin(self.stage, found))
        return found

    def restore(self, instance_id: str) -> str:
        """Back to where the operation may begin again; perhaps with another instance."""
        assert world(self.stage) == self.row.expected
        for begin in self.row.restore:
            self.wind(begin(self.stage, instance_id))
        return instance_id if self.row.kept else self.prepare()

    def halt(self, instance_id: str, failure: Failure) -> Operation:
        """The operation, stopped by the VIM's refusal."""
        operation_id = self.row.begin(self.stage, instance_id)
        refusal = {"kind": "refuse", "command": failure.command, "nth": failure.nth, "times": 3}
        self.stage.door("faults", refusal)
        found = self.clockwork.settle(operation_id)
        assert found.state is S.FAILED_TEMP, found.error
        self.stage.calm()
        return found

    def decide(self, operation: Operation, task: str, death: str | None = None) -> list[str]:
        """The task, to its end."""
        {"retry": tasks.retry, "rollback": tasks.rollback}[task](self.stage.deps, NFVO, operation.id)
        return self.wind(operation.id, S.COMPLETED if task == "retry" else S.ROLLED_BACK, death)

    def wind(self, operation_id: str, state: S = S.COMPLETED, death: str | None = None) -> list[str]:
        """An operation to its end; the worker dies at that point. The points passed, each once."""
        deaths = self.clockwork.deaths
        deaths.passed, deaths.at = [], death
        ended = self.clockwork.settle(operation_id)
        assert deaths.at is None, f"nobody died at {death}"
        assert ended.state is state, ended.error
        wrong = judge(self.stage, "t", ended, self.stage.world(), tainted=False)
        assert not wrong, wrong
        return list(dict.fromkeys(deaths.passed))

    def end(self, instance_id: str) -> None:
        if self.stage.instance(instance_id).resources:
            self.wind(END(self.stage, instance_id))
        assert world(self.stage) == NOTHING, self.stage.ours(self.stage.world())

    def record(self, instance_id: str) -> Any:
        """What the instance says of itself; a NIC that was plugged in anew has an id of its own."""
        return _without_nics(self.stage.instance(instance_id).instantiated_vnf_info)


def _without_nics(value: Any) -> Any:
    if isinstance(value, dict):
        nic = value.get("vimLevelResourceType") == "nic"
        return {key: _without_nics(v) for key, v in value.items() if not (nic and key == "resourceId")}
    return [_without_nics(item) for item in value] if isinstance(value, list) else value


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_operation(clockwork: Clockwork, row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    play = Play(clockwork, row)
    instance_id = play.prepare()
    points = play.wind(row.begin(play.stage, instance_id))
    for death in points:
        instance_id = play.restore(instance_id)
        play.wind(row.begin(play.stage, instance_id), death=death)
    assert world(play.stage) == row.expected
    play.end(instance_id)
    tell(f"T1 {row.name}", points, play, capsys)


@pytest.mark.long
@pytest.mark.parametrize("task", ["rollback", "retry"])
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.row)
def test_way_out(
    clockwork: Clockwork, failure: Failure, task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    play = Play(clockwork, BY_NAME[failure.row])
    instance_id = play.prepare()
    before, record = world(play.stage), play.record(instance_id)
    points = play.decide(play.halt(instance_id, failure), task)
    for death in points:
        if task == "retry":
            instance_id = play.restore(instance_id)
        else:
            assert (world(play.stage), play.record(instance_id)) == (before, record)
        play.decide(play.halt(instance_id, failure), task, death)
    play.end(instance_id)
    tell(f"T1 {failure.row}, {task}", points, play, capsys)


def tell(what: str, points: list[str], play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n  {what} ({play.stage.user}): {len(points)} points", end="")
    assert {point.rsplit("/", 1)[1] for point in points} == {"before", "after-call", "after-journal"}
