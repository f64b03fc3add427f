"""When the next try is due, and that an event survives being stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vnfm.domain import delivery
from vnfm.domain.event import Event, Kind


@pytest.mark.parametrize(("attempts", "pause"), [(0, 0.0), (1, 5.0), (2, 300.0), (3, None), (4, None)])
def test_next_delay(attempts: int, pause: float | None) -> None:
    assert delivery.next_delay([0.0, 5.0, 300.0], attempts) == pause


def test_an_event_survives_being_stored() -> None:
    event = Event(Kind.DELETION, "i1", 1, datetime(2026, 1, 1, tzinfo=UTC), "i1", facts={"a": [1]})
    assert delivery.from_plain(delivery.to_plain(event)) == event
