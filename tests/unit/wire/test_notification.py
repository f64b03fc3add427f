"""What a notification says in which state, and what it leaves out (SOL003 5.5.2.17)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from vnfm.api import versions
from vnfm.domain.event import Event, Kind
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.wire import notification
from vnfm.wire.dialect import DIALECTS

BASE = "https://vnfm.example"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANGES = {
    "resource_changes": {"affectedVnfcs": [{"id": "c"}]},
    "changed_info": {"vnfInstanceName": None},
    "changed_ext_connectivity": [{"id": "x"}],
}
TOLD = {"affectedVnfcs", "changedInfo", "changedExtConnectivity"}


def subscription(api: str = "vnflcm/v2", **fields: Any) -> Subscription:
    return Subscription("s1", "t", "c", api, "http://n.example", **fields)


def occurrence(seq: int, state: str, kind: str = "SCALE", **facts: Any) -> Event:
    told = {"operation": kind, "state": state, "automatic": False, **facts}
    return Event(Kind.OCCURRENCE, "op1", seq, NOW, "i1", facts=told)


@pytest.mark.parametrize(
    ("seq", "state", "kind", "status"),
    [
        (0, "STARTING", "SCALE", "START"),
        (0, "PROCESSING", "MODIFY_INFO", "START"),
        (1, "PROCESSING", "SCALE", "RESULT"),
        (2, "PROCESSING", "MODIFY_INFO", "RESULT"),
        (2, "COMPLETED", "SCALE", "RESULT"),
        (2, "FAILED_TEMP", "SCALE", "RESULT"),
    ],
)
def test_only_the_first_state_is_a_start_and_tells_no_changes(
    seq: int, state: str, kind: str, status: str
) -> None:
    told = notification.spell(occurrence(seq, state, kind, **CHANGES), subscription(), BASE)
    assert told["notificationStatus"] == status
    assert (told.keys() & TOLD == TOLD) is (status == "RESULT")


def test_short_leaves_the_changes_out_and_keeps_the_error() -> None:
    event = occurrence(2, "FAILED_TEMP", error={"status": 500, "detail": "x"}, **CHANGES)
    told = notification.spell(event, subscription(verbosity=Verbosity.SHORT), BASE)
    assert not told.keys() & TOLD
    assert told["error"]["detail"] == "x"
    assert told["verbosity"] == "SHORT"


def test_what_went_is_told_as_null_and_no_credentials_leave() -> None:
    connection = {"vim": {"vimType": "CLOUDSTACK", "accessInfo": {"apiKey": "canary"}}}
    changed = {"changed_info": {"vnfInstanceName": None, "vimConnectionInfo": connection}}
    told = notification.spell(occurrence(1, "COMPLETED", "MODIFY_INFO", **changed), subscription(), BASE)
    assert told["changedInfo"]["vnfInstanceName"] is None
    assert "canary" not in str(told)


@pytest.mark.parametrize("path", sorted(DIALECTS))
def test_links_and_version_are_those_of_the_subscription_s_api(path: str) -> None:
    told = notification.spell(occurrence(0, "STARTING"), subscription(path), BASE)
    links = DIALECTS[path].links(BASE)
    assert told["_links"] == {
        "vnfInstance": {"href": links.instance("i1")},
        "subscription": {"href": links.subscription("s1")},
        "vnfLcmOpOcc": {"href": links.operation("op1")},
    }
    root, _, major = path.rpartition("/")
    assert notification.version(subscription(path)) == versions.SERVED[root][major].version


def test_identifiers_have_no_occurrence() -> None:
    told = notification.spell(Event(Kind.DELETION, "i1", 1, NOW, "i1"), subscription(), BASE)
    assert set(told) == {"id", "notificationType", "subscriptionId", "timeStamp", "vnfInstanceId", "_links"}
    assert set(told["_links"]) == {"vnfInstance", "subscription"}
    assert told["timeStamp"] == "2026-01-01T00:00:00+00:00"
