"""Which addresses are reserved, and with whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import cp, make_flavour, with_points
from vnfm.domain import reservation
from vnfm.domain.reservation import Reservation
from vnfm.domain.vnfd import VirtualIpCp

PAIR = [("fw-0", "fw"), ("fw-1", "fw"), ("mgr-0", "mgr")]
VIP = VirtualIpCp("vip", "high_availability", ("fw_in", "mgr_in"), "int", fixed_addresses=("10.0.0.100",))


def allowing(*addresses: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"l3_address_data": {"fixed_ip_address": address}} for address in addresses)


def test_the_first_that_can_answer_holds_it() -> None:
    flavour = make_flavour(virtual_ips={"vip": VIP})
    assert reservation.lay_out(flavour, PAIR, {}) == [Reservation("vip:vip", "fw-0", "fw_in", "10.0.0.100")]
    assert reservation.lay_out(flavour, PAIR[2:], {"vip": "10.0.0.7"}) == [
        Reservation("vip:vip", "mgr-0", "mgr_in", "10.0.0.7")
    ]
    assert reservation.lay_out(flavour, [], {}) == []


@pytest.mark.parametrize(
    ("change", "address"),
    [({"fixed_addresses": ()}, None), ({"fixed_addresses": ("fd00::1", "10.0.0.9")}, "10.0.0.9")],
)
def test_any_address_or_the_first_of_ipv4(change: dict[str, Any], address: str | None) -> None:
    flavour = make_flavour(virtual_ips={"vip": replace(VIP, **change)})
    (found,) = reservation.lay_out(flavour, PAIR, {})
    assert (found.address, found.virtual_ip) == (address, "vip")


def test_one_that_borrows_a_targets_address_needs_none() -> None:
    flavour = make_flavour(virtual_ips={"vip": replace(VIP, dedicated=False)})
    assert reservation.lay_out(flavour, PAIR, {}) == []


def test_allowed_addresses_are_held_once_and_give_way_to_a_virtual_ip() -> None:
    stated = allowing(["10.0.0.100", "10.0.0.101"], "10.0.0.102")
    point = cp("fw_in", "fw", 1, "int", allowed_addresses=stated)
    flavour = with_points(make_flavour(virtual_ips={"vip": VIP}), "fw", point)
    found = reservation.lay_out(flavour, PAIR, {})
    assert [(one.key, one.vnfc) for one in found] == [
        ("vip:vip", "fw-0"),
        ("allowed:10.0.0.101", "fw-0"),
        ("allowed:10.0.0.102", "fw-0"),
    ]
    assert reservation.holds(flavour, point)
    assert not reservation.holds(flavour, cp("fw_out", "fw", 0))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trunk": True}, "no trunk ports"),
        ({"allowed_addresses": ({"address_type": "mac_address"},)}, "names no address"),
        ({"allowed_addresses": allowing("10.0.0.0/28")}, "10.0.0.0/28 is no single IPv4 address"),
        ({"allowed_addresses": allowing("fd00::1")}, "fd00::1 is no single IPv4 address"),
    ],
)
def test_what_the_vim_cannot_give_is_said(changes: dict[str, Any], said: str) -> None:
    flavour = with_points(make_flavour(), "fw", cp("fw_in", "fw", 1, "int", **changes))
    (sentence,) = reservation.without_effect(flavour)
    assert said in sentence
    assert reservation.lay_out(flavour, PAIR, {}) == []


def test_a_virtual_ip_of_ipv6_is_not_reserved_and_that_is_said() -> None:
    flavour = make_flavour(virtual_ips={"vip": replace(VIP, fixed_addresses=("fd00::1",))})
    (sentence,) = reservation.without_effect(flavour)
    assert "fd00::1 is not reserved" in sentence
