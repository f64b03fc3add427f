"""Operations in the air: how long one takes beyond what the cloud takes, and how many one worker carries."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.bench.claims import Claims
from tests.bench.processes import running_worker
from tests.stage import LOAD_BALANCER, NFVO, Stage
from vnfm.services import instances
from vnfm.store.client import connect

#: A deploy takes so long by itself; long enough for all to be in the air, who are then let down together.
HELD = 3600.0
PATIENCE = 300.0


def request(stage: Stage) -> dict[str, Any]:
    """An InstantiateVnfRequest for a load balancer in a network that has room for thousands."""
    network = next(n["id"] for n in stage.world()["networks"] if n["name"] == "demo-mgmt")
    body = stage.request(LOAD_BALANCER)
    body["extVirtualLinks"][0]["resourceId"] = network
    return body


def beyond_the_cloud(stage: Stage, client: httpx.Client, job_seconds: float, times: int) -> list[float]:
    """Seconds from the 202 to the first GET that shows COMPLETED, less the deploy's own; one by one."""
    stage.door("settings", {"sandbox.job.seconds": job_seconds})
    body, found = request(stage), []
    for _ in range(times):
        made = client.post("/vnflcm/v2/vnf_instances", json={"vnfdId": LOAD_BALANCER}).raise_for_status()
        task = made.json()["_links"]["instantiate"]["href"]
        occurrence = client.post(task, json=body).raise_for_status().headers["location"]
        begun = time.monotonic()
        while (state := client.get(occurrence).json()["operationState"]) not in {"COMPLETED", "FAILED_TEMP"}:
            time.sleep(0.01)
        assert state == "COMPLETED", client.get(occurrence).text
        found.append(time.monotonic() - begun - job_seconds)
    return sorted(found)


@dataclass(slots=True)
class Flight:
    """What was seen of so many instantiations at once."""

    wanted: int
    most: int = 0
    rise: float = 0.0
    memory: float = 0.0
    #: Processor time of the worker: share of a core while all wait, seconds per operation in all.
    idle_load: float = 0.0
    cost: float = 0.0
    landing: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    servers: int = 0
    shares: Sequence[int] = ()


def fly(stage: Stage, logs: Path, count: int, *, helpers: int = 0) -> Flight:
    """Instantiate ``count`` load balancers, hold them all in the air, let them down.

    ``helpers`` workers join when all are in the air and take part in the landing.
    """
    flight = Flight(count)
    before = len(stage.world()["vms"])
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    operations = db["operations"]
    stage.door("settings", {"sandbox.job.seconds": HELD})
    body = request(stage)
    made = [instances.create(stage.deps, NFVO, {"vnfdId": LOAD_BALANCER}).id for _ in range(count)]
    chosen = {"vnf_instance_id": {"$in": made}}
    flying = {
        **chosen,
        "runnable": True,
        "steps": {"$elemMatch": {"name": "deploy_vnfc", "state": "WATCHING"}},
    }
    with ExitStack() as stack:
        claims = stack.enter_context(Claims(stage.settings.mongo_uri, stage.settings.mongo_database))
        first = stack.enter_context(running_worker(stage.settings, logs))
        worker = psutil.Process(first.pid)

        def look(query: dict[str, Any]) -> int:
            flight.memory = max(flight.memory, worker.memory_info().rss / 2**20)
            return operations.count_documents(query)

        begun = time.monotonic()
        for instance_id in made:
            stage.instantiate(instance_id, **body)
        until(lambda: look(flying) == count)
        flight.rise = time.monotonic() - begun
        flight.most = pending_deploys(stage)

        before_idling, since = spent(worker), time.monotonic()
        time.sleep(5)
        flight.idle_load = (spent(worker) - before_idling) / (time.monotonic() - since)

        workers = [
            first,
            *(stack.enter_context(running_worker(stage.settings, logs)) for _ in range(helpers)),
        ]
        if helpers:
            time.sleep(2)  # they start; before that there is nothing to share
        already = claims.by_process(*(process.pid for process in workers))
        begun = time.monotonic()
        stage.door("release", {})
        until(lambda: look({**chosen, "active": True}) == 0)
        flight.landing = time.monotonic() - begun
        flight.cost = spent(worker) / count
        now = claims.by_process(*(process.pid for process in workers))
        flight.shares = [end - start for start, end in zip(already, now, strict=True)]
    flight.ended = Counter(found["state"] for found in operations.find(chosen, {"state": 1}))
    flight.servers = len(stage.world()["vms"]) - before
    db.client.close()
    return flight


def pending_deploys(stage: Stage) -> int:
    """How many deploys are under way, by the cloud's own count."""
    jobs = stage.world()["jobs"]
    return sum(job["status"] == 0 and job["command"].startswith("DeployVM") for job in jobs)


def spent(worker: psutil.Process) -> float:
    """Processor time of a process so far, in seconds."""
    times = worker.cpu_times()
    return times.user + times.system


def until(true: Callable[[], bool]) -> None:
    """Wait for it; ``TimeoutError`` if it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not reached within {PATIENCE:g} s")
        time.sleep(0.2)
