"""Two hundred operations at once: one worker carries them all, a second one takes its share.

Nothing here is judged by the clock. How many fly at once the cloud itself counts, what a worker did the
database tells (``tests.bench.claims``), and its cost is processor time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.bench.claims import Claims
from tests.bench.flight import HELD, pending_deploys, request
from tests.stage import LOAD_BALANCER, NFVO, Stage, WorkerPool, open_stage
from vnfm.store.client import connect

COUNT, TERMINATED = 200, 100
PATIENCE = 60.0
#: Clients that submit side by side.
CLIENTS = 16
MOST_MEMORY = 200 * 2**20
#: Measured: 0.02 s and 2 to 3 slices an operation; an idle machine looks at the jobs more often.
MOST_PROCESSOR_SECONDS, MOST_SLICES = 0.25, 40
LEAST_SHARE = 0.2


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:g} s"
        time.sleep(0.05)


def active(stage: Stage) -> int:
    """How many operations have not ended; also when they wait for a human."""
    found = stage.deps.operations.list_all(NFVO.tenant, 10 * COUNT)
    return sum(str(operation.state) not in {"COMPLETED", "ROLLED_BACK"} for operation in found)


def submit(act: Callable[[str], str], instance_ids: Iterable[str]) -> list[str]:
    """Ids of the operations, accepted as fast as the services can."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(act, instance_ids))


def deployed(stage: Stage, operation_ids: Iterable[str]) -> list[str]:
    """The servers that the journals claim to have made."""
    entries = [entry for one in operation_ids for entry in stage.operation(one).steps]
    return [str(entry.result["id"]) for entry in entries if entry.name == "deploy_vnfc"]


def told(stage: Stage, operation_ids: list[str]) -> Counter[tuple[str, ...]]:
    """What the outboxes hold: states in the order of their entries, and how often each such order occurs."""
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    found = list(db["operations"].find({"_id": {"$in": operation_ids}}, {"outbox": 1}))
    db.client.close()
    for document in found:
        times = [entry["time"] for entry in document["outbox"]]
        assert times == sorted(times), document
    return Counter(tuple(entry["state"] for entry in document["outbox"]) for document in found)


def processor_seconds(worker: psutil.Process) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)


def test_one_worker_carries_two_hundred_and_a_second_takes_its_share(
    mongo_uri: str, pool: WorkerPool, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        open_stage(mongo_uri, lease=15.0, step_patience=60.0) as stage,
        Claims(mongo_uri, stage.settings.mongo_database) as claims,
        pool.running(stage.settings) as first,
    ):
        made, story = carry(stage, claims, first.pid)
        with pool.running(stage.settings) as second:
            story += share(stage, claims, (first.pid, second.pid), made[:TERMINATED])
    with capsys.disabled():
        print(f"\n  {story}")


def carry(stage: Stage, claims: Claims, worker_pid: int) -> tuple[list[str], str]:
    """Instantiate all; ids of the instances."""
    worker = psutil.Process(worker_pid)
    body = request(stage)
    made = [stage.create(LOAD_BALANCER, f"lb-{number}").id for number in range(COUNT)]
    spent = processor_seconds(worker)
    stage.door("settings", {"sandbox.job.seconds": HELD})
    operations = submit(lambda one: stage.instantiate(one, **body), made)

    wait_until(lambda: pending_deploys(stage) >= COUNT, f"{COUNT} deploys in the air")
    memory = worker.memory_info().rss
    assert pending_deploys(stage) == COUNT
    stage.door("settings", {"sandbox.job.seconds": 0.05})
    stage.door("release", {})
    wait_until(lambda: active(stage) == 0, "all ended")
    memory = max(memory, worker.memory_info().rss)
    spent = (processor_seconds(worker) - spent) / COUNT
    (slices,) = claims.by_process(worker_pid)

    assert told(stage, operations) == {("STARTING", "PROCESSING", "COMPLETED"): COUNT}
    servers = [vm["id"] for vm in stage.world()["vms"]]
    assert len(servers) == COUNT
    assert sorted(servers) == sorted(deployed(stage, operations))
    assert len({vm["name"] for vm in stage.world()["vms"]}) == COUNT
    assert memory < MOST_MEMORY
    assert spent < MOST_PROCESSOR_SECONDS
    assert COUNT <= slices < COUNT * MOST_SLICES
    story = (
        f"{COUNT} in the air on one worker: {memory / 2**20:.0f} MiB, {spent * 1000:.0f} ms of processor and "
        f"{slices / COUNT:.1f} slices an operation"
    )
    return made, story


def share(stage: Stage, claims: Claims, workers: tuple[int, int], instance_ids: list[str]) -> str:
    """Terminate some with both workers; the others stay."""
    doomed = {
        item["id"]
        for one in instance_ids
        for item in stage.instance(one).resources
        if item["kind"] == "SERVER"
    }
    before = {vm["id"] for vm in stage.world()["vms"]}
    assert len(doomed) == len(instance_ids)
    begun = claims.by_process(*workers)
    operations = submit(stage.terminate, instance_ids)
    wait_until(lambda: active(stage) == 0, "all ended")

    assert told(stage, operations) == {("STARTING", "PROCESSING", "COMPLETED"): len(instance_ids)}
    world = stage.world()
    assert {vm["id"] for vm in world["vms"]} == before - doomed
    assert len(world["volumes"]) == COUNT - TERMINATED
    assert not any(stage.instance(one).resources for one in instance_ids)
    slices = [now - then for now, then in zip(claims.by_process(*workers), begun, strict=True)]
    shares = [count / sum(slices) for count in slices]
    assert min(shares) >= LEAST_SHARE, slices
    return f"; {TERMINATED} terminated by two: {shares[0]:.0%} and {shares[1]:.0%} of {sum(slices)} slices"
