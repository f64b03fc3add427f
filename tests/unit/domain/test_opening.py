"""What of a security rule can be enforced without security groups, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.domain.build import make_flavour
from vnfm.domain import opening
from vnfm.domain.opening import Opening
from vnfm.domain.vnfd import SecurityRule, VirtualLink

OUT = SecurityRule("names", ("fw_in",), "egress", "ipv4", "udp", 53, 53)


@pytest.mark.parametrize(
    ("change", "made"),
    [
        ({}, Opening("names", "int", "udp", 53, 53)),
        ({"protocol": "17"}, Opening("names", "int", "udp", 53, 53)),
        ({"protocol": "tcp", "port_min": 0, "port_max": 65535}, Opening("names", "int", "tcp", 1, 65535)),
        ({"protocol": "icmp"}, Opening("names", "int", "icmp", None, None)),
        ({"protocol": "any"}, Opening("names", "int", "all", None, None)),
    ],
)
def test_an_egress_rule_opens_the_networks_router(change: dict[str, object], made: Opening) -> None:
    flavour = make_flavour(security_rules=(replace(OUT, **change),))
    assert opening.lay_out(flavour, {"int"}) == [made]
    assert list(opening.without_effect(flavour, {"int"})) == []


def test_two_points_on_one_link_are_one_opening() -> None:
    flavour = make_flavour(security_rules=(replace(OUT, targets=("fw_in", "mgr_in")),))
    assert [one.target for one in opening.lay_out(flavour, {"int"})] == ["names/int"]


@pytest.mark.parametrize(
    ("change", "own", "said"),
    [
        (
            {"direction": "ingress"},
            {"int"},
            "names (ingress ipv4 udp 53-53) is not enforced at fw_in:",
        ),
        ({"ether_type": "ipv6"}, {"int"}, "only IPv4 is filtered"),
        (
            {"targets": ("fw_out",)},
            {"int"},
            "not enforced at fw_out: its servers have no security groups, and its network is not",
        ),
        ({}, set(), "not enforced at fw_in: its servers have no security groups, and its network is not"),
        ({"protocol": "sctp"}, {"int"}, "CloudStack does not filter the protocol sctp"),
    ],
)
def test_what_cannot_be_enforced_is_said(change: dict[str, object], own: set[str], said: str) -> None:
    flavour = make_flavour(security_rules=(replace(OUT, **change),))
    assert opening.lay_out(flavour, own) == []
    (sentence,) = opening.without_effect(flavour, own)
    assert said in sentence


@pytest.mark.parametrize(
    "change", [{"direction": "ingress"}, {"ether_type": "ipv6"}, {"targets": ("fw_out",)}]
)
def test_a_security_group_enforces_what_no_router_can(change: dict[str, object]) -> None:
    flavour = make_flavour(security_rules=(replace(OUT, **change),))
    assert list(opening.without_effect(flavour, set(), {"fw": None})) == []
    (sentence,) = opening.without_effect(flavour, set(), {"fw": "the zone 'z' has no security groups"})
    assert "the zone 'z' has no security groups, and " in sentence


def test_nothing_filters_another_protocol() -> None:
    flavour = make_flavour(security_rules=(replace(OUT, protocol="sctp"),))
    (sentence,) = opening.without_effect(flavour, {"int"}, {"fw": None})
    assert "does not filter the protocol sctp" in sentence


def test_a_layer_2_link_filters_nothing() -> None:
    flavour = make_flavour(security_rules=(OUT,), virtual_links={"int": VirtualLink("int")})
    assert opening.lay_out(flavour, {"int"}) == []
    (sentence,) = opening.without_effect(flavour, {"int"})
    assert "layer-2" in sentence
