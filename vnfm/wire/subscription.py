"""LccnSubscription in the spelling of its API (SOL003 5.5.2.16), and how our own API tells of deliveries."""

from __future__ import annotations

from vnfm.domain.delivery import Backlog, Parked
from vnfm.domain.event import Kind, SetAside
from vnfm.domain.subscription import Subscription
from vnfm.wire.dialect import DIALECTS
from vnfm.wire.screen import Document, passed, present, stamp


def complete(subscription: Subscription, base_url: str) -> Document:
    """LccnSubscription. The authentication is never told."""
    dialect = DIALECTS[subscription.api]
    document = {
        **present(
            id=subscription.id,
            filter=passed(dict(subscription.filter)),
            callbackUri=subscription.callback_uri,
            verbosity=str(subscription.verbosity),
        ),
        "_links": {"self": {"href": dialect.links(base_url).subscription(subscription.id)}},
    }
    return dialect.spell_occurrence(document)  # it has the verbosity where occurrences have it


def delivery(subscription: Subscription, backlog: Backlog | None) -> Document:
    """How the deliveries to a subscriber stand (gateway-v1 Delivery)."""
    state = backlog or Backlog(subscription.id)
    return present(
        subscriptionId=subscription.id,
        api=subscription.api,
        callbackUri=subscription.callback_uri,
        authType=subscription.auth_type and str(subscription.auth_type),
        omitTimeStamp=subscription.omit_time_stamp,
        waiting=state.waiting,
        parked=state.parked,
        error=state.problem,
    )


def aside_alarm(one: SetAside) -> Document:
    """Nobody can be told of an operation or an instance (gateway-v1 Alarm)."""
    what = "operation" if one.is_operation else "VNF instance"
    return present(
        id=f"set-aside-{one.source}",
        kind="EVENTS_SET_ASIDE",
        severity="MAJOR",
        raised=stamp(one.since),
        vnfLcmOpOccId=one.source if one.is_operation else None,
        vnfInstanceId=None if one.is_operation else one.source,
        text=f"subscribers cannot be told what becomes of this {what}: {one.problem}; "
        "a relay tries again when it starts",
    )


def alarm(subscription: Subscription, backlog: Backlog) -> Document:
    """Notifications of a subscription had to be given up (gateway-v1 Alarm)."""
    return present(
        id=f"parked-{subscription.id}",
        kind="NOTIFICATIONS_PARKED",
        severity="MAJOR",
        raised=stamp(backlog.oldest) if backlog.oldest else None,
        subscriptionId=subscription.id,
        text=f"{backlog.parked} notifications to {subscription.callback_uri} were given up; "
        "replay them when the receiver is well again",
    )


def parked(one: Parked) -> Document:
    """A notification that was given up (gateway-v1 ParkedNotification)."""
    is_occurrence = one.event.kind is Kind.OCCURRENCE
    return present(
        id=one.id,
        notificationId=one.event.id,
        notificationType=str(one.event.kind),
        subscriptionId=one.subscription,
        vnfInstanceId=one.event.vnf_instance_id,
        vnfLcmOpOccId=one.event.stream if is_occurrence else None,
        operationState=one.event.facts.get("state"),
        timeStamp=stamp(one.event.time),
        parkedTime=stamp(one.since),
        attempts=one.attempts,
        error=one.problem,
    )
