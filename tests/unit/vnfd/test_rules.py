"""Security rules and virtual IPs over connection points."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of, line_of
from vnfm.domain.vnfd import Flavour, SecurityRule, VirtualIpCp
from vnfm.vnfd import PackageError, read_package

RULE = "    - web:\n        type: tosca.policies.nfv.SecurityGroupRule\n{}    - apart:"
VIP = (
    "    vip:\n      type: tosca.nodes.nfv.VipCp\n"
    "      properties: { vip_function: high_availability, layer_protocols: [ ipv4 ] }\n"
    "      requirements: [ target: front_in, target_1: back_in, virtual_link: inner ]\n    disk:\n"
)
DOOR = (
    "    door:\n      type: tosca.nodes.nfv.VnfExtCp\n      properties: { layer_protocols: [ ipv4 ] }\n"
    "      requirements:\n        - internal_virtual_link: inner\n    disk:\n"
)
SUB_PORT = (
    "    sub:\n      type: tosca.nodes.nfv.VduSubCp\n      properties: { layer_protocols: [ ipv4 ] }\n"
    "    disk:\n"
)


def rules_of(written: str, *edits: tuple[str, str]) -> tuple[SecurityRule, ...]:
    return flavour_of(edited(("    - apart:", RULE.format(written)), *edits)).security_rules


def test_a_rule_that_says_nothing_lets_all_tcp_in() -> None:
    assert rules_of("        targets: [ out ]\n") == (
        SecurityRule("web", ("out",), "ingress", "ipv4", "tcp", 0, 65535),
    )


def test_a_rule_that_says_everything() -> None:
    assert rules_of(
        "        targets: [ out, back_in ]\n        properties: { direction: egress, ether_type: ipv6, "
        "protocol: SCTP, port_range_min: 10, port_range_max: 20, description: why }\n"
    ) == (SecurityRule("web", ("out", "back_in"), "egress", "ipv6", "sctp", 10, 20, "why"),)


def test_rules_of_vendor_types_count() -> None:
    types = (
        "policy_types:\n  acme.Web:\n    derived_from: tosca.policies.nfv.SecurityGroupRule\n"
        "    properties: { port_range_max: { type: integer, default: 80 } }\n"
    )
    text = edited(("    - apart:", RULE.format("        targets: [ out ]\n")))
    (rule,) = flavour_of(
        types + text.replace("tosca.policies.nfv.SecurityGroupRule", "acme.Web")
    ).security_rules
    assert (rule.port_min, rule.port_max) == (0, 80)


def test_an_external_point_and_a_virtual_ip_stand_for_the_points_behind_them() -> None:
    (by_door,) = rules_of("        targets: [ door ]\n", ("    disk:\n", DOOR))
    assert by_door.targets == ("front_in", "back_in")
    (by_address,) = rules_of("        targets: [ vip, out, back_in ]\n", ("    disk:\n", VIP))
    assert by_address.targets == ("front_in", "back_in", "out")


def test_a_rule_for_a_trunk_sub_port_only_is_dropped() -> None:
    assert rules_of("        targets: [ sub ]\n", ("    disk:\n", SUB_PORT)) == ()


BAD_RULES = {
    "        targets: [ gone ]\n": ("unknown-node", "- web:"),
    "        properties: { direction: ingress }\n": ("missing-key", "- web:"),
    "        targets: [ out ]\n        properties: { direction: up }\n": ("constraint", "direction: up"),
    "        targets: [ out ]\n        properties: { ether_type: ipx }\n": ("constraint", "ipx"),
    "        targets: [ out ]\n        properties: { port_range_max: 65536 }\n": ("out-of-range", "65536"),
    "        targets: [ out ]\n        properties: { port_range_min: 9, port_range_max: 8 }\n": (
        "out-of-range",
        "- web:",
    ),
}


@pytest.mark.parametrize("written", BAD_RULES)
def test_bad_rules_are_refused(written: str) -> None:
    rule, fragment = BAD_RULES[written]
    text = edited(("    - apart:", RULE.format(written)))
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    assert (caught.value.rule, caught.value.line) == (rule, line_of(text, fragment))


def with_vip(*edits: tuple[str, str], more: tuple[tuple[str, str], ...] = ()) -> Flavour:
    return flavour_of(edited(("    disk:\n", edited(*edits, base=VIP)), *more))


def test_an_internal_virtual_ip() -> None:
    flavour = with_vip(
        (
            "layer_protocols: [ ipv4 ] }",
            "layer_protocols: [ ipv4 ], dedicated_ip_address: false, description: shared, protocol: "
            "[ { associated_layer_protocol: ipv4, address_data: "
            "[ { l3_address_data: { fixed_ip_address: [ 10.0.0.7 ] } } ] } ] }",
        )
    )
    (data,) = flavour.virtual_ips["vip"].protocol_data
    assert data["associated_layer_protocol"] == "ipv4"
    assert flavour.virtual_ips == {
        "vip": VirtualIpCp(
            id="vip",
            function="high_availability",
            targets=("front_in", "back_in"),
            virtual_link="inner",
            layer_protocols=("ipv4",),
            fixed_addresses=("10.0.0.7",),
            dedicated=False,
            description="shared",
            protocol_data=(data,),
        )
    }
    assert flavour.external_virtual_ips() == {}


def test_a_virtual_ip_with_an_open_link_is_external() -> None:
    mapped = ("virtual_link_out: [ out, virtual_link ]", "virtual_link_out: [ vip, virtual_link ]")
    vip = with_vip((", virtual_link: inner ]", " ]"), more=(mapped,)).virtual_ips["vip"]
    assert (vip.virtual_link, vip.external_cpd, vip.dedicated) == (None, "vip", True)


@pytest.mark.parametrize("exposed", ["vip", "inner"])
def test_a_virtual_ip_exposed_by_an_external_point(exposed: str) -> None:
    door = DOOR.replace("internal_virtual_link: inner", f"internal_virtual_link: {exposed}")
    flavour = flavour_of(edited(("    disk:\n", VIP.replace("    disk:\n", door))))
    vip = flavour.virtual_ips["vip"]
    assert (vip.virtual_link, vip.external_cpd) == (None, "door")
    assert flavour.external_virtual_ips() == {"door": vip}


BAD_VIPS = {
    "no target": ((" target: front_in, target_1: back_in,", ""), "missing-key", "    vip:"),
    "target that is no point": (("target: front_in", "target: inner"), "unknown-node", "target: inner"),
    "unknown function": (("high_availability", "magic"), "constraint", "magic"),
    "unknown link": (("virtual_link: inner", "virtual_link: gone"), "unknown-node", "gone"),
}


@pytest.mark.parametrize("case", BAD_VIPS)
def test_bad_virtual_ips_are_refused(case: str) -> None:
    edit, rule, fragment = BAD_VIPS[case]
    text = edited(("    disk:\n", edited(edit, base=VIP)))
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    assert (caught.value.rule, caught.value.line) == (rule, line_of(text, fragment))


def test_a_trunk_and_allowed_addresses_are_kept_and_noted() -> None:
    text = edited(
        (
            "        order: 0\n",
            "        order: 0\n        trunk_mode: true\n"
            "        allowed_address_data: { ip_address: 10.0.0.0/28 }\n",
        )
    )
    package = read_package(text.encode())
    point = package.vnfd.flavours["one"].vdus["front"].connection_points[0]
    assert (point.trunk, point.allowed_addresses) == (True, ({"ip_address": "10.0.0.0/28"},))
    assert not flavour_of(BASE).vdus["front"].connection_points[0].trunk
    trunk, allowed = package.notes
    assert "trunk" in trunk
    assert "allowed" in allowed


def test_a_rule_on_virtual_links_is_noted() -> None:
    text = edited(("        targets: [ front ]\n        properties: { scope", "        targets: [ inner ]\n"
                   "        properties: { scope"))  # fmt: skip
    (note,) = read_package(text.encode()).notes
    assert note == "vnfd.yaml: the rule 'apart' is not applied to the virtual links inner"
