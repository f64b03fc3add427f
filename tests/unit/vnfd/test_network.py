"""Connection points, virtual links and placement."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of, line_of
from vnfm.domain.vnfd import AffinityRule, ConnectionPoint, Flavour, VirtualLink
from vnfm.vnfd import PackageError, read_package

L3 = "              l3_protocol_data:\n"
EXT = (
    "    door:\n      type: tosca.nodes.nfv.VnfExtCp\n      properties: { layer_protocols: [ ipv4 ] }\n"
    "      requirements:\n        - external_virtual_link: null\n"
    "        - internal_virtual_link: TARGET\n    disk:\n"
)


def nics(flavour: Flavour, vdu: str) -> list[tuple[int, str, str | None, str | None]]:
    return [(cp.order, cp.id, cp.virtual_link, cp.external_cpd) for cp in flavour.vdus[vdu].connection_points]


def test_open_and_linked_points_in_order() -> None:
    flavour = flavour_of(BASE)
    assert nics(flavour, "front") == [(0, "front_in", "inner", None), (1, "out", None, "out")]
    assert nics(flavour, "back") == [(0, "back_in", "inner", None)]
    assert list(flavour.external_cps()) == ["out"]


def test_missing_orders_fill_the_gaps_in_the_order_written() -> None:
    more = "".join(
        f"    {name}:\n      type: tosca.nodes.nfv.VduCp\n"
        f"      properties: {{ layer_protocols: [ ipv4 ]{order} }}\n"
        "      requirements: [ virtual_binding: front ]\n"
        for name, order in (("a", ""), ("b", ", order: 2"), ("c", ""))
    )
    flavour = flavour_of(edited(("    disk:\n", more + "    disk:\n")))
    assert [(cp.order, cp.id) for cp in flavour.vdus["front"].connection_points] == [
        (0, "front_in"),
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "out"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "      virtual_link_out: [ out, virtual_link ]",
        "      - virtual_link_out: [ out, virtual_link ]",
        "      virtual_link_out: { mapping: [ out, virtual_link ] }",
        "      virtual_link_out: [ out ]",
    ],
)
def test_forms_of_substitution_mappings(written: str) -> None:
    assert list(
        flavour_of(edited(("      virtual_link_out: [ out, virtual_link ]", written))).external_cps()
    ) == ["out"]


def test_an_external_point_takes_the_place_of_an_internal_one() -> None:
    flavour = flavour_of(edited(("    disk:\n", EXT.replace("TARGET", "back_in"))))
    assert nics(flavour, "back") == [(0, "back_in", None, "door")]
    assert nics(flavour, "front")[0] == (0, "front_in", "inner", None)
    assert set(flavour.virtual_links) == {"inner"}


def test_an_external_point_takes_the_place_of_an_internal_link() -> None:
    flavour = flavour_of(edited(("    disk:\n", EXT.replace("TARGET", "inner"))))
    assert nics(flavour, "back") == [(0, "back_in", None, "door")]
    assert nics(flavour, "front") == [(0, "front_in", None, "door"), (1, "out", None, "out")]
    assert flavour.virtual_links == {}


def test_addresses_of_a_point() -> None:
    text = edited(
        (
            "        layer_protocols: [ ipv4 ]\n        order: 0\n",
            "        layer_protocols: [ ipv4 ]\n        order: 0\n"
            "        vnic_type: direct\n        description: inner\n"
            "        protocol:\n          - associated_layer_protocol: ipv4\n            address_data:\n"
            "              - address_type: mac_address\n"
            "                l2_address_data: { mac_address_assignment: "
            "true, mac_address: 02-00-00-AA-00-01 }\n"
            "              - address_type: ip_address\n"
            "                l3_address_data: { fixed_ip_address: [ 10.0.0.9, 10.0.0.10 ] }\n",
        )
    )
    assert flavour_of(text).vdus["front"].connection_points[0] == ConnectionPoint(
        id="front_in",
        vdu="front",
        order=0,
        virtual_link="inner",
        layer_protocols=("ipv4",),
        vnic_type="direct",
        mac_address="02:00:00:aa:00:01",
        fixed_addresses=("10.0.0.9", "10.0.0.10"),
        description="inner",
        protocol_data=(
            {
                "associated_layer_protocol": "ipv4",
                "address_data": [
                    {
                        "address_type": "mac_address",
                        "l2_address_data": {
                            "mac_address_assignment": True,
                            "mac_address": "02-00-00-AA-00-01",
                        },
                    },
                    {
                        "address_type": "ip_address",
                        "l3_address_data": {"fixed_ip_address": ["10.0.0.9", "10.0.0.10"]},
                    },
                ],
            },
        ),
    )


def test_the_link_of_the_base() -> None:
    assert flavour_of(BASE).virtual_links["inner"] == VirtualLink(
        id="inner",
        layer_protocols=("ipv4",),
        ip_version="ipv4",
        cidr="10.0.0.0/24",
        gateway="10.0.0.1",
        dhcp=False,
    )


PROFILE = BASE[BASE.index("        vl_profile:") : BASE.index("    out:\n")]
LINKS = {
    "nothing said about layer 3": ("", {"ip_version": "ipv4", "dhcp": True}),
    "layer 2 only": (
        "        vl_profile: { virtual_link_protocol_data: { associated_layer_protocol: ethernet, "
        "l2_protocol_data: { network_type: vlan, mtu: 1400, segmentation_id: 77 } } }\n",
        {"ip_version": "ipv4", "dhcp": True, "mtu": 1400, "segmentation_id": "77"},
    ),
    "DHCP when not said otherwise": (
        "        vl_profile: { virtual_link_protocol_data: [ { l3_protocol_data: "
        "{ ip_version: ipv4, cidr: 10.1.0.0/16 } } ] }\n",
        {"ip_version": "ipv4", "cidr": "10.1.0.0/16", "dhcp": True},
    ),
    "IPv4 before IPv6": (
        "        vl_profile: { virtual_link_protocol_data: [ { "
        "l3_protocol_data: { ip_version: ipv6, cidr: 'fd00::/64' } },"
        " { l3_protocol_data: { ip_version: ipv4, cidr: 10.1.0.0/16, dhcp_enabled: false } } ] }\n",
        {"ip_version": "ipv4", "cidr": "10.1.0.0/16"},
    ),
    "pools as a list": (
        "        vl_profile: { virtual_link_protocol_data: [ { "
        "l3_protocol_data: { ip_version: ipv4, cidr: 10.1.0.0/16, "
        "ip_allocation_pools: [ { start_ip_address: 10.1.0.5, end_ip_address: 10.1.0.9 } ] } } ] }\n",
        {
            "ip_version": "ipv4",
            "cidr": "10.1.0.0/16",
            "dhcp": True,
            "allocation_pools": (("10.1.0.5", "10.1.0.9"),),
        },
    ),
    "one pool": (
        "        vl_profile: { virtual_link_protocol_data: [ { "
        "l3_protocol_data: { ip_version: ipv4, cidr: 10.1.0.0/16, "
        "ip_allocation_pools: { start_ip_address: 10.1.0.5, end_ip_address: 10.1.0.5 } } } ] }\n",
        {
            "ip_version": "ipv4",
            "cidr": "10.1.0.0/16",
            "dhcp": True,
            "allocation_pools": (("10.1.0.5", "10.1.0.5"),),
        },
    ),
}


@pytest.mark.parametrize("case", LINKS)
def test_forms_of_protocol_data(case: str) -> None:
    profile, expected = LINKS[case]
    link = flavour_of(edited((PROFILE, profile))).virtual_links["inner"]
    assert link == VirtualLink(id="inner", layer_protocols=("ipv4",), **expected)


def test_a_pure_layer_2_link() -> None:
    text = edited(
        (PROFILE, ""),
        (
            "connectivity_type: { layer_protocols: [ ipv4 ] }",
            "connectivity_type: { layer_protocols: [ ethernet ] }",
        ),
    )
    assert flavour_of(text).virtual_links["inner"].is_layer2
    assert not flavour_of(BASE).virtual_links["inner"].is_layer2


def test_rules_on_a_group_relate_its_members() -> None:
    group = (
        "  groups:\n    both: { type: tosca.groups.nfv.PlacementGroup, members: [ front, back, inner ] }\n"
    )
    text = edited(
        (
            "        targets: [ front ]\n        properties: { scope: nfvi_node }\n",
            "        targets: [ both ]\n        properties: { scope: zone }\n" + group,
        ),
        ("nfv.AntiAffinityRule", "nfv.AffinityRule"),
    )
    assert flavour_of(text).affinity_rules == (
        AffinityRule("apart", False, "zone", ("front", "back", "inner")),
    )
    assert flavour_of(BASE).affinity_rules == (AffinityRule("apart", True, "nfvi_node", ("front",)),)


def test_what_is_not_acted_upon_is_said() -> None:
    rule = (
        "    - web:\n        type: tosca.policies.nfv.SecurityGroupRule\n"
        "        targets: [ out ]\n    - apart:"
    )
    node = (
        "    me:\n      type: acme.Vnf\n"
        "      interfaces: { Vnflcm: { instantiate: { implementation: go.sh } } }\n    disk:\n"
    )
    plain = read_package(BASE.encode())
    assert plain.notes == ()
    for edit, word in (
        (("    - apart:", rule), "web"),
        (("    disk:\n", node), "scripts"),
    ):
        (note,) = read_package(edited(edit).encode()).notes
        assert word in note


BAD = {
    "bound to nothing": (
        ("virtual_binding: { node: back }", "virtual_binding: { node: gone }"),
        "unknown-node",
        "gone",
    ),
    "not bound": (("        - virtual_binding: { node: back }\n", ""), "missing-key", "    back_in:"),
    "linked to nothing": (
        (
            "        - virtual_binding: front\n        - virtual_link: inner",
            "        - virtual_binding: front\n        - virtual_link: gone",
        ),
        "unknown-node",
        "virtual_link: gone",
    ),
    "linked twice": (
        (
            "{ node: back }\n        - virtual_link: inner",
            "{ node: back }\n        - virtual_link: inner\n        - virtual_link: out",
        ),
        "linked-twice",
        "virtual_link: out",
    ),
    "exposed and linked": (
        ("[ out, virtual_link ]", "[ back_in, virtual_link ]"),
        "linked-twice",
        "virtual_link_out",
    ),
    "mapped to nothing": (
        ("[ out, virtual_link ]", "[ gone, virtual_link ]"),
        "unknown-node",
        "virtual_link_out",
    ),
    "exposes nothing": (
        ("    disk:\n", EXT.replace("TARGET", "gone")),
        "unknown-node",
        "internal_virtual_link",
    ),
    "exposes a link nobody is on": (
        (
            "    disk:\n",
            EXT.replace("TARGET", "lone").replace(
                "    disk:\n",
                "    lone:\n      type: tosca.nodes.nfv.VnfVirtualLink\n"
                "      properties: { connectivity_type: { layer_protocols: [ ethernet ] } }\n    disk:\n",
            ),
        ),
        "unused-exposure",
        "internal_virtual_link",
    ),
    "no internal side": (
        ("    disk:\n", EXT.replace("        - internal_virtual_link: TARGET\n", "")),
        "missing-key",
        "    door:",
    ),
    "same order twice": (
        (
            "        layer_protocols: [ ipv4 ]\n      requirements:\n        - virtual_binding: front",
            "        layer_protocols: [ ipv4 ]\n        order: 0\n"
            "      requirements:\n        - virtual_binding: front",
        ),
        "duplicate-order",
        "    front_in:",
    ),
    "host bits in the CIDR": (("10.0.0.0/24", "10.0.0.1/24"), "address", "10.0.0.1/24"),
    "CIDR of another family": (("ip_version: ipv4", "ip_version: ipv6"), "address", "cidr:"),
    "gateway outside": (("gateway_ip: 10.0.0.1", "gateway_ip: 10.9.0.1"), "address", "gateway_ip"),
    "pool backwards": (
        (
            "dhcp_enabled: false",
            "ip_allocation_pools: [ { start_ip_address: 10.0.0.9, end_ip_address: 10.0.0.5 } ]",
        ),
        "address",
        "ip_allocation_pools",
    ),
    "DHCP as text": (("dhcp_enabled: false", "dhcp_enabled: maybe"), "not-a-boolean", "maybe"),
    "rule on a stranger": (
        (
            "        targets: [ front ]\n        properties: { scope:",
            "        targets: [ gone ]\n        properties: { scope:",
        ),
        "unknown-node",
        "apart:",
    ),
    "rule without targets": (
        ("        targets: [ front ]\n        properties: { scope:", "        properties: { scope:"),
        "missing-key",
        "apart:",
    ),
    "unknown scope": (("scope: nfvi_node", "scope: galaxy"), "constraint", "galaxy"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_networks_and_rules_are_refused(case: str) -> None:
    edit, rule, fragment = BAD[case]
    text = edited(edit)
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    assert (caught.value.rule, caught.value.line) == (rule, line_of(text, fragment))
