"""Notifications of life-cycle changes, spelled as their subscription wants (SOL003 5.5.2.17 to 19)."""

from __future__ import annotations

from vnfm.domain.event import Event, Kind
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.wire.dialect import DIALECTS
from vnfm.wire.links import Links
from vnfm.wire.screen import Document, asked, passed, present, stamp

#: Version of the notifications' API: that of the subscription's (SOL013 9.2).
VERSIONS = {"v1": "1.3.0", "v2": "2.1.0"}


def version(subscription: Subscription) -> str:
    """What the Version header of its notifications says."""
    return VERSIONS[subscription.api.rpartition("/")[2]]


def is_known(event: Event, subscription: Subscription) -> bool:
    """Whether the subscription's API has a name for what has happened."""
    return event.facts.get("operation") not in DIALECTS[subscription.api].hidden


def spell(event: Event, subscription: Subscription, base_url: str) -> Document:
    """``event`` as the subscriber of ``subscription`` is told of it."""
    dialect = DIALECTS[subscription.api]
    return dialect.spell_occurrence(canonical(event, subscription, dialect.links(base_url)))


def canonical(event: Event, subscription: Subscription, links: Links) -> Document:
    """The notification in our canonical form; ``links`` are those of the subscription's API."""
    document: Document = {
        "id": event.id,
        "notificationType": str(event.kind),
        "subscriptionId": subscription.id,
        "timeStamp": stamp(event.time),
        "vnfInstanceId": event.vnf_instance_id,
        "_links": {
            "vnfInstance": {"href": links.instance(event.vnf_instance_id)},
            "subscription": {"href": links.subscription(subscription.id)},
        },
    }
    if subscription.omit_time_stamp:
        del document["timeStamp"]
    if event.kind is Kind.OCCURRENCE:
        document |= _occurrence(event, subscription.verbosity)
        document["_links"]["vnfLcmOpOcc"] = {"href": links.operation(event.stream)}
    return document


def _occurrence(event: Event, verbosity: Verbosity) -> Document:
    """An occurrence's first event is its START, whatever state it begins in; all others are RESULTs."""
    facts = event.facts
    is_first = event.seq == 0
    return {
        **present(
            notificationStatus="START" if is_first else "RESULT",
            operationState=facts["state"],
            operation=facts["operation"],
            isAutomaticInvocation=facts["automatic"],
            verbosity=str(verbosity),
            vnfLcmOpOccId=event.stream,
            error=passed(facts.get("error")),
        ),
        **({} if is_first or verbosity is Verbosity.SHORT else _changes(event)),
    }


def _changes(event: Event) -> Document:
    """What has been changed by then: affectedVnfcs … and what else there is."""
    facts = event.facts
    return {
        **passed(facts.get("resource_changes") or {}),
        **present(
            changedInfo=asked(facts.get("changed_info")),
            changedExtConnectivity=passed(facts.get("changed_ext_connectivity")),
            modificationsTriggeredByVnfPkgChange=asked(facts.get("package_modifications")),
        ),
    }
