"""Which events a subscription wants: each attribute of the filter, alone and together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from vnfm.domain import event as events
from vnfm.domain.event import Event, Kind
from vnfm.domain.subscription import Subscription, conflict, matches

SUBJECT = {
    "vnfdId": "d1",
    "vnfProvider": "acme",
    "vnfProductName": "fw",
    "vnfSoftwareVersion": "1.0",
    "vnfdVersion": "7",
    "vnfInstanceName": "edge",
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
OCCURRENCE = Event(
    Kind.OCCURRENCE, "op1", 2, NOW, "i1", [SUBJECT], {"operation": "SCALE", "state": "COMPLETED"}
)
CREATION = Event(Kind.CREATION, "i1", 0, NOW, "i1", [SUBJECT])


def instances(**asked: Any) -> dict[str, Any]:
    return {"vnfInstanceSubscriptionFilter": asked}


def products(**version: Any) -> dict[str, Any]:
    product = {"vnfProductName": "fw", **({"versions": [version]} if version else {})}
    return instances(vnfProductsFromProviders=[{"vnfProvider": "acme", "vnfProducts": [product]}])


@pytest.mark.parametrize(
    ("wanted", "occurrence", "creation"),
    [
        ({}, True, True),
        ({"notificationTypes": []}, True, True),
        ({"notificationTypes": ["VnfIdentifierCreationNotification"]}, False, True),
        ({"notificationTypes": ["VnfLcmOperationOccurrenceNotification"]}, True, False),
        ({"operationTypes": ["SCALE"]}, True, True),
        ({"operationTypes": ["HEAL", "SCALE"]}, True, True),
        ({"operationTypes": ["HEAL"]}, False, True),
        ({"operationStates": ["COMPLETED"]}, True, True),
        ({"operationStates": ["FAILED"]}, False, True),
        ({"operationTypes": ["SCALE"], "operationStates": ["FAILED"]}, False, True),
        (instances(), True, True),
        (instances(vnfInstanceIds=["i0", "i1"]), True, True),
        (instances(vnfInstanceIds=["i0"]), False, False),
        (instances(vnfInstanceNames=["edge"]), True, True),
        (instances(vnfInstanceNames=["core"]), False, False),
        (instances(vnfdIds=["d1"]), True, True),
        (instances(vnfdIds=["d2"]), False, False),
        (instances(vnfdIds=["d1"], vnfInstanceNames=["core"]), False, False),
        (products(), True, True),
        (products(vnfSoftwareVersion="1.0"), True, True),
        (products(vnfSoftwareVersion="2.0"), False, False),
        (products(vnfSoftwareVersion="1.0", vnfdVersions=["6", "7"]), True, True),
        (products(vnfSoftwareVersion="1.0", vnfdVersions=["6"]), False, False),
        (products(vnfSoftwareVersion="1.0", vnfdVersions=[]), True, True),
        (instances(vnfProductsFromProviders=[{"vnfProvider": "acme"}]), True, True),
        (instances(vnfProductsFromProviders=[{"vnfProvider": "other"}]), False, False),
        (instances(vnfProductsFromProviders=[{"vnfProvider": "x"}, {"vnfProvider": "acme"}]), True, True),
        (
            instances(
                vnfProductsFromProviders=[{"vnfProvider": "acme", "vnfProducts": [{"vnfProductName": "lb"}]}]
            ),
            False,
            False,
        ),
    ],
)
def test_matches(wanted: dict[str, Any], occurrence: bool, creation: bool) -> None:
    assert matches(wanted, OCCURRENCE) is occurrence
    assert matches(wanted, CREATION) is creation


def test_after_a_change_of_package_old_and_new_identity_match() -> None:
    facts = {**OCCURRENCE.facts, "package_modifications": {"vnfdId": "d2", "extensions": {"a": 1}}}
    both = replace(OCCURRENCE, subjects=events.later_subjects(SUBJECT, facts), facts=facts)
    assert matches(instances(vnfdIds=["d1"]), both)
    assert matches(instances(vnfdIds=["d2"]), both)
    assert not matches(instances(vnfdIds=["d3"]), both)


def test_a_new_name_matches_once_it_is_known() -> None:
    renamed = {"changed_info": {"vnfInstanceName": "core"}}
    assert events.later_subjects(SUBJECT, {}) == [SUBJECT]
    assert [one["vnfInstanceName"] for one in events.later_subjects(SUBJECT, renamed)] == ["edge", "core"]


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({}, None),
        ({"operationTypes": ["SCALE"]}, None),
        ({"notificationTypes": ["VnfLcmOperationOccurrenceNotification"], "operationTypes": ["SCALE"]}, None),
        ({"notificationTypes": ["VnfIdentifierDeletionNotification"], "operationTypes": []}, None),
        (
            {"notificationTypes": ["VnfIdentifierDeletionNotification"], "operationTypes": ["HEAL"]},
            "operationTypes",
        ),
        (
            {"notificationTypes": ["VnfIdentifierCreationNotification"], "operationStates": ["FAILED"]},
            "operationStates",
        ),
    ],
)  # fmt: skip
def test_conflict(wanted: dict[str, Any], named: str | None) -> None:
    reason = conflict(wanted)
    assert (reason is None) if named is None else (reason is not None and f"filter/{named}" in reason)


def subscription(wanted: dict[str, Any], uri: str = "http://n.example/x") -> Subscription:
    return Subscription("s", "t", "c", "sol003/vnflcm/v2", uri, wanted)


def test_filters_that_mean_the_same_are_duplicates() -> None:
    one = subscription({"operationTypes": ["HEAL", "SCALE"], "operationStates": []})
    other = subscription({"operationTypes": ["SCALE", "HEAL"], "vnfInstanceSubscriptionFilter": {}})
    assert one.digest == other.digest
    assert subscription({"operationTypes": ["HEAL"]}).digest != one.digest
    assert subscription(dict(one.filter), "http://n.example/y").digest != one.digest


def test_a_notification_keeps_its_id_over_tries_and_subscriptions_and_shares_it_with_no_other() -> None:
    told = [OCCURRENCE, replace(OCCURRENCE, seq=3), replace(OCCURRENCE, stream="op2"), CREATION]
    told.append(replace(CREATION, kind=Kind.DELETION))
    assert replace(OCCURRENCE, facts={}, subjects=()).id == OCCURRENCE.id
    assert len({event.id for event in told}) == len(told)
