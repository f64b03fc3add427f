"""The judge must see a difference: a comparison that never fails would pass any emulator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.replay.compare import Difference, Ids, walk
from tests.replay.replayer import Report, sort_out
from tests.replay.transcript import Element

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
NEW = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"


@pytest.mark.parametrize(
    ("recorded", "emulated"),
    [
        pytest.param({"a": 1}, {}, id="missing"),
        pytest.param({}, {"a": 1}, id="too much"),
        pytest.param({"deviceid": "0"}, {"deviceid": 0}, id="type"),
        pytest.param({"success": True}, {"success": 1}, id="boolean is no number"),
        pytest.param({"state": "Running"}, {"state": "Error"}, id="state"),
        pytest.param({"rows": [1, 2]}, {"rows": [1]}, id="length"),
        pytest.param(
            {"rows": [{"name": "a"}, {"name": "b"}]}, {"rows": [{"name": "b"}, {"name": "a"}]}, id="order"
        ),
        pytest.param({"nic": [{"id": ONE, "created": "x"}]}, {"nic": [{"id": NEW}]}, id="deep"),
        pytest.param({"a": ONE, "b": ONE}, {"a": NEW, "b": OTHER}, id="one id, two objects"),
        pytest.param({"a": ONE, "b": TWO}, {"a": NEW, "b": NEW}, id="two ids, one object"),
        pytest.param({"id": ONE}, {"id": "not-an-id"}, id="no id"),
    ],
)
def test_difference_is_seen(recorded: Any, emulated: Any) -> None:
    assert list(walk("", recorded, emulated, Ids(set())))


@pytest.mark.parametrize(
    ("recorded", "emulated"),
    [
        pytest.param(
            {"id": ONE, "vm": ONE, "x": TWO}, {"id": NEW, "vm": NEW, "x": OTHER}, id="ids are learnt"
        ),
        pytest.param({"ipaddress": "10.1.1.5"}, {"ipaddress": "10.1.1.9"}, id="addresses are not compared"),
        pytest.param({"name": "ROOT-45"}, {"name": "ROOT-2"}, id="numbers in names are not compared"),
    ],
)
def test_what_may_differ(recorded: Any, emulated: Any) -> None:
    assert not list(walk("", recorded, emulated, Ids(set())))


def test_order_of_a_hash_map_is_none_but_its_content_counts() -> None:
    recorded = [{"name": "Dns"}, {"name": "Lb", "provider": "x"}]
    where = "listnetworksresponse.network[0].service"
    assert not list(walk(where, recorded, recorded[::-1], Ids(set())))
    assert list(walk(where, recorded, [{"name": "Lb", "provider": "y"}, {"name": "Dns"}], Ids(set())))
    assert list(walk("listnetworksresponse.network", recorded, recorded[::-1], Ids(set())))


def test_a_fixed_address_must_come_back() -> None:
    ids = Ids(set())
    ids.put_into({"iptonetworklist[0].ip": "10.1.1.77"})
    assert list(walk("", {"ipaddress": "10.1.1.77"}, {"ipaddress": "10.1.1.78"}, ids))


def test_seeded_id_must_come_back() -> None:
    assert list(walk("", {"zoneid": ONE}, {"zoneid": NEW}, Ids({ONE})))


def test_only_the_listed_difference_passes() -> None:
    entries = [{"section": "vm", "elements": [7], "field": "a[].b", "reason": "because"}]
    used: set[int] = set()
    report = Report("vm")
    sort_out(report, Element(7, "", ""), [Difference(7, "a[3].b", "")], entries, used)
    assert (report.listed, report.failing, used) == ({7}, [], {0})
    sort_out(report, Element(8, "", ""), [Difference(8, "a[3].b", "")], entries, used)
    assert [difference.element for difference in report.failing] == [8]
