"""Subscriptions to life-cycle changes: what one is, and which events it wants (SOL003 5.5.2.15, 5.5.3.12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from vnfm.domain.authentication import AuthType
from vnfm.domain.event import Event, Kind


class Verbosity(StrEnum):
    """LcmOpOccNotificationVerbosityType: SHORT leaves out what was changed."""

    FULL = "FULL"
    SHORT = "SHORT"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of one client. ``filter`` keeps SOL spelling; no secret is in here.

    ``api`` names the API it was made through: its notifications have that API's shape and links.
    """

    id: str
    tenant: str
    client: str
    api: str
    callback_uri: str
    filter: Mapping[str, Any] = field(default_factory=dict)
    verbosity: Verbosity = Verbosity.FULL
    auth_type: AuthType | None = None
    #: For receivers that cannot parse it.
    omit_time_stamp: bool = False
    created: datetime | None = None

    @property
    def digest(self) -> str:
        """Equal for subscriptions with the same callback URI and a filter that means the same."""
        text = json.dumps([self.callback_uri, _plain(self.filter)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def wants(self, event: Event) -> bool:
        """Whether ``event`` passes the filter."""
        return matches(self.filter, event)


def authenticated(subscription: Subscription, kind: AuthType | None) -> Subscription:
    """The same, with the way in which we prove who we are."""
    return replace(subscription, auth_type=kind)


def secret_name(subscription_id: str) -> str:
    """Where the parameters of a subscription's authentication lie."""
    return f"subscription/{subscription_id}/"


def conflict(wanted: Mapping[str, Any]) -> str | None:
    """Why a filter cannot be meant so, or None (SOL003 5.5.3.12). Names the attribute."""
    types = wanted.get("notificationTypes")
    if types and Kind.OCCURRENCE not in types:
        for name in ("operationTypes", "operationStates"):
            if wanted.get(name):
                return f"filter/{name}: only with the notification type {Kind.OCCURRENCE}"
    return None


def matches(wanted: Mapping[str, Any], event: Event) -> bool:
    """AND between attributes, OR inside a list; what is absent or empty asks nothing.

    operationTypes and operationStates ask something of occurrences only: an identifier has neither.
    """
    if not _among(wanted.get("notificationTypes"), event.kind):
        return False
    if event.kind is Kind.OCCURRENCE and not (
        _among(wanted.get("operationTypes"), event.facts["operation"])
        and _among(wanted.get("operationStates"), event.facts["state"])
    ):
        return False
    instances = wanted.get("vnfInstanceSubscriptionFilter") or {}
    if not _among(instances.get("vnfInstanceIds"), event.vnf_instance_id):
        return False
    return any(_fits(instances, subject) for subject in event.subjects or ({},))


def _among(allowed: Sequence[str] | None, value: Any) -> bool:
    return not allowed or value in allowed


def _fits(wanted: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    """Whether the VNF instance itself is one that is asked for."""
    products = wanted.get("vnfProductsFromProviders")
    return (
        _among(wanted.get("vnfdIds"), subject.get("vnfdId"))
        and _among(wanted.get("vnfInstanceNames"), subject.get("vnfInstanceName"))
        and _any_of(products, lambda one: _provider_fits(one, subject))
    )


def _any_of(rows: Sequence[Mapping[str, Any]] | None, fits: Callable[[Mapping[str, Any]], bool]) -> bool:
    return not rows or any(fits(row) for row in rows)


def _provider_fits(row: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    return bool(row["vnfProvider"] == subject.get("vnfProvider")) and _any_of(
        row.get("vnfProducts"), lambda one: _product_fits(one, subject)
    )


def _product_fits(row: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    return bool(row["vnfProductName"] == subject.get("vnfProductName")) and _any_of(
        row.get("versions"), lambda one: _version_fits(one, subject)
    )


def _version_fits(row: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    same = row["vnfSoftwareVersion"] == subject.get("vnfSoftwareVersion")
    return bool(same) and _among(row.get("vnfdVersions"), subject.get("vnfdVersion"))


def _plain(value: Any) -> Any:
    """A filter without what asks nothing, lists in one order."""
    if isinstance(value, Mapping):
        kept = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [], None)}
    if isinstance(value, list | tuple):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value
