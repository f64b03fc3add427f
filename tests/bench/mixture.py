"""A thousand operations of nine kinds in the air at once, on one worker: all end, and memory hardly grows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.bench import flight
from tests.bench.processes import running_worker
from tests.stage import LOAD_BALANCER, LOAD_BALANCER_NEXT, NFVO, WEB_TIER, Stage
from vnfm.domain.operation import OperationType
from vnfm.services import instances, snapshots
from vnfm.store.client import connect

Body = Callable[[Stage], Mapping[str, Any]]


def _snapshot(stage: Stage) -> Mapping[str, Any]:
    name = snapshots.create(stage.deps, NFVO, {}).id
    return {"vnfSnapshotInfoId": name, "additionalParams": {"mode": "memory"}}


def _elsewhere(stage: Stage) -> Mapping[str, Any]:
    link = stage.request(LOAD_BALANCER)["extVirtualLinks"][0]
    return {"extVirtualLinks": [{**link, "id": "vl-elsewhere", "resourceId": stage.networks["spare"]}]}


#: Operation → sample, and what is asked of each instance of it.
KINDS: Mapping[str, tuple[str, Body]] = {
    "INSTANTIATE": (LOAD_BALANCER, flight.request),
    "TERMINATE": (LOAD_BALANCER, lambda stage: {"terminationType": "FORCEFUL"}),
    "OPERATE": (LOAD_BALANCER, lambda stage: {"changeStateTo": "STOPPED"}),
    "HEAL": (LOAD_BALANCER, lambda stage: {"additionalParams": {"action": "reboot"}}),
    "CREATE_SNAPSHOT": (LOAD_BALANCER, _snapshot),
    "CHANGE_VNFPKG": (LOAD_BALANCER, lambda stage: {"vnfdId": LOAD_BALANCER_NEXT}),
    "CHANGE_EXT_CONN": (LOAD_BALANCER, _elsewhere),
    "SCALE": (WEB_TIER, lambda stage: {"type": "SCALE_OUT", "aspectId": "worker_aspect"}),
    "CHANGE_FLAVOUR": (WEB_TIER, lambda stage: {"newFlavourId": "premium"}),
}


@dataclass(slots=True)
class Mixture:
    """What was seen. Memory of the worker in MiB: when the VNFs stood, and at most from then on."""

    most: int = 0
    before: float = 0.0
    peak: float = 0.0
    rise: float = 0.0
    landing: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def growth(self) -> float:
        """Of memory, as a share."""
        return self.peak / self.before - 1


def network(stage: Stage, name: str) -> str:
    """The id of a network of the demo world, which has room for thousands."""
    return next(str(one["id"]) for one in stage.world()["networks"] if one["name"] == name)


def mix(stage: Stage, logs: Path, count: int) -> Mixture:
    """Have so many VNFs stand, begin an operation on each, hold all in the air, then let the cloud go on."""
    seen = Mixture()
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    operations = db["operations"]
    plan = [name for name, _ in zip(_turns(), range(count), strict=False)]
    with running_worker(stage.settings, logs) as process:
        worker = psutil.Process(process.pid)

        def look(query: Mapping[str, Any]) -> int:
            seen.peak = max(seen.peak, worker.memory_info().rss / 2**20)
            return operations.count_documents(query)

        stage.door("settings", {"sandbox.job.seconds": 0})
        made = [_stand(stage, name) for name in plan]
        flight.until(lambda: look({"active": True}) == 0)
        seen.before, seen.peak = worker.memory_info().rss / 2**20, 0.0

        stage.door("settings", {"sandbox.job.seconds": flight.HELD})
        begun = time.monotonic()
        ids = [_begin(stage, name, one) for name, one in zip(plan, made, strict=True)]
        mine = {"_id": {"$in": ids}}
        flight.until(lambda: look({**mine, "runnable": True, "steps.state": "WATCHING"}) == count)
        seen.rise, seen.most = time.monotonic() - begun, pending(stage)

        begun = time.monotonic()

        def go_on() -> bool:
            stage.door("release", {})
            return look({**mine, "active": True}) == 0

        flight.until(go_on)
        seen.landing = time.monotonic() - begun
    seen.ended = Counter(
        f"{one['type']} {one['state']}" for one in operations.find(mine, {"type": 1, "state": 1})
    )
    db.client.close()
    return seen


def _turns() -> Any:
    while True:
        yield from KINDS


def _stand(stage: Stage, name: str) -> str:
    """An instance for an operation; instantiated, unless that is the operation."""
    vnfd, _ = KINDS[name]
    made = instances.create(stage.deps, NFVO, {"vnfdId": vnfd}).id
    if name != "INSTANTIATE":
        body = stage.request(vnfd)
        body["extVirtualLinks"][0]["resourceId"] = network(stage, "demo-mgmt")
        stage.begin(made, OperationType.INSTANTIATE, body)
    return made


def _begin(stage: Stage, name: str, instance_id: str) -> str:
    _, body = KINDS[name]
    return stage.begin(instance_id, OperationType(name), body(stage))


def pending(stage: Stage) -> int:
    """Jobs of the cloud that are under way, by its own count."""
    return sum(job["status"] == 0 for job in stage.world()["jobs"])


def lines(seen: Mixture, count: int) -> Sequence[tuple[str, str, bool]]:
    """What is to be told: text, bar, whether it is met."""
    ended = {what: number for what, number in seen.ended.items() if what.endswith(" COMPLETED")}
    whole = sum(ended.values()) == count
    return [
        (f"{seen.most} jobs in the air after {seen.rise:.1f} s, {seen.landing:.1f} s to land", "", True),
        (f"{len(ended)} kinds, {sum(ended.values())} COMPLETED", "all COMPLETED", whole),
        (
            f"{seen.before:.0f} MiB before, {seen.peak:.0f} MiB at most, growth {seen.growth:.0%}",
            "growth < 20 %",
            seen.growth < 0.2,
        ),
    ]
