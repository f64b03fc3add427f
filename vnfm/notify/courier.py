"""Takes the notifications of one subscription to its subscriber, one after the other, while there are any."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from vnfm.domain.authentication import NONE, Way
from vnfm.domain.delivery import Hold, next_delay
from vnfm.domain.subscription import Subscription, secret_name
from vnfm.engine.faultpoints import FaultPoints
from vnfm.errors import VnfmError
from vnfm.notify.callback import Callbacks, Outcome
from vnfm.notify.lanes import Lanes
from vnfm.outbound.credentials import Credentials
from vnfm.wire import notification

log = logging.getLogger(__name__)

#: Credentials, and with them the tokens, of so many subscriptions are kept.
_KEPT = 1024
#: For so many seconds one is told before other subscriptions get a chance at the thread.
_TURN = 1.0
_LONGEST_PROBLEM = 400


class Streams(Protocol):
    """Queues of notifications, one per subscription and operation (``store.notifications``)."""

    def claim(self, subscription: str, owner: str, lease: float) -> Hold | None:
        """Take the stream that has been due longest."""
        ...

    def advance(self, hold: Hold, lease: float) -> Hold | None:
        """The head is delivered; what follows, if it is still ours."""
        ...

    def postpone(self, hold: Hold, problem: str, delay: float) -> None:
        """The head was tried in vain."""
        ...

    def park(self, hold: Hold, problem: str, lease: float) -> Hold | None:
        """The head is given up; what follows."""
        ...

    def release(self, hold: Hold) -> None:
        """Leave the head to others, untried."""
        ...

    def forget(self, subscription: str) -> None:
        """Nobody is to be told any more."""
        ...


class Subscribers(Protocol):
    """Who is to be told."""

    def get(self, tenant: str, subscription_id: str) -> Subscription | None:
        """The subscription, or None if it is there no more."""
        ...


class SecretStore(Protocol):
    """The door to stored secrets."""

    def get(self, tenant: str, name: str) -> Mapping[str, Any] | None:
        """The value, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """Where links point, the pause before each try, and how long a stream is ours; seconds."""

    base_url: str
    schedule: Sequence[float]
    lease: float


class Courier:
    """Shared by all threads of a relay."""

    def __init__(
        self,
        owner: str,
        streams: Streams,
        subscribers: Subscribers,
        secrets: SecretStore,
        callbacks: Callbacks,
        lanes: Lanes,
        policy: Policy,
        faults: FaultPoints,
        now: Callable[[], datetime],
    ) -> None:
        self._owner = owner
        self._streams = streams
        self._subscribers = subscribers
        self._secrets = secrets
        self._callbacks = callbacks
        self._lanes = lanes
        self._policy = policy
        self._faults = faults
        self._now = now
        self._known: OrderedDict[str, Credentials] = OrderedDict()
        self._lock = threading.Lock()
        self.stopping = threading.Event()

    def drain(self, subscription_id: str) -> None:
        """Send what is due, in order per stream, until nothing is, the subscriber does not answer, or
        the turn is over."""
        hold = self._claim(subscription_id)
        if hold is None:
            return
        subscription = self._subscribers.get(hold.tenant, subscription_id)
        if subscription is None:
            self._streams.forget(subscription_id)
            self._lanes.forget(subscription_id)
            return
        began = self._now()
        while hold is not None:
            hold, answers = self._carry(hold, subscription)
            if not answers or (self._now() - began).total_seconds() >= _TURN:
                break
            hold = hold or self._claim(subscription_id)
        if hold is not None:
            self._streams.release(hold)

    def _claim(self, subscription_id: str) -> Hold | None:
        if self.stopping.is_set():
            return None
        return self._streams.claim(subscription_id, self._owner, self._policy.lease)

    def _carry(self, hold: Hold, subscription: Subscription) -> tuple[Hold | None, bool]:
        """One try; a hold on what follows, and whether the subscriber has answered."""
        try:
            body = orjson.dumps(notification.spell(hold.event, subscription, self._policy.base_url))
        except Exception as exc:  # a defect, ours or the document's: the next try would meet it again
            log.exception("a notification cannot be spelled", extra={"stream": hold.stream})
            untold = Outcome(None, f"it cannot be spelled: {type(exc).__name__}: {exc}"[:_LONGEST_PROBLEM])
            return self._give_up(hold, untold), True
        name = str(hold.event.facts.get("state", hold.event.kind))
        self._faults.reach(f"deliver/{name}/before-send")
        began = self._now()
        outcome = self._send(subscription, body)
        took = (self._now() - began).total_seconds()
        self._faults.reach(f"deliver/{name}/after-send")
        following = self._settle(hold, outcome)
        self._faults.reach(f"deliver/{name}/after-settle")
        answers = outcome.status is not None
        self._lanes.report(hold.subscription, took if answers else None)
        return following, answers

    def _send(self, subscription: Subscription, body: bytes) -> Outcome:
        credentials = self._known_credentials(subscription.id)
        way = self._way(subscription) if credentials is None else NONE
        try:
            credentials = credentials or self._keep(subscription.id, self._callbacks.credentials(way))
            version = notification.version(subscription)
            return self._callbacks.notify(subscription.callback_uri, credentials, version, body)
        except VnfmError as exc:  # the token endpoint may not be called, or not now
            return Outcome(None, exc.detail)
        except Exception as exc:  # a defect, ours or the subscription's: a try in vain, so that it ends
            log.exception("a notification cannot be sent", extra={"subscriptionId": subscription.id})
            return Outcome(None, f"it cannot be sent: {type(exc).__name__}")

    def _way(self, subscription: Subscription) -> Way:
        params = self._secrets.get(subscription.tenant, secret_name(subscription.id))
        return Way(subscription.auth_type, dict(params or {}))

    def _known_credentials(self, subscription_id: str) -> Credentials | None:
        with self._lock:
            known = self._known.get(subscription_id)
            if known is not None:
                self._known.move_to_end(subscription_id)
            return known

    def _keep(self, subscription_id: str, made: Credentials) -> Credentials:
        """Made once per subscription, so that a token is fetched once; nothing changes them."""
        with self._lock:
            kept = self._known.setdefault(subscription_id, made)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return kept

    def _settle(self, hold: Hold, outcome: Outcome) -> Hold | None:
        if outcome.problem is None:
            log.info("notification delivered", extra=self._facts(hold, outcome))
            return self._streams.advance(hold, self._policy.lease)
        delay = next_delay(self._policy.schedule, hold.attempts + 1)
        if delay is None:
            return self._give_up(hold, outcome)
        facts = {**self._facts(hold, outcome), "nextTry": delay}
        log.warning("notification not delivered: %s", outcome.problem, extra=facts)
        self._streams.postpone(hold, outcome.problem, delay)
        return None

    def _give_up(self, hold: Hold, outcome: Outcome) -> Hold | None:
        problem = outcome.problem or ""
        log.error("notification given up: %s", problem, extra={**self._facts(hold, outcome), "alarm": True})
        return self._streams.park(hold, problem, self._policy.lease)

    def _facts(self, hold: Hold, outcome: Outcome) -> Mapping[str, Any]:
        """What a log record of a try says; ``lagMs`` is the age of what was told."""
        return {
            "notificationId": hold.event.id,
            "subscriptionId": hold.subscription,
            "vnfInstanceId": hold.event.vnf_instance_id,
            "stream": hold.event.stream,
            "state": hold.event.facts.get("state", str(hold.event.kind)),
            "attempt": hold.attempts + 1,
            "status": outcome.status,
            "lagMs": round((self._now() - hold.event.time).total_seconds() * 1000),
        }
