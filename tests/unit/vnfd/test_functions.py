"""get_input, get_property, get_artifact and concat."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of, line_of
from vnfm.vnfd import PackageError

HERE = "content: hello"

GOOD = {
    "input": ("{ get_input: memory }", "512 MiB"),
    "input as a list": ("{ get_input: [ memory ] }", "512 MiB"),
    "own property": ("{ get_property: [ SELF, name ] }", "front"),
    "other node": ("{ get_property: [ back, description ] }", "second"),
    "nested": ("{ get_property: [ back, sw_image_data, name ] }", "back"),
    "through a list": (
        "{ get_property: [ inner, vl_profile, virtual_link_protocol_data, 0, l3_protocol_data, cidr ] }",
        "10.0.0.0/24",
    ),
    "of a capability": ("{ get_property: [ SELF, virtual_compute, virtual_cpu, num_virtual_cpu ] }", "2"),
    "of the node a requirement leads to": (
        "{ get_property: [ SELF, virtual_storage, virtual_block_storage_data, size_of_storage ] }",
        "3 GiB",
    ),
    "that leads to an input": (
        "{ get_property: [ front, virtual_compute, virtual_memory, virtual_mem_size ] }",
        "512 MiB",
    ),
    "concat": (
        "{ concat: [ 'mem=', { get_input: memory }, ' ', { get_property: [ SELF, name ] } ] }",
        "mem=512 MiB front",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_functions_are_replaced(case: str) -> None:
    written, expected = GOOD[case]
    assert flavour_of(edited((HERE, f"content: {written}"))).vdus["front"].user_data == expected


def test_data_that_only_looks_like_a_function_is_left_alone() -> None:
    text = edited(("content_or_file_data: { content: hello }", "kvp_data: { data: { token: abc } }"))
    assert flavour_of(text).vdus["front"].user_data == "token=abc\n"


BAD = {
    "undeclared input": ("{ get_input: nope }", "unknown-input"),
    "input without a value": ("{ get_input: unset }", "value-unknown"),
    "run-time value": ("{ get_attribute: [ SELF, address ] }", "value-unknown"),
    "concat of a run-time value": ("{ concat: [ a, { get_attribute: [ SELF, b ] } ] }", "value-unknown"),
    "unknown node": ("{ get_property: [ nobody, name ] }", "unknown-node"),
    "unknown property": ("{ get_property: [ back, colour ] }", "unknown-property"),
    "unknown nested property": ("{ get_property: [ back, sw_image_data, colour ] }", "unknown-property"),
    "list index too high": (
        "{ get_property: [ inner, vl_profile, virtual_link_protocol_data, 7 ] }",
        "unknown-property",
    ),
    "too few arguments": ("{ get_property: [ SELF ] }", "function-arguments"),
    "unknown artifact": ("{ get_artifact: [ SELF, nothing ] }", "unknown-artifact"),
    "cycle": ("{ get_property: [ SELF, boot_data, content_or_file_data, content ] }", "function-cycle"),
}


@pytest.mark.parametrize("case", BAD)
def test_functions_that_lead_nowhere_are_refused(case: str) -> None:
    written, rule = BAD[case]
    text = edited((HERE, f"content: {written}"))
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    assert (caught.value.rule, caught.value.line) == (rule, line_of(text, written))


def test_doubling_by_get_property_is_stopped() -> None:
    """Each property holds the one before twice: the YAML is small, its value would have 2^40 parts."""
    lines = ["        p0: [ x, x ]"]
    lines += [
        f"        p{n}: [ {{ get_property: [ SELF, p{n - 1} ] }}, {{ get_property: [ SELF, p{n - 1} ] }} ]"
        for n in range(1, 25)
    ]
    with pytest.raises(PackageError) as caught:
        flavour_of(edited(("        description: first", "        description: first\n" + "\n".join(lines))))
    assert caught.value.rule in ("too-many-values", "function-cycle")


def test_functions_in_policies_and_mappings() -> None:
    text = edited(
        ("scope: nfvi_node", "scope: { get_input: scope }"),
        (
            "    unset: { type: string }",
            "    scope: { type: string, default: zone }\n    chosen: { type: string, default: one }",
        ),
        (
            "    node_type: acme.Vnf\n",
            "    node_type: acme.Vnf\n    properties: { flavour_id: [ chosen ] }\n",
        ),
    )
    flavour = flavour_of(text)
    assert (flavour.id, flavour.affinity_rules[0].scope) == ("one", "zone")
    assert "unset" in BASE
