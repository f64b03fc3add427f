"""The VNFD as a whole: identity, flavours and initial values."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, csar, edited, zipped
from vnfm.vnfd import Package, PackageError, read_package

VERSION = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
TYPES = VERSION + BASE[BASE.index("node_types:") : BASE.index("topology_template:")].replace(
    "[ one ]", "[ one, two ]"
)
TYPES = TYPES.replace(", default: one }", " }")
TOPOLOGY = BASE[BASE.index("topology_template:") :]


def low_level(flavour: str) -> str:
    mapped = f"    node_type: acme.Vnf\n    properties: {{ flavour_id: {flavour} }}\n"
    return f"{VERSION}imports: [ types.yaml ]\n" + edited(
        ("    node_type: acme.Vnf\n", mapped), base=TOPOLOGY
    )


def top_level(chosen: str, imports: str = "types.yaml, one.yaml, two.yaml") -> str:
    return (
        f"{VERSION}imports: [ {imports} ]\ntopology_template:\n"
        f"  inputs: {{ selected_flavour: {{ type: string{chosen} }} }}\n"
        "  node_templates:\n    vnf:\n      type: acme.Vnf\n      directives: [ substitutable ]\n"
        "      properties: { flavour_id: { get_input: selected_flavour } }\n"
    )


def several(top: str, one: str = low_level("one"), two: str = low_level("two"), **meta: str) -> Package:
    files = {"top.yaml": top, "one.yaml": one, "two.yaml": two, "types.yaml": TYPES}
    return read_package(zipped(csar(files, "top.yaml", **meta)))


def test_identity_comes_from_types_over_several_levels() -> None:
    vnfd = read_package(BASE.encode()).vnfd
    assert (vnfd.id, vnfd.version, vnfd.provider, vnfd.product_name) == ("d-1", "1.10", "Acme", "thing")
    assert (vnfd.software_version, vnfd.vnfm_info, vnfd.default_flavour) == (
        "2.0",
        ("etsivnfm:v3.3.1",),
        "one",
    )


def test_each_flavour_has_its_template() -> None:
    other = edited(("num_virtual_cpu: 1", "num_virtual_cpu: 4"), base=low_level("two"))
    vnfd = several(top_level(", default: two"), two=other).vnfd
    assert {name: flavour.vdus["back"].cpus for name, flavour in vnfd.flavours.items()} == {
        "one": 1,
        "two": 4,
    }
    assert vnfd.default_flavour == "two"


def test_without_a_choice_no_flavour_is_the_default() -> None:
    assert several(top_level("")).vnfd.default_flavour is None


def test_flavours_found_through_other_definitions() -> None:
    vnfd = several(top_level("", "types.yaml"), Other_Definitions="one.yaml two.yaml").vnfd
    assert set(vnfd.flavours) == {"one", "two"}


def test_a_flavour_chosen_by_substitution_filter() -> None:
    chosen = "    substitution_filter: { properties: [ flavour_id: { equal: two } ] }\n"
    two = edited(("    properties: { flavour_id: two }\n", chosen), base=low_level("two"))
    assert set(several(top_level(""), two=two).vnfd.flavours) == {"one", "two"}


def test_a_vnf_node_template_without_substitution_mappings() -> None:
    mapping = BASE[BASE.index("  substitution_mappings:") : BASE.index("  node_templates:")]
    node = "  node_templates:\n    me: { type: acme.Vnf, properties: { software_version: '3' } }\n"
    vnfd = read_package(edited((mapping, ""), ("  node_templates:\n", node)).encode()).vnfd
    assert (vnfd.id, vnfd.software_version) == ("d-1", "3")


BAD_FLAVOURS = {
    "same flavour twice": (low_level("one"), "duplicate-flavour"),
    "unknown to the type": (low_level("three"), "constraint"),
    "another identity": (
        edited(("flavour_id: two }", "flavour_id: two, software_version: '9' }"), base=low_level("two")),
        "flavours-disagree",
    ),
    "no flavour_id": (
        edited(("    properties: { flavour_id: two }\n", ""), base=low_level("two")),
        "missing-key",
    ),
}


@pytest.mark.parametrize("case", BAD_FLAVOURS)
def test_flavours_that_do_not_fit_together_are_refused(case: str) -> None:
    two, rule = BAD_FLAVOURS[case]
    with pytest.raises(PackageError) as caught:
        several(top_level(""), two=two)
    assert (caught.value.rule, caught.value.file) == (rule, "two.yaml")


def test_the_top_level_must_choose_a_known_flavour() -> None:
    with pytest.raises(PackageError, match="unknown-flavour"):
        several(top_level(", default: one", "types.yaml, two.yaml"))


def test_initial_values_from_values_and_nested_defaults() -> None:
    types = (
        "data_types:\n"
        "  acme.Conf:\n    derived_from: tosca.datatypes.nfv.VnfConfigurableProperties\n    properties:\n"
        "      is_autoscale_enabled: { type: boolean, default: true }\n"
        "      is_autoheal_enabled: { type: boolean }\n"
        "      additional_configurable_properties: { type: acme.More }\n"
        "  acme.More:\n    derived_from: tosca.datatypes.nfv.VnfAdditionalConfigurableProperties\n"
        "    properties:\n"
        "      is_writable_anytime: { type: boolean, default: true }\n"
        "      threads: { type: integer, default: 4 }\n"
        "  acme.Attributes:\n"
        "    derived_from: tosca.datatypes.nfv.VnfInfoModifiableAttributes\n    properties:\n"
        "      extensions: { type: acme.Extensions }\n      metadata: { type: acme.Extensions }\n"
        "  acme.Extensions:\n    properties:\n"
        "      mode: { type: string, default: fast }\n      list: { type: list }\n"
        "      inside: { type: acme.Extensions }\n"
    )
    properties = (
        "      configurable_properties: { type: acme.Conf }\n"
        "      modifiable_attributes: { type: acme.Attributes }\n"
        "topology_template:"
    )
    given = (
        "    node_type: acme.Vnf\n    properties: { modifiable_attributes: { metadata: { owner: me } } }\n"
    )
    text = types + edited(("topology_template:", properties))
    vnfd = read_package(text.encode()).vnfd
    assert vnfd.configurable_properties == {"isAutoscaleEnabled": True, "threads": 4}
    assert (vnfd.extensions, vnfd.metadata) == ({"mode": "fast"}, {"mode": "fast"})
    vnfd = read_package(edited(("    node_type: acme.Vnf\n", given), base=text).encode()).vnfd
    assert (vnfd.extensions, vnfd.metadata) == ({}, {"owner": "me"})


def test_a_topology_of_absurd_size_is_refused_early() -> None:
    group = f"  groups: {{ g: {{ members: [ {', '.join(f'm{n}' for n in range(2000))} ] }} }}\n"
    policy = "    - p{0}: {{ type: tosca.policies.nfv.AffinityRule, targets: [ front ] }}\n"
    for text in (BASE + group, BASE + "".join(policy.format(n) for n in range(1001))):
        with pytest.raises(PackageError, match="too-many-templates"):
            read_package(text.encode())


@pytest.mark.parametrize("name", ['""', '"a\\tb"', "x" * 256])
def test_names_nobody_could_show_are_refused(name: str) -> None:
    text = edited(("    disk:\n", f"    {name}:\n      type: tosca.nodes.Root\n    disk:\n"))
    with pytest.raises(PackageError, match="bad-name"):
        read_package(text.encode())
