"""Reads outboxes and queues each event for every subscription that wants it. Doing it twice is harmless."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from vnfm.domain.event import Event, Untold
from vnfm.domain.subscription import Subscription
from vnfm.engine.faultpoints import FaultPoints
from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.wire import notification

log = logging.getLogger(__name__)

#: Documents looked at in one go.
BATCH = 100
_LONGEST_PROBLEM = 400


class OutboxStore(Protocol):
    """One collection with outboxes."""

    def untold(self, limit: int) -> Sequence[Untold]:
        """Documents with events that are not queued yet."""
        ...

    def mark_told(self, told: Sequence[Untold]) -> None:
        """All events that were read are queued."""
        ...

    def set_aside(self, source: str, problem: str) -> None:
        """The events of this document cannot be told."""
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


class Fanout:
    """From outboxes to the queue, for those who subscribed."""

    def __init__(self, subscribers: Subscribers, queue: Queue, faults: FaultPoints) -> None:
        self._subscribers = subscribers
        self._queue = queue
        self._faults = faults

    def run(self, outbox: OutboxStore) -> int:
        """Queue one batch; how many documents it had. One whose events cannot be told is set aside, with the
        cause, so that it holds up no other."""
        batch = outbox.untold(BATCH)
        if batch:
            self._tell(outbox, batch)
        return len(batch)

    def _tell(self, outbox: OutboxStore, batch: Sequence[Untold]) -> None:
        try:
            self._pass_on(outbox, batch)
        except Temporary:
            raise
        except Exception as exc:
            if len(batch) > 1:  # which of them is it?
                for one in batch:
                    self._tell(outbox, [one])
                return
            problem = exc.detail if isinstance(exc, VnfmError) else f"{type(exc).__name__}: {exc}"
            outbox.set_aside(batch[0].source, problem[:_LONGEST_PROBLEM])
            facts = {"source": batch[0].source, "alarm": True}
            log.exception("events set aside, which cannot be told", extra=facts)

    def _pass_on(self, outbox: OutboxStore, batch: Sequence[Untold]) -> None:
        """Subscriptions are read after the events: one that was there before an event happened is always
        seen."""
        for one in batch:
            if one.problem is not None:
                raise Permanent(one.problem)
        by_tenant = self._subscribers.of_tenants({one.tenant for one in batch})
        self._faults.reach("fanout/before-queue")
        self._queue.queue(list(_wanted(batch, by_tenant)))
        self._faults.reach("fanout/after-queue")
        outbox.mark_told(batch)
        self._faults.reach("fanout/after-told")


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
