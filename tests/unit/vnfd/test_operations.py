"""What a VNFD says of life-cycle operations: settings, what is ruled out, scripts, additionalParams."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of, line_of
from vnfm.domain.vnfd import OPERATIONS, Attribute, OperationsConfiguration, VnfProfile
from vnfm.vnfd import PackageError, read_package

PROPERTY = "      vnfm_info: { type: list, default: [ 'etsivnfm:v3.3.1' ] }\n"
POLICIES = BASE[BASE.index("  policies:") :]


def with_property(name: str, value: str, kind: str = "acme.Any") -> str:
    """The base with one more property of the VNF."""
    return edited((PROPERTY, f"{PROPERTY}      {name}: {{ type: {kind}, default: {value} }}\n"))


def configured(value: str) -> OperationsConfiguration:
    text = with_property("lcm_operations_configuration", value, "tosca.datatypes.nfv.Any")
    return flavour_of(text).operations


def test_a_vnfd_that_says_nothing_rules_out_only_what_has_nothing_to_work_on() -> None:
    operations = flavour_of(BASE).operations
    assert operations == OperationsConfiguration(unsupported=("change_flavour",))
    bare = flavour_of(edited((POLICIES, ""))).operations
    assert bare.unsupported == ("scale", "scale_to_level", "change_flavour")
    assert [name for name in OPERATIONS if not bare.supports(name)] == list(bare.unsupported)


def test_levels_without_aspects_can_still_be_scaled_to() -> None:
    levels = (
        "  policies:\n    - levels:\n        type: tosca.policies.nfv.InstantiationLevels\n"
        "        properties: { default_level: a, levels: { a: { description: a }, b: { description: b } } }\n"
    )
    assert flavour_of(edited((POLICIES, levels))).operations.unsupported == ("scale", "change_flavour")


@pytest.mark.parametrize(
    ("name", "supported"),
    [
        ("SCALE", True),
        ("CHANGE_FLAVOUR", False),
        ("CHANGE_EXT_CONN", True),
        ("CHANGE_VNFPKG", True),
        ("MODIFY_INFO", True),
        ("CREATE_SNAPSHOT", True),
        ("dance", False),
    ],
)
def test_operations_may_be_asked_for_as_sol003_spells_them(name: str, supported: bool) -> None:
    assert flavour_of(BASE).operations.supports(name) is supported


def test_every_setting() -> None:
    assert configured(
        "{ instantiate: { }, scale: { scaling_by_more_than_one_step_supported: true },"
        " scale_to_level: { arbitrary_target_levels_supported: true }, heal: { causes: [ a, b ] },"
        " terminate: { min_graceful_termination_timeout: 1500 ms,"
        " max_recommended_graceful_termination_timeout: 2 m },"
        " operate: { min_graceful_stop_timeout: 0, max_recommended_graceful_stop_timeout: 1 h },"
        " change_ext_connectivity: { } }"
    ) == OperationsConfiguration(
        configured=(
            "instantiate",
            "scale",
            "scale_to_level",
            "heal",
            "terminate",
            "operate",
            "change_ext_connectivity",
        ),
        unsupported=("change_flavour",),
        scaling_by_more_than_one_step_supported=True,
        arbitrary_target_levels_supported=True,
        heal_causes=("a", "b"),
        min_graceful_termination_timeout=1.5,
        max_recommended_graceful_termination_timeout=120,
        min_graceful_stop_timeout=0,
        max_recommended_graceful_stop_timeout=3600,
    )


BAD = {
    "{ terminate: { min_graceful_termination_timeout: 10 } }": "scalar-unit",
    "{ terminate: { min_graceful_termination_timeout: 10 MiB } }": "scalar-unit",
    "{ operate: { min_graceful_stop_timeout: 10 s, max_recommended_graceful_stop_timeout: 9 s } }": (
        "out-of-range"
    ),
    "{ scale: { scaling_by_more_than_one_step_supported: perhaps } }": "not-a-boolean",
    "[ scale ]": "not-a-mapping",
}


@pytest.mark.parametrize("value", BAD)
def test_bad_settings_are_refused(value: str) -> None:
    with pytest.raises(PackageError) as caught:
        configured(value)
    assert caught.value.rule == BAD[value]
    text = with_property("lcm_operations_configuration", value, "tosca.datatypes.nfv.Any")
    assert caught.value.line == line_of(text, "lcm_operations_configuration")


def test_additional_parameters_of_vendor_types() -> None:
    types = (
        "data_types:\n"
        "  acme.Operations:\n    derived_from: tosca.datatypes.nfv.VnfLcmOperationsConfiguration\n"
        "    properties:\n"
        "      heal: { type: acme.Heal }\n"
        "      operate: { type: tosca.datatypes.nfv.VnfOperateOperationConfiguration }\n"
        "  acme.Heal:\n    derived_from: tosca.datatypes.nfv.VnfHealOperationConfiguration\n"
        "    properties: { parameter: { type: acme.HealParameters } }\n"
        "  acme.HealParameters:\n"
        "    derived_from: tosca.datatypes.nfv.VnfOperationAdditionalParameters\n"
        "    properties:\n"
        "      depth: { type: integer, required: true }\n      note: { type: string, default: none }\n"
    )
    text = types + with_property("lcm_operations_configuration", "{ }", "acme.Operations")
    assert flavour_of(text).operations.parameters == {
        "heal": (Attribute("depth", "integer", required=True), Attribute("note", "string", default="none"))
    }


NODE = "    me:\n      type: acme.Vnf\n      interfaces:\n{}    disk:\n"
IN_TEMPLATE = {
    "short": ("        Vnflcm: { instantiate: go.sh }\n", {"instantiate": "go.sh"}),
    "long": ("        Vnflcm: { heal: { implementation: go.sh } }\n", {"heal": "go.sh"}),
    "of TOSCA 1.3": (
        "        Vnflcm: { operations: { heal: { implementation: { primary: go.sh } } } }\n",
        {"heal": "go.sh"},
    ),
    "with the file inline": (
        "        Vnflcm: { heal_end: { implementation: { primary: { file: go.sh, type: t } } } }\n",
        {"heal_end": "go.sh"},
    ),
    "unknown form": ("        Vnflcm: { heal: { implementation: [ a, b ] } }\n", {"heal": ""}),
    "by a function": (
        "        Vnflcm: { heal: { implementation: { get_artifact: [ me, x ] } } }\n"
        "      artifacts: { x: scripts/go.sh }\n",
        {"heal": "scripts/go.sh"},
    ),
    "another interface": (
        "        Change: { upgrade: { implementation: go.sh } }\n",
        {"Change.upgrade": "go.sh"},
    ),
    "without scripts": (
        "        Vnflcm: { type: tosca.interfaces.nfv.Vnflcm, instantiate: [ ], heal: ~, scale: { } }\n",
        {},
    ),
}


@pytest.mark.parametrize("case", IN_TEMPLATE)
def test_scripts_named_in_the_node_template(case: str) -> None:
    written, scripts = IN_TEMPLATE[case]
    package = read_package(edited(("    disk:\n", NODE.format(written))).encode())
    assert package.vnfd.flavours["one"].scripts == scripts
    assert len(package.notes) == (1 if scripts else 0)


def test_scripts_named_in_types_add_up() -> None:
    text = edited(
        (
            "  acme.Middle:\n    derived_from: tosca.nodes.nfv.VNF\n",
            "  acme.Middle:\n    derived_from: tosca.nodes.nfv.VNF\n    interfaces:\n"
            "      Lcm: { type: acme.Lcm, operations: { heal: { implementation: heal.sh } } }\n",
        ),
        (
            "    derived_from: acme.Middle\n",
            "    derived_from: acme.Middle\n    interfaces:\n"
            "      Lcm: { operations: { scale_start: { implementation: scale.sh } } }\n"
            "      Vnflcm: { inputs: { implementation: x }, heal: { description: as above } }\n",
        ),
    )
    types = (
        "interface_types:\n  acme.Lcm:\n    derived_from: tosca.interfaces.nfv.Vnflcm\n"
        "    operations: { operate: { implementation: operate.sh } }\n"
    )
    assert flavour_of(types + text).scripts == {
        "operate": "operate.sh",
        "heal": "heal.sh",
        "scale_start": "scale.sh",
    }


def test_the_profile_of_the_vnf() -> None:
    assert flavour_of(BASE).profile is None
    value = (
        "{ min_number_of_instances: 1, max_number_of_instances: 4, "
        "instantiation_level: high, service_availability_level: 2 }"
    )
    assert flavour_of(with_property("vnf_profile", value, "map")).profile == VnfProfile(1, 4, "high", 2)
    for bad, rule in (
        (value.replace("instances: 1", "instances: 5"), "instances"),
        (value.replace("availability_level: 2", "availability_level: 0"), "out-of-range"),
        ("{ min_number_of_instances: 1 }", "missing-key"),
    ):
        with pytest.raises(PackageError) as caught:
            flavour_of(with_property("vnf_profile", bad, "map"))
        assert caught.value.rule == rule
