"""Faults a test plants: which call of which command goes wrong, how, and how often it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vnfm.sandbox.cloudstack.refusal import Json

# what happens to the request itself, and what happens to the job it starts
REQUEST_KINDS = frozenset({"drop", "drop_before", "refuse", "stall", "html", "kill"})
JOB_KINDS = frozenset({"fail", "hold"})
FIELDS = frozenset({"kind", "command", "nth", "times", "code", "cserrorcode", "text", "seconds"})


@dataclass
class Fault:
    """`nth` counts from the moment the fault was planted; it fires `times` times in a row from there."""

    id: int
    kind: str
    command: str = "*"
    nth: int = 1
    times: int = 1
    code: int = 530
    cserrorcode: int = 9999
    text: str = "planted fault"
    seconds: float = 0.0
    seen: int = 0
    fired: int = 0

    def due(self, command: str) -> bool:
        if self.command not in ("*", command):
            return False
        self.seen += 1
        if not self.nth <= self.seen < self.nth + self.times:
            return False
        self.fired += 1
        return True


@dataclass
class Faults:
    planted: list[Fault] = field(default_factory=list)
    last: int = 0

    def plant(self, facts: Mapping[str, str | int | float]) -> Fault:
        """Plant one fault; an unknown kind or field is a KeyError, so that a typo in a test shows."""
        if facts["kind"] not in REQUEST_KINDS | JOB_KINDS:
            raise KeyError(facts["kind"])
        for name in facts.keys() - FIELDS:
            raise KeyError(name)
        self.last += 1
        fault = Fault(
            id=self.last,
            kind=str(facts["kind"]),
            command=str(facts.get("command", "*")),
            nth=int(facts.get("nth", 1)),
            times=int(facts.get("times", 1)),
            code=int(facts.get("code", 530)),
            cserrorcode=int(facts.get("cserrorcode", 9999)),
            text=str(facts.get("text", "planted fault")),
            seconds=float(facts.get("seconds", 0)),
        )
        self.planted.append(fault)
        return fault

    def request(self, command: str) -> list[Fault]:
        """The faults this call meets; every fault counts the call, so none hides another."""
        return [fault for fault in self.planted if fault.kind in REQUEST_KINDS and fault.due(command)]

    def job(self, command: str) -> Fault | None:
        due = [fault for fault in self.planted if fault.kind in JOB_KINDS and fault.due(command)]
        return due[0] if due else None

    def clear(self) -> None:
        self.planted.clear()

    def show(self) -> list[Json]:
        return [dict(vars(fault)) for fault in self.planted]
