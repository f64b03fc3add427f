"""The notifications on their way to one subscriber about one operation or identifier: a stream, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vnfm.domain.event import Event, Kind


@dataclass(frozen=True, slots=True)
class Hold:
    """A stream that is ours until its lease ends, and the event at its head.

    ``attempts`` is how often that has been tried in vain. ``fence`` guards what we write of it.
    """

    stream: str
    subscription: str
    tenant: str
    owner: str
    fence: int
    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class Parked:
    """A notification that was given up after its last try."""

    id: str
    subscription: str
    event: Event
    attempts: int
    problem: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the deliveries of one subscription stand. ``problem`` is what went wrong last with one that is
    still tried, ``oldest`` when the oldest of those parked was given up."""

    subscription: str
    waiting: int = 0
    parked: int = 0
    problem: str | None = None
    oldest: datetime | None = None


def next_delay(schedule: Sequence[float], attempts: int) -> float | None:
    """Seconds until the next try after ``attempts`` in vain; None if that was the last one.

    ``schedule`` has the pause before each try, the first one included.
    """
    return schedule[attempts] if attempts < len(schedule) else None


def to_plain(event: Event) -> dict[str, Any]:
    """An event as data that a database takes."""
    return {
        "kind": str(event.kind),
        "stream": event.stream,
        "seq": event.seq,
        "time": event.time,
        "vnf_instance_id": event.vnf_instance_id,
        "facts": dict(event.facts),
    }


def from_plain(values: Mapping[str, Any]) -> Event:
    """The event again. Its subjects are not kept: it has passed the filter."""
    return Event(
        kind=Kind(values["kind"]),
        stream=values["stream"],
        seq=values["seq"],
        time=values["time"],
        vnf_instance_id=values["vnf_instance_id"],
        facts=values["facts"],
    )
