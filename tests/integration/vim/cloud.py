"""What the tests of this folder share: the emulator, its control door, and a VIM for each kind of caller."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from vnfm.outbound import Destinations, Outbound
from vnfm.vim.cloudstack import CloudStackVim, connect
from vnfm.vim.port import (
    ComputeNeed,
    Finished,
    Kind,
    NetworkSpec,
    NicSpec,
    Outcome,
    Resource,
    Scope,
    ServerSpec,
    Started,
    VimConnection,
)

TEMPLATE = "CentOS 5.6 (64-bit) no GUI (Simulator)"
MIB = 1024**2
PATIENCE = 20.0


@dataclass
class Caller:
    """One of the users of the emulated cloud, in one scope."""

    user: str
    scope: Scope

    def __str__(self) -> str:
        return f"{self.user}{'-in-project' if self.scope.project else ''}"


ADMIN = Caller("admin", Scope(zone="Sandbox-simulator"))
USER = Caller("alice", Scope(zone="Sandbox-simulator"))
MEMBER = Caller("alice", Scope(zone="Sandbox-simulator", project="demo-project"))
CALLERS = [ADMIN, USER, MEMBER]


@dataclass
class Cloud:
    """The emulator from outside: the client API through our adapter, and the control door."""

    url: str
    door: str
    outbound: Outbound = field(default_factory=lambda: Outbound(Destinations(loopback=True)))

    def ask(self, name: str) -> Any:
        return httpx.get(f"{self.door}/{name}").raise_for_status().json()

    def tell(self, name: str, **facts: Any) -> Any:
        return httpx.post(f"{self.door}/{name}", json=facts).raise_for_status().json()

    def settle(self, **settings: Any) -> None:
        self.tell("settings", **{name.replace("_", "."): value for name, value in settings.items()})

    def fired(self) -> int:
        return sum(fault["fired"] for fault in self.ask("faults")["faults"])

    def kill(self, seconds: float) -> None:
        """Kill the server; it boots ``seconds`` later. Returns when the port is closed.

        Asks by the connection it has: a new one, accepted just when the port closes, would leak in asyncio.
        """
        with httpx.Client(base_url=self.door) as client:
            client.post("restart", json={"seconds": seconds}).raise_for_status()
            for _ in range(500):
                try:
                    client.get("faults")
                except httpx.TransportError:
                    return
                time.sleep(0.005)
        raise AssertionError("the server did not go down")

    def named(self, table: str, name: str) -> list[Any]:
        """The independent witness: all rows of a name, whoever may see them."""
        return [row for row in self.ask("world")[table] if row["name"] == name]

    def vim(self, caller: Caller, **extra: Any) -> CloudStackVim:
        keys = self.ask("credentials")[caller.user]
        connection = VimConnection(
            id="emulator",
            vim_type="CLOUDSTACK",
            interface={"endpoint": self.url},
            access={"apiKey": keys["apikey"], "secretKey": keys["secret"]},
            extra=extra,
        )
        return connect(connection, caller.scope, self.outbound.line)


def finish(vim: CloudStackVim, outcome: Outcome) -> Outcome:
    """Follow a job to its end."""
    deadline = time.monotonic() + PATIENCE
    while isinstance(outcome, Started):
        assert time.monotonic() < deadline, "the job does not end"
        time.sleep(0.02)
        outcome = vim.poll(outcome.job)
    return outcome


def made(vim: CloudStackVim, outcome: Outcome) -> str:
    """Follow a job that must succeed; the id of what was made."""
    ended = finish(vim, outcome)
    assert isinstance(ended, Finished), ended
    assert ended.resource_id is not None
    return ended.resource_id


def remove(vim: CloudStackVim, kind: Kind, resource_id: str, name: str = "") -> int:
    """Repeat ``remove`` until it is proven gone; how many jobs it took."""
    for jobs in range(5):
        outcome = vim.remove(Resource(kind, resource_id, name))
        if isinstance(outcome, Finished):
            return jobs
        ended = finish(vim, outcome)
        assert isinstance(ended, Finished), ended
    raise AssertionError(f"{kind} {resource_id} does not go away")


def network(vim: CloudStackVim, name: str, layer2: bool = False) -> str:
    return made(vim, vim.create_network(NetworkSpec(name, f"net {name}", layer2, cidr="10.9.0.0/24")))


def spec(vim: CloudStackVim, nics: list[NicSpec], **changes: Any) -> ServerSpec:
    """A small server on these NICs."""
    need = ComputeNeed("vdu", 1, 512 * MIB, TEMPLATE, None)
    given = {
        "name": "vnf-a-0",
        "display_name": "vnf a/0",
        "custom_id": "11111111-0000-4000-8000-000000000001",
        "compute": vim.choose_compute(need),
        "nics": nics,
    }
    return ServerSpec(**{**given, **changes})
