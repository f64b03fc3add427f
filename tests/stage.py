"""A stage for whole operations: real mongod, CloudStack and NFVO emulators, real worker processes.

The API is not needed here: operations are accepted by the same services that it calls. Workers are forked
from a warm process, so that killing and starting one costs milliseconds.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from vnfm import bootstrap
from vnfm.domain.instance import Instance
from vnfm.domain.operation import RUNNABLE, Operation, OperationType
from vnfm.domain.principal import Principal
from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.seed import DEMO, RECORDED, read
from vnfm.sandbox.cloudstack.serve import Background
from vnfm.sandbox.nfvo.app import Nfvo
from vnfm.sandbox.nfvo.grants import Policy
from vnfm.sandbox.nfvo.server import CLIENT_ID, Running, load_samples, read_vnfd, running_nfvo
from vnfm.services import instances, lcm
from vnfm.services.deps import Deps
from vnfm.settings import Settings
from vnfm.store.client import connect

NFVO = Principal("nfvo", "tenant-1", frozenset({"nfvo"}))
FIREWALL = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1003"
WEB_TIER = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1004"
LOAD_BALANCER = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1001"
#: Two gateways that share a virtual IP outside and one inside.
VRRP = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1005"
FIREWALL_NEXT = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1013"
#: The next version of its package.
LOAD_BALANCER_NEXT = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1011"
NETWORKS = ("outside", "inside", "mgmt", "dmz", "spare")
IMAGE = "CentOS 5.6 (64-bit) no GUI (Simulator)"
KEYS = {user: (f"sandbox-{user}-key", f"sandbox-{user}-secret") for user in ("admin", "alice")}


def seed(user: str) -> dict[str, Any]:
    """The demo world with three networks of ``user``, who may expunge."""
    return {
        "settings": {"allow.user.expunge.recover.vm": "true"},
        "networks": [
            {"name": name, "account": user, "offering": "DefaultIsolatedNetworkOfferingWithSourceNatService"}
            for name in NETWORKS
        ],
    }


@dataclass
class Worker:
    """A forked worker process."""

    pid: int
    pool: WorkerPool

    def wait(self, seconds: float) -> int | None:
        """Its exit status (negative: the signal that killed it), or None if it still runs."""
        return self.pool.ask({"wait": self.pid, "seconds": seconds})

    def stop(self) -> None:
        """End it and wait."""
        self.pool.ask({"stop": self.pid})


class WorkerPool:
    """Talks to ``tests.zygote``, which forks workers."""

    def __init__(self, stderr: IO[str] | None = None) -> None:
        """``stderr`` is where the workers' log goes; by default, ours."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def ask(self, question: Mapping[str, Any]) -> Any:
        """One question, one answer."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(question, default=sorted) + "\n")  # sets too
        self._child.stdin.flush()
        return json.loads(self._child.stdout.readline())

    def start(self, settings: Settings, kind: str = "worker") -> Worker:
        """Fork a worker, or a relay, with these settings."""
        values = dataclasses.asdict(settings)
        return Worker(self.ask({"kind": kind, "start": values}), self)

    @contextmanager
    def running(self, settings: Settings, kind: str = "worker") -> Iterator[Worker]:
        """A worker, or a relay, for as long as the block lasts."""
        worker = self.start(settings, kind)
        try:
            yield worker
        finally:
            worker.stop()

    def close(self) -> None:
        """End the zygote and whatever workers it still has."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(10)
        self._child.stdout.close()


@dataclass
class Stage:
    """Everything one test plays on."""

    settings: Settings
    deps: Deps
    nfvo: Running
    cloud: Background
    user: str
    control: httpx.Client
    networks: Mapping[str, str]
    #: Ids of what there was before the test began, by kind.
    begun: dict[str, set[str]] = field(default_factory=dict)

    def world(self) -> dict[str, Any]:
        """The emulator's own witness of every object in every state."""
        answer = self.control.get(f"{self.cloud.control_url}/world")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def door(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST to the emulator's control door."""
        answer = self.control.post(f"{self.cloud.control_url}/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def calm(self) -> None:
        """Take all planted faults away."""
        self.control.delete(f"{self.cloud.control_url}/faults").raise_for_status()

    def faults_fired(self) -> int:
        """How often planted faults fired in all."""
        answer = self.control.get(f"{self.cloud.control_url}/faults").json()
        rows = answer["faults"] if isinstance(answer, dict) else answer
        return sum(row["fired"] for row in rows)

    def ours(self, world: Mapping[str, Any]) -> dict[str, list[str]]:
        """Names of what is not part of the world's beginning, by kind; expunged things do not count."""
        return {
            "vms": [vm["name"] for vm in world["vms"]],
            "networks": [n["name"] for n in world["networks"] if n["id"] not in self.begun["networks"]],
            "volumes": [v["name"] for v in world["volumes"]],
            "affinitygroups": [g["name"] for g in world["affinitygroups"]],
            "securitygroups": [g["name"] for g in world["securitygroups"] if g["name"] != "default"],
        }

    def left_of(self, name: str) -> dict[str, list[str]]:
        """What has a name that begins so, snapshots of disks too; no kind of which there is nothing."""
        world = self.world()
        there = {**self.ours(world), "snapshots": [snapshot["name"] for snapshot in world["snapshots"]]}
        left = {kind: [one for one in names if one.startswith(name)] for kind, names in there.items()}
        return {kind: names for kind, names in left.items() if names}

    def remember(self) -> None:
        """Take down what there is before the test begins."""
        self.begun = {"networks": {n["id"] for n in self.world()["networks"]}}

    def create(self, vnfd_id: str, name: str = "t") -> Instance:
        """A new instance."""
        return instances.create(self.deps, NFVO, {"vnfdId": vnfd_id, "vnfInstanceName": name})

    def instantiate(self, instance_id: str, **changes: Any) -> str:
        """Accept an INSTANTIATE of the firewall or load balancer; the operation's id."""
        body = {**self.request(self.instance(instance_id).vnfd_id), **changes}
        return self.begin(instance_id, OperationType.INSTANTIATE, body)

    def terminate(self, instance_id: str, **changes: Any) -> str:
        """Accept a forceful TERMINATE; the operation's id."""
        body = {"terminationType": "FORCEFUL", **changes}
        return self.begin(instance_id, OperationType.TERMINATE, body)

    def begin(self, instance_id: str, kind: OperationType, body: Mapping[str, Any]) -> str:
        """Accept any operation; its id."""
        return lcm.start(self.deps, NFVO, instance_id, kind, body, "test").id

    def request(self, vnfd_id: str) -> dict[str, Any]:
        """An InstantiateVnfRequest for a sample."""
        links: dict[str, dict[str, list[str]]] = {
            FIREWALL: {"outside": ["fw_outside"], "inside": ["fw_inside"], "mgmt": ["fw_mgmt"]},
            LOAD_BALANCER: {"mgmt": ["lb_ext"]},
            LOAD_BALANCER_NEXT: {"mgmt": ["lb_ext"]},
            WEB_TIER: {"outside": ["web_ext"]},
            VRRP: {"outside": ["gw_out", "vip_out"]},
        }
        flavours = {FIREWALL: "pair", WEB_TIER: "basic", VRRP: "pair"}
        return {
            "flavourId": flavours.get(vnfd_id, "simple"),
            "extVirtualLinks": [
                {
                    "id": f"vl-{name}",
                    "resourceId": self.networks[name],
                    "extCps": [{"cpdId": cpd, "cpConfig": {}} for cpd in cpds],
                }
                for name, cpds in links[vnfd_id].items()
            ],
        }

    def instance(self, instance_id: str) -> Instance:
        """The instance as stored."""
        return instances.get(self.deps, NFVO, instance_id)

    def operation(self, operation_id: str) -> Operation:
        """The operation as stored."""
        found = self.deps.operations.get(NFVO.tenant, operation_id)
        assert found is not None
        return found

    def end_lease(self, operation_id: str) -> None:
        """The lease of a worker that died ends now, and not when its time has come."""
        db = connect(self.settings.mongo_uri, self.settings.mongo_database)
        held = {"_id": operation_id, "owner": {"$ne": None}}
        found = db["operations"].update_one(held, [{"$set": {"due": "$$NOW"}}])
        db.client.close()
        assert found.matched_count == 1, "no worker held it"

    def settle(self, operation_id: str, seconds: float = 30) -> Operation:
        """Wait until no worker has anything to do for the operation."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.operation(operation_id)
            if found.state not in RUNNABLE:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not at rest after {seconds} s:\n{journal(found)}")


@contextmanager
def open_stage(mongo_uri: str, user: str = "alice", **changes: Any) -> Iterator[Stage]:
    """A stage with an empty database and a fresh world; ``changes`` are settings."""
    key, secret = KEYS[user]
    database = f"stage_{uuid.uuid4().hex[:10]}"
    nfvo = Nfvo({CLIENT_ID: "nfvo-secret"}, read_vnfd)
    load_samples(nfvo)
    worlds = [read(RECORDED), read(DEMO), seed(user)]
    with (
        Background(Cloud(worlds, job_seconds=0.05)) as cloud,
        running_nfvo(nfvo) as running,
        # No connection is kept: the emulator closes idle ones, perhaps just when the next call is made.
        httpx.Client(limits=httpx.Limits(max_keepalive_connections=0)) as http,
    ):
        settings = Settings(
            **{
                "mongo_uri": mongo_uri,
                "mongo_database": database,
                "external_url": "http://127.0.0.1:1",
                "nfvo_url": running.url,
                "nfvo_token_url": running.token_url,
                "nfvo_client_id": CLIENT_ID,
                "nfvo_client_secret": "nfvo-secret",
                "allow_loopback": True,
                "lease": 0.6,
                "idle_pause": 0.02,
                "poll_pause": 0.05,
                "step_patience": 8.0,
                "log_level": "ERROR",
                **changes,
            }
        )
        nfvo.grants.policy = Policy(
            vim_connection_info={
                "cloud": {
                    "vimType": "CLOUDSTACK",
                    "interfaceInfo": {"endpoint": cloud.url},
                    "accessInfo": {"apiKey": key, "secretKey": secret},
                }
            },
            images={"*": _template(http, cloud)},
        )
        world = http.get(f"{cloud.control_url}/world").json()
        networks = {n["name"]: n["id"] for n in world["networks"] if n["name"] in NETWORKS}
        stage = Stage(settings, bootstrap.make_deps(settings), running, cloud, user, http, networks)
        stage.remember()
        try:
            yield stage
        finally:
            stage.deps.close()
            db = connect(mongo_uri, database)
            db.client.drop_database(database)
            db.client.close()


def _template(http: httpx.Client, cloud: Background) -> str:
    templates = http.get(f"{cloud.control_url}/world").json()["templates"]
    return next(t["id"] for t in templates if t["name"] == IMAGE)


def mark_file(directory: Path) -> Path:
    """Where a fault point leaves its mark."""
    return directory / f"mark-{uuid.uuid4().hex[:8]}"


def faulty(stage: Stage, pattern: str, mark: Path) -> Settings:
    """Settings of a worker with a fault point. It never loses its lease, however busy the machine is: else it
    would find itself in doubt, and might go another way round the point."""
    return dataclasses.replace(stage.settings, lease=60.0, fault_point=pattern, fault_mark=str(mark))


def die_at(stage: Stage, pool: WorkerPool, pattern: str, mark: Path, begin: Callable[[], str]) -> str:
    """Begin an operation and have a worker die at a fault point of it; the operation's id."""
    worker = pool.start(faulty(stage, pattern, mark))
    operation_id = begin()
    if worker.wait(60) != -signal.SIGKILL:
        raise AssertionError(f"the fault at {pattern} did not fire\n{journal(stage.operation(operation_id))}")
    stage.end_lease(operation_id)
    return operation_id


def journal(operation: Operation | None) -> str:
    """Both tracks, a line per entry."""
    if operation is None:
        return ""
    head = f"    {operation.type} {operation.state} {operation.error}\n"
    return head + "\n".join(
        f"    {kind} {e.key} {e.state} due {e.due} {dict(e.memo)} {e.result.get('id', '')} {e.error}"
        for kind, track in (("do", operation.steps), ("undo", operation.undo))
        for e in track
    )


def run_under(
    stage: Stage, pool: WorkerPool, pattern: str, mark: Path, begin: Callable[[], str]
) -> Operation:
    """Carry an operation out with a worker that dies at ``pattern``, then with one that does not."""
    operation_id = die_at(stage, pool, pattern, mark, begin)
    with pool.running(stage.settings):
        return stage.settle(operation_id)
