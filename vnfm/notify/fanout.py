"""Reads outboxes and queues each event for every subscription that wants it. Doing it twice is harmless."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from vnfm.domain.event import Event, Untold
from vnfm.domain.subscription import Subscription
from vnfm.engine.faultpoints import FaultPoints
from vnfm.wire import notification

#: Documents looked at in one go.
BATCH = 100


class OutboxStore(Protocol):
    """One collection with outboxes."""

    def untold(self, limit: int) -> Sequence[Untold]:
        """Documents with events that are not queued yet."""
        ...

    def mark_told(self, told: Sequence[Untold]) -> None:
        """All events that were read are queued."""
        ...


class Subscribers(Protocol):
    """Who wants to be told."""

    def of_tenants(self, tenants: Collection[str]) -> Mapping[str, Sequence[Subscription]]:
        """All subscriptions of these tenants, by tenant."""
        ...


class Queue(Protocol):
    """Where events wait for their delivery."""

    def queue(self, wanted: Sequence[tuple[Subscription, Sequence[Event]]]) -> None:
        """Add what is not there yet."""
        ...


def fan_out(outbox: OutboxStore, subscribers: Subscribers, queue: Queue, faults: FaultPoints) -> int:
    """Queue one batch; how many documents it had.

    Subscriptions are read after the events: one that was there before an event happened is always seen.
    """
    batch = outbox.untold(BATCH)
    if not batch:
        return 0
    by_tenant = subscribers.of_tenants({one.tenant for one in batch})
    faults.reach("fanout/before-queue")
    queue.queue(list(_wanted(batch, by_tenant)))
    faults.reach("fanout/after-queue")
    outbox.mark_told(batch)
    faults.reach("fanout/after-told")
    return len(batch)


def _wanted(
    batch: Sequence[Untold], by_tenant: Mapping[str, Sequence[Subscription]]
) -> Iterator[tuple[Subscription, Sequence[Event]]]:
    def wants(event: Event, subscription: Subscription) -> bool:
        return subscription.wants(event) and notification.is_known(event, subscription)

    for one in batch:
        for subscription in by_tenant[one.tenant]:
            events = [event for event in one.events if wants(event, subscription)]
            if events:
                yield subscription, events
