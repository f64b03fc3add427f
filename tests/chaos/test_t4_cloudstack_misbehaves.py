"""T4 of the acceptance table: CloudStack loses replies, restarts, forgets, throttles, has no room, races.

Every test proves that its fault fired and prints how often. What is there is counted by the emulator's own
witness, never by our records.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tests.stage import FIREWALL, LOAD_BALANCER, NFVO, Stage, WorkerPool, open_stage
from vnfm.domain.operation import Operation, OperationState
from vnfm.services import tasks

#: Two minutes, most of it waiting for CloudStack to come to itself: ``make chaos``, and CI.
pytestmark = pytest.mark.long

EXPECTED = {"vms": 3, "networks": 1, "volumes": 4, "affinitygroups": 1, "securitygroups": 0}
ONE_SERVER = {"vms": 1, "networks": 0, "volumes": 1, "affinitygroups": 0, "securitygroups": 0}
NOTHING = {kind: 0 for kind in EXPECTED}
RESTARTED = 10

Say = Callable[[str], None]


@pytest.fixture(scope="module")
def stages(mongo_uri: str) -> Iterator[dict[str, Stage]]:
    """One for an ordinary user, one for a root admin (with customid)."""
    with ExitStack() as stack:
        yield {user: stack.enter_context(open_stage(mongo_uri, user)) for user in ("alice", "admin")}


@pytest.fixture(params=["alice", "admin"])
def stage(request: pytest.FixtureRequest, stages: dict[str, Stage]) -> Stage:
    found = stages[request.param]
    found.door("reset", {})
    return found


@pytest.fixture
def alice(stages: dict[str, Stage]) -> Stage:
    stages["alice"].door("reset", {})
    return stages["alice"]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n  T4: {text}", end="")

    return tell


def count(stage: Stage) -> dict[str, int]:
    return {kind: len(names) for kind, names in stage.ours(stage.world()).items()}


def plant(stage: Stage, *commands: str, **fault: Any) -> None:
    for command in commands:
        stage.door("faults", {"command": command, **fault})


def fired(stage: Stage) -> dict[str, int]:
    """Faults by command, as the emulator counted them."""
    rows = stage.control.get(f"{stage.cloud.control_url}/faults").json()["faults"]
    return {row["command"]: row["fired"] for row in rows}


def completed(stage: Stage, operation_id: str, seconds: float = 30) -> Operation:
    ended = stage.settle(operation_id, seconds)
    assert ended.state is OperationState.COMPLETED, ended.error
    return ended


def retried(stage: Stage, operation_id: str) -> Operation:
    tasks.retry(stage.deps, NFVO, operation_id)
    return completed(stage, operation_id)


def live_and_die(stage: Stage) -> int:
    """The world is right after INSTANTIATE and empty after TERMINATE; how many errors steps have met."""
    instance = stage.create(FIREWALL)
    begun = completed(stage, stage.instantiate(instance.id))
    assert count(stage) == EXPECTED, stage.ours(stage.world())
    ended = completed(stage, stage.terminate(instance.id))
    assert count(stage) == NOTHING, stage.ours(stage.world())
    return sum(entry.attempts for entry in [*begun.steps, *ended.steps])


def test_replies_dropped_after_the_call_was_carried_out(stage: Stage, pool: WorkerPool, say: Say) -> None:
    creating: tuple[str, ...] = ("createNetwork", "createAffinityGroup", "createVolume", "attachVolume")
    removing: tuple[str, ...] = ("deleteVolume", "deleteNetwork", "deleteAffinityGroup")
    if stage.user == "admin":  # what differs is the server alone
        creating = removing = ()
    plant(stage, *creating, *removing, kind="drop")
    plant(stage, "deployVirtualMachine", "destroyVirtualMachine", kind="drop", times=3)
    with pool.running(stage.settings):
        live_and_die(stage)
    times = fired(stage)
    say(f"{sum(times.values())} replies dropped ({stage.user})")
    assert times == {
        **dict.fromkeys([*creating, *removing], 1),
        "deployVirtualMachine": 3,
        "destroyVirtualMachine": 3,
    }


def test_calls_dropped_before_they_were_carried_out(alice: Stage, pool: WorkerPool, say: Say) -> None:
    commands = (
        "createNetwork",
        "createAffinityGroup",
        "deployVirtualMachine",
        "createVolume",
        "deleteNetwork",
    )
    plant(alice, *commands, kind="drop_before")
    with pool.running(alice.settings):
        live_and_die(alice)
    say(f"{sum(fired(alice).values())} calls lost on their way")
    assert fired(alice) == dict.fromkeys(commands, 1)


def test_throttled_for_a_while(alice: Stage, pool: WorkerPool, say: Say) -> None:
    throttle = {"kind": "refuse", "code": 429, "text": "The given user has reached his limit, wait [100] ms"}
    plant(alice, "deployVirtualMachine", "createNetwork", "destroyVirtualMachine", times=4, **throttle)
    plant(alice, "queryAsyncJobResult", "listVirtualMachines", times=9, **throttle)
    with pool.running(alice.settings):
        live_and_die(alice)
    say(f"throttled {sum(fired(alice).values())} times")
    assert fired(alice)["deployVirtualMachine"] == 4
    assert fired(alice)["queryAsyncJobResult"] == 9


def test_jobs_forgotten_before_anybody_asked(alice: Stage, pool: WorkerPool, say: Say) -> None:
    stop = threading.Event()

    def forget() -> None:
        while not stop.wait(0.01):
            alice.cloud.cloud.jobs.expire(0)

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        with pool.running(alice.settings):
            errors = live_and_die(alice)
    finally:
        stop.set()
        thread.join()
    polls = alice.control.get(f"{alice.cloud.control_url}/calls").json()["queryAsyncJobResult"]
    say(f"{polls} polls, no job was remembered, {errors} doubts ({alice.user})")
    assert errors >= 2
    assert alice.world()["jobs"] == []


def test_no_room_and_then_room(stage: Stage, pool: WorkerPool, say: Say) -> None:
    stage.door("settings", {"sandbox.hosts.full": "true"})
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        ended = stage.settle(operation := stage.instantiate(instance.id))
        assert ended.state is OperationState.FAILED_TEMP
        assert ended.error is not None
        assert ended.error["vimErrorCode"] == 533
        assert stage.ours(stage.world())["vms"] == [], "a body is left"
        stage.door("settings", {"sandbox.hosts.full": "false"})
        retried(stage, operation)
        assert count(stage) == EXPECTED
        completed(stage, stage.terminate(instance.id))
    assert count(stage) == NOTHING
    tries = stage.control.get(f"{stage.cloud.control_url}/calls").json()["deployVirtualMachine"]
    say(f"{tries} deploys for 3 servers, the first without room ({stage.user})")
    assert tries >= 4


def test_jobs_that_fail_once(stage: Stage, pool: WorkerPool, say: Say) -> None:
    creating, removing = ("deployVirtualMachine", "attachVolume"), ("destroyVirtualMachine", "deleteNetwork")
    failing = {"kind": "fail", "code": 530, "text": "host is down"}
    plant(stage, *creating, **failing)
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        begin = stage.instantiate(instance.id)
        for command in creating:
            ended = stage.settle(begin)
            assert ended.state is OperationState.FAILED_TEMP
            assert ended.error is not None
            assert (ended.error["vimCommand"], ended.error["vimErrorText"]) == (command, "host is down")
            if command == "attachVolume":
                break
            tasks.retry(stage.deps, NFVO, begin)
        retried(stage, begin)
        assert count(stage) == EXPECTED, stage.ours(stage.world())
        plant(stage, *removing, **failing)
        end = stage.terminate(instance.id)
        assert stage.settle(end).state is OperationState.FAILED_TEMP, "a server that cannot be destroyed"
        retried(stage, end)  # a network's refusal is met with patience
    assert count(stage) == NOTHING, stage.ours(stage.world())
    say(f"{sum(fired(stage).values())} jobs failed once ({stage.user})")
    assert fired(stage) == dict.fromkeys([*creating, *removing], 1)


def test_without_the_right_to_expunge_terminate_waits_for_the_purge(
    alice: Stage, pool: WorkerPool, say: Say
) -> None:
    purge = {"expunge.delay": "1", "expunge.interval": "1"}
    alice.door("settings", {"allow.user.expunge.recover.vm": "false", **purge})
    instance = alice.create(FIREWALL)
    with pool.running(dataclasses.replace(alice.settings, purge_patience=5.0)):
        completed(alice, alice.instantiate(instance.id))
        ended = completed(alice, alice.terminate(instance.id))
    assert count(alice) == NOTHING, alice.ours(alice.world())
    assert ended.warnings == []
    waited = [e.key for e in ended.steps if e.started and e.ended and (e.ended - e.started).seconds >= 1]
    say(f"{len(waited)} removals waited for the purge")
    assert waited


def test_without_the_right_to_expunge_the_rest_may_be_left(alice: Stage, pool: WorkerPool, say: Say) -> None:
    alice.door("settings", {"allow.user.expunge.recover.vm": "false"})
    instance = alice.create(FIREWALL)
    patience = {"purge_patience": 0.5, "purge_policy": "leave"}
    with pool.running(dataclasses.replace(alice.settings, **patience)):
        begun = completed(alice, alice.instantiate(instance.id))
        ended = completed(alice, alice.terminate(instance.id))
    world = alice.world()
    assert {vm["state"] for vm in world["vms"]} == {"Destroyed"}
    left = {vm["id"] for vm in world["vms"]}
    left |= {begun.step(e.key).result["id"] for e in begun.steps if e.name == "create_network"}
    said = "\n".join(ended.warnings)
    say(f"{len(left)} things left, {len(ended.warnings)} warnings")
    assert len(left) == 4
    assert all(one in said for one in left), said


# What takes long by its nature runs in the background from the first test on, each on a stage of its own.


def seen(stage: Stage) -> dict[str, int]:
    """Calls that faults were waiting for, by command."""
    rows = stage.control.get(f"{stage.cloud.control_url}/faults").json()["faults"]
    return {row["command"]: row["seen"] for row in rows}


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not what():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


#: user, command, VNFD. The firewall's first server has a fixed address: its twin becomes a body in Error. The
#: load balancer's has none: its twin would live.
RACES = (
    ("alice", "createNetwork", FIREWALL),
    ("alice", "createAffinityGroup", FIREWALL),
    ("alice", "deployVirtualMachine", FIREWALL),
    ("alice", "deployVirtualMachine", LOAD_BALANCER),
    ("admin", "deployVirtualMachine", LOAD_BALANCER),
    ("alice", "createVolume", FIREWALL),
)


def make_twice_at_once(mongo_uri: str, user: str, command: str, vnfd: str) -> str:
    """A worker dies while its call is under way, its lease ends before that, another makes the call as well.

    CloudStack checks the name of a server long before it writes it down, and those of networks not at all.
    """
    with ExitStack() as stack:
        pool = WorkerPool()
        stack.callback(pool.close)
        stage = stack.enter_context(open_stage(mongo_uri, user))
        if command == "deployVirtualMachine":
            stage.door("settings", {"sandbox.race.seconds": "4"})
        plant(stage, command, kind="stall", seconds=4.0, times=2)
        instance = stage.create(vnfd)
        begun = stage.instantiate(instance.id)
        first = pool.start(dataclasses.replace(stage.settings, lease=1.0))
        wait_for(lambda: seen(stage)[command] >= 1)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(5)
        stack.enter_context(pool.running(dataclasses.replace(stage.settings, lease=30.0)))
        ended = completed(stage, begun, 60)
        made = stage.world()
        completed(stage, stage.terminate(instance.id), 60)
        assert fired(stage) == {command: 2}
        assert {vm["state"] for vm in made["vms"]} == {"Running"}, "a dead twin is left"
        wanted = EXPECTED if vnfd == FIREWALL else ONE_SERVER
        assert {kind: len(names) for kind, names in stage.ours(made).items()} == wanted, stage.ours(made)
        assert count(stage) == NOTHING, stage.ours(stage.world())
        return f"{command} made twice at once ({user}): {ended.warnings or 'no twin left'}"


def restart_in_the_middle(mongo_uri: str) -> tuple[list[Operation], dict[str, int], dict[str, int], int]:
    """Ten INSTANTIATEs, and the management server dies while their jobs run."""
    pool = WorkerPool()
    try:
        with open_stage(mongo_uri, "alice", step_patience=90.0) as stage:
            stage.door("settings", {"sandbox.job.seconds": "1.0"})
            made = [stage.create(FIREWALL) for _ in range(RESTARTED)]
            with pool.running(stage.settings):
                begun = [stage.instantiate(instance.id) for instance in made]
                deadline = time.monotonic() + 20
                while sum(job["status"] == 0 for job in stage.world()["jobs"]) < RESTARTED:
                    assert time.monotonic() < deadline, "no jobs are under way"
                    time.sleep(0.05)
                stage.door("restart", {"seconds": 2})
                time.sleep(3)
                cut = sum(job["status"] == 2 for job in stage.world()["jobs"])
                ended = [stage.settle(operation, 90) for operation in begun]
                full = count(stage)
                for operation in [stage.terminate(instance.id) for instance in made]:
                    completed(stage, operation, 60)
                return ended, full, count(stage), cut
    finally:
        pool.close()


@pytest.fixture(scope="module", autouse=True)
def background(mongo_uri: str) -> Iterator[dict[Any, Future[Any]]]:
    with ThreadPoolExecutor(4) as executor:
        races = {race: executor.submit(make_twice_at_once, mongo_uri, *race) for race in RACES}
        yield {"restart": executor.submit(restart_in_the_middle, mongo_uri), **races}


@pytest.mark.parametrize("race", RACES, ids=lambda race: "-".join(race[:2]))
def test_twins_race_when_a_lease_ends_in_the_middle_of_a_call(
    background: dict[Any, Future[Any]], say: Say, race: tuple[str, str, str]
) -> None:
    say(background[race].result(150))


def test_the_management_server_restarts_in_the_middle(background: dict[Any, Future[Any]], say: Say) -> None:
    ended, full, empty, cut = background["restart"].result(150)
    say(f"a restart cut {cut} jobs off")
    assert [operation.state for operation in ended] == ["COMPLETED"] * RESTARTED
    assert full == {kind: RESTARTED * number for kind, number in EXPECTED.items()}
    assert empty == NOTHING
    assert cut > 0
