"""What the rules of a VNFD come to as security groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.domain.build import make_flavour
from vnfm.domain import securitygroup
from vnfm.domain.securitygroup import GroupRule
from vnfm.domain.vnfd import SecurityRule

IN = SecurityRule("web", ("fw_in",), "ingress", "ipv4", "tcp", 443, 443)


@pytest.mark.parametrize(
    ("change", "made"),
    [
        ({}, GroupRule(False, "tcp", 443, 443, "0.0.0.0/0")),
        ({"direction": "egress"}, GroupRule(True, "tcp", 443, 443, "0.0.0.0/0")),
        ({"ether_type": "ipv6"}, GroupRule(False, "tcp", 443, 443, "::/0")),
        ({"protocol": "17", "port_min": 0}, GroupRule(False, "udp", 1, 443, "0.0.0.0/0")),
        ({"protocol": "icmp"}, GroupRule(False, "icmp", None, None, "0.0.0.0/0")),
        ({"protocol": "any"}, GroupRule(False, "all", None, None, "0.0.0.0/0")),
    ],
)
def test_a_rule(change: dict[str, object], made: GroupRule) -> None:
    flavour = make_flavour(security_rules=(replace(IN, **change),))
    (group,) = securitygroup.lay_out("op", flavour, "hint")
    assert (group.vdu, group.rules) == ("fw", (made,))


def test_one_group_for_all_rules_of_a_vdu_and_none_for_one_without() -> None:
    out = replace(IN, id="out", direction="egress", targets=("fw_out", "fw_in"))
    twice = replace(IN, id="again")
    flavour = make_flavour(security_rules=(IN, out, twice))
    (group,) = securitygroup.lay_out("op", flavour, "hint")
    assert [rule.egress for rule in group.rules] == [False, True]
    both = make_flavour(security_rules=(replace(IN, targets=("fw_in", "mgr_in")),))
    assert securitygroup.guardable(both, []) == ["fw", "mgr"]
    assert securitygroup.guardable(both, ["int"]) == []


def test_a_protocol_that_is_not_filtered_makes_no_group() -> None:
    assert securitygroup.guardable(make_flavour(security_rules=(replace(IN, protocol="sctp"),)), []) == []


def test_names_are_the_operations_own() -> None:
    flavour = make_flavour(security_rules=(replace(IN, targets=("fw_in", "mgr_in")),))
    names = [group.name for one in ("op-1", "op-2") for group in securitygroup.lay_out(one, flavour, "hint")]
    assert len(set(names)) == 4
    assert names[:2] == [group.name for group in securitygroup.lay_out("op-1", flavour, "hint")]


def test_what_holds_at_more_points_than_it_names_is_said() -> None:
    flavour = make_flavour(security_rules=(IN,))
    (sentence,) = securitygroup.too_wide(flavour, ["fw"])
    assert sentence.startswith("security rule web (ingress ipv4 tcp 443-443) holds at fw_out too")
    everywhere = tuple(cp.id for cp in flavour.vdus["fw"].connection_points)
    assert (
        list(securitygroup.too_wide(make_flavour(security_rules=(replace(IN, targets=everywhere),)), ["fw"]))
        == []
    )
    assert list(securitygroup.too_wide(flavour, [])) == []
