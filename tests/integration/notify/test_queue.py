"""Streams in a real MongoDB: what is queued twice is there once, the order is kept, a lost lease stops."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vnfm.domain.event import Event, Kind
from vnfm.domain.subscription import Subscription
from vnfm.store.client import Db
from vnfm.store.notifications import Notifications

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SUBSCRIPTION = Subscription("s1", "t", "nfvo", "sol003/vnflcm/v2", "http://nfvo.example/n")
LEASE = 30.0


def event(seq: int, stream: str = "op1") -> Event:
    # A $ in a value must stay a value.
    facts = {"operation": "INSTANTIATE", "state": "STARTING", "automatic": False, "note": "$queue"}
    return Event(Kind.OCCURRENCE, stream, seq, NOW, "i1", facts=facts)


@pytest.fixture
def notifications(db: Db) -> Notifications:
    store = Notifications(db)
    store.ensure_indexes()
    return store


def drain(store: Notifications) -> list[int]:
    told = []
    hold = store.claim("s1", "relay", LEASE)
    while hold:
        told.append(hold.event.seq)
        hold = store.advance(hold, LEASE) or store.claim("s1", "relay", LEASE)
    return told


def test_what_is_queued_twice_is_sent_once_and_in_order(notifications: Notifications) -> None:
    events = [event(0), event(1), event(2)]
    notifications.queue([(SUBSCRIPTION, events[:2])])
    notifications.queue([(SUBSCRIPTION, events)])
    assert drain(notifications) == [0, 1, 2]
    notifications.queue([(SUBSCRIPTION, events)])
    assert notifications.due_subscriptions() == []
    assert drain(notifications) == []


def test_the_event_comes_back_as_it_was(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0)])])
    hold = notifications.claim("s1", "relay", LEASE)
    assert hold is not None
    assert hold.event == event(0)


def test_a_claimed_stream_is_nobody_elses_and_others_go_on(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0)]), (SUBSCRIPTION, [event(0, "op2")])])
    first = notifications.claim("s1", "one", LEASE)
    second = notifications.claim("s1", "two", LEASE)
    assert first
    assert second
    assert {first.event.stream, second.event.stream} == {"op1", "op2"}
    assert notifications.claim("s1", "three", LEASE) is None


def test_who_has_lost_the_lease_changes_nothing(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0), event(1)])])
    late = notifications.claim("s1", "late", 0.0)
    heir = notifications.claim("s1", "heir", LEASE)
    assert late
    assert heir
    assert notifications.advance(late, LEASE) is None
    assert notifications.park(late, "x", LEASE) is None
    notifications.postpone(late, "x", 0.0)
    again = notifications.advance(heir, LEASE)
    assert again is not None
    assert (again.event.seq, again.attempts) == (1, 0)


def test_a_postponed_head_holds_up_what_follows(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0), event(1)])])
    hold = notifications.claim("s1", "relay", LEASE)
    assert hold
    notifications.postpone(hold, "answered 500", 60.0)
    assert notifications.claim("s1", "relay", LEASE) is None
    notifications.queue([(SUBSCRIPTION, [event(2)])])
    assert notifications.due_subscriptions() == [], "a new event does not make the head due"
    assert notifications.backlogs("t", ["s1"])["s1"].waiting == 3


def test_parked_is_kept_and_replayed_behind_what_is_being_sent(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0), event(1)])])
    hold = notifications.claim("s1", "relay", LEASE)
    assert hold
    following = notifications.park(hold, "answered 500", LEASE)
    assert following
    assert following.event.seq == 1
    [parked] = notifications.parked("t", ["s1"])
    assert (parked.event.seq, parked.attempts, parked.problem) == (0, 1, "answered 500")
    assert notifications.parked("other", ["s1"]) == []
    assert notifications.replay("other", "s1") == 0
    assert notifications.replay("t", "s1", frozenset({"unknown"})) == 0
    assert notifications.replay("t", "s1", frozenset({parked.event.id})) == 1
    assert notifications.parked("t", ["s1"]) == []
    following = notifications.advance(following, LEASE)
    assert following
    assert following.event == event(0)
    assert notifications.advance(following, LEASE) is None
    assert notifications.backlogs("t", ["s1"]) == {}


def test_what_is_replayed_is_due_at_once_and_before_what_follows_it(notifications: Notifications) -> None:
    notifications.queue([(SUBSCRIPTION, [event(seq) for seq in range(4)])])
    hold = notifications.claim("s1", "relay", LEASE)
    assert hold
    hold = notifications.park(hold, "answered 500", LEASE)
    assert hold
    hold = notifications.park(hold, "answered 500", LEASE)
    assert hold
    notifications.postpone(hold, "answered 500", 3600.0)
    assert notifications.replay("t", "s1") == 2
    backlog = notifications.backlogs("t", ["s1"])["s1"]
    assert (backlog.waiting, backlog.parked, backlog.problem) == (4, 0, None)
    first = notifications.claim("s1", "relay", 0.0)
    assert first
    assert first.attempts == 0
    assert drain(notifications) == [0, 1, 2, 3]


def test_what_is_parked_is_never_removed_by_age(notifications: Notifications, db: Db) -> None:
    notifications.queue([(SUBSCRIPTION, [event(0)])])
    hold = notifications.claim("s1", "relay", LEASE)
    assert hold
    assert notifications.park(hold, "x", LEASE) is None
    kept = db["notifications"].find_one()
    assert kept
    assert kept["ended"] is None
    notifications.queue(
        [(SUBSCRIPTION, [event(0)])]
    )  # as another relay does, or one that died before it said so
    kept = db["notifications"].find_one()
    assert kept
    assert kept["ended"] is None
    notifications.replay("t", "s1")
    assert drain(notifications) == [0]
    kept = db["notifications"].find_one()
    assert kept
    assert kept["ended"] is not None


def test_what_is_at_rest_costs_no_look(notifications: Notifications, db: Db) -> None:
    """Both questions of an idle relay are answered from an index of what is due."""
    at_rest = [{"_id": f"s/{n}", "subscription": "s", "due": None} for n in range(500)]
    db["notifications"].insert_many(at_rest)
    notifications.queue([(SUBSCRIPTION, [event(0)])])
    db.command("profile", 2)
    assert notifications.due_subscriptions() == ["s1"]
    assert notifications.claim("s1", "relay", LEASE) is not None
    db.command("profile", 0)
    seen = list(db["system.profile"].find({"ns": f"{db.name}.notifications"}))
    assert len(seen) == 2
    for one in seen:
        assert one["planSummary"].startswith("IXSCAN"), one["planSummary"]
        assert one["docsExamined"] + one["keysExamined"] < 10
