"""Indicators in both forms, package changes, and the types of modifiable attributes."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, edited, flavour_of
from vnfm.domain.vnfd import Attribute, ComponentMapping, Indicator, PackageChange, PackageSelector, Vnfd
from vnfm.vnfd import PackageError, read_package


def policy(kind: str, body: str, name: str = "mine") -> str:
    return edited(("    - apart:", f"    - {name}:\n        type: {kind}\n{body}    - apart:"))


INDICATOR = "tosca.policies.nfv.VnfIndicator"
TRIGGERS = (
    "        triggers:\n          - out:\n              condition: [ { mine: [ { greater_than: 5 } ] } ]\n"
    "              action: [ { inputs: { level: { get_attribute: [ SELF, scale_status ] } } } ]\n"
)


def test_an_indicator_as_a_policy() -> None:
    text = policy(INDICATOR, f"        properties: {{ source: em }}\n{TRIGGERS}")
    assert flavour_of(text).indicators == {
        "mine": Indicator(
            "mine",
            "mine",
            "em",
            {
                "out": {
                    "condition": [{"mine": [{"greater_than": 5}]}],
                    "action": [{"inputs": {"level": {"get_attribute": ["SELF", "scale_status"]}}}],
                }
            },
        )
    }


def test_triggers_of_the_policy_type_and_a_name() -> None:
    types = (
        f"policy_types:\n  acme.Load:\n    derived_from: {INDICATOR}\n"
        "    properties: { source: { type: string, default: vnf }, name: { type: string } }\n"
        "    triggers: { out: { event: old }, in: { event: e } }\n"
    )
    body = "        properties: { name: load }\n        triggers: { out: { event: new } }\n"
    assert flavour_of(types + policy("acme.Load", body)).indicators == {
        "mine": Indicator("mine", "load", "vnf", {"out": {"event": "new"}, "in": {"event": "e"}})
    }


@pytest.mark.parametrize(
    ("body", "rule"),
    [("        properties: { source: moon }\n", "constraint"), ("        properties: { }\n", "missing-key")],
)
def test_bad_indicators_are_refused(body: str, rule: str) -> None:
    with pytest.raises(PackageError) as caught:
        flavour_of(policy(INDICATOR, body))
    assert caught.value.rule == rule


NOTIFYING = (
    "interface_types:\n  acme.Indicators:\n    derived_from: tosca.interfaces.nfv.VnfIndicator\n"
    "    notifications: { load: { }, queue: { } }\n"
)
IMPLEMENTED = ("    derived_from: acme.Middle\n",
               "    derived_from: acme.Middle\n    interfaces:\n"
               "      Mine: { type: acme.Indicators, notifications: { heat: { } } }\n")  # fmt: skip


def test_indicators_as_notifications() -> None:
    package = read_package((NOTIFYING + edited(IMPLEMENTED)).encode())
    assert package.vnfd.flavours["one"].indicators == {
        name: Indicator(name, name) for name in ("load", "queue", "heat")
    }
    (note,) = package.notes
    assert "not collected: load, queue, heat" in note


def test_with_policies_notifications_are_only_their_events() -> None:
    text = edited(IMPLEMENTED, base=policy(INDICATOR, "        properties: { source: em }\n"))
    assert list(flavour_of(NOTIFYING + text).indicators) == ["mine"]


SELECTOR = "{ source_descriptor_id: d-0, destination_descriptor_id: d-1, source_flavour_id: one }"
CHANGE = "tosca.policies.nfv.VnfPackageChange"


def change(values: str) -> tuple[PackageChange, ...]:
    text = policy(CHANGE, f"        properties: {{ {values} }}\n")
    return read_package(text.encode()).vnfd.package_changes


def test_a_package_change() -> None:
    (found,) = change(
        f"selector: [ {SELECTOR} ], modification_qualifier: down, destination_flavour_id: one, "
        "additional_modification_description: why, actions: [ drain ], component_mappings: "
        "[ { component_type: vdu, source_id: a, destination_id: front, description: renamed },"
        " { component_type: cp, source_id: b, destination_id: out } ]"
    )
    assert found == PackageChange(
        id="mine",
        selectors=(PackageSelector("d-0", "d-1", "one"),),
        qualifier="down",
        destination_flavour_id="one",
        component_mappings=(
            ComponentMapping("vdu", "a", "front", "renamed"),
            ComponentMapping("cp", "b", "out"),
        ),
        description="why",
        actions=("drain",),
    )
    assert found.renamed("vdu") == {"a": "front"}


def test_a_selector_alone_as_up_to_3_6_1() -> None:
    (found,) = change(f"selector: {SELECTOR}, modification_qualifier: up, destination_flavour_id: one")
    assert found.applies("d-0", "d-1", "one")
    assert not found.applies("d-0", "d-1", "two")


BAD_CHANGES = {
    "modification_qualifier: up, destination_flavour_id: one": "missing-key",
    f"selector: [ {SELECTOR} ], modification_qualifier: sideways, destination_flavour_id: one": "constraint",
    f"selector: [ {SELECTOR} ], modification_qualifier: up": "missing-key",
    f"selector: [ {SELECTOR} ], modification_qualifier: up, destination_flavour_id: one, "
    "component_mappings: [ { component_type: soul, source_id: a, destination_id: b } ]": "constraint",
    "selector: [ { source_descriptor_id: x } ], modification_qualifier: up, destination_flavour_id: one": (
        "missing-key"
    ),
    "selector: [ ], modification_qualifier: up, destination_flavour_id: one": "missing-key",
}


@pytest.mark.parametrize("values", BAD_CHANGES)
def test_bad_package_changes_are_refused(values: str) -> None:
    with pytest.raises(PackageError) as caught:
        change(values)
    assert caught.value.rule == BAD_CHANGES[values]


TYPES = """\
data_types:
  tosca.datatypes.nfv.VnfConfigurableProperties:
    derived_from: tosca.datatypes.Root
    properties:
      is_autoscale_enabled: { type: boolean, required: false }
      is_autoheal_enabled: { type: boolean, required: false }
  acme.Conf:
    derived_from: tosca.datatypes.nfv.VnfConfigurableProperties
    properties:
      is_autoheal_enabled: { type: boolean, required: true }
      vnfm_oauth_server_info: { type: tosca.datatypes.nfv.OauthServerInfo }
      additional_configurable_properties: { type: acme.More }
  acme.More:
    derived_from: tosca.datatypes.nfv.VnfAdditionalConfigurableProperties
    properties:
      is_writable_anytime: { type: boolean, default: false }
      threads: { type: integer, default: 4 }
  acme.Attributes:
    derived_from: tosca.datatypes.nfv.VnfInfoModifiableAttributes
    properties: { extensions: { type: acme.Extensions }, metadata: { type: map } }
  acme.Extensions:
    properties:
      mode: { type: string, default: fast, required: true }
      peers: { type: list, entry_schema: { type: string } }
      limits: { type: acme.More }
"""
PROPERTIES = (
    "      configurable_properties: { type: acme.Conf }\n"
    "      modifiable_attributes: { type: acme.Attributes }\n"
    "topology_template:"
)


def vnfd_with(given: str = "") -> Vnfd:
    values = f"    node_type: acme.Vnf\n    properties: {{ {given} }}\n"
    text = edited(("topology_template:", PROPERTIES), ("    node_type: acme.Vnf\n", values))
    return read_package((TYPES + text).encode()).vnfd


def test_attributes_with_type_default_and_need() -> None:
    vnfd = vnfd_with()
    assert vnfd.extension_attributes == (
        Attribute("mode", "string", required=True, default="fast"),
        Attribute("peers", "list"),
        Attribute("limits", "acme.More", default={"is_writable_anytime": False, "threads": 4}),
    )
    assert vnfd.metadata_attributes == ()


def test_a_standard_property_counts_if_declared_anew_or_given_a_value() -> None:
    always = (
        Attribute("isAutohealEnabled", "boolean", required=True),
        Attribute("vnfmOauthServerInfo", "tosca.datatypes.nfv.OauthServerInfo"),
        Attribute("threads", "integer", default=4, writable_anytime=False),
    )
    assert vnfd_with().configurable_attributes == always
    given = vnfd_with("configurable_properties: { is_autoscale_enabled: true }").configurable_attributes
    assert set(given) == {*always, Attribute("isAutoscaleEnabled", "boolean")}


def test_a_value_for_a_standard_property_suffices_without_the_standard_types() -> None:
    text = edited(
        (
            "topology_template:",
            "      configurable_properties: { type: tosca.datatypes.nfv.VnfConfigurableProperties, "
            "default: { is_autoheal_enabled: true } }\ntopology_template:",
        )
    )
    vnfd = read_package(text.encode()).vnfd
    assert vnfd.configurable_attributes == (Attribute("isAutohealEnabled", "boolean"),)
    assert vnfd.configurable_properties == {"isAutohealEnabled": True}


def test_the_vnfd_may_say_when_its_own_properties_can_be_written() -> None:
    given = "configurable_properties: { additional_configurable_properties: { is_writable_anytime: true } }"
    threads = {item.name: item for item in vnfd_with(given).configurable_attributes}["threads"]
    assert threads.writable_anytime


def test_a_vnfd_without_such_types_declares_nothing() -> None:
    vnfd = read_package(BASE.encode()).vnfd
    assert vnfd.extension_attributes == vnfd.metadata_attributes == vnfd.configurable_attributes == ()


@pytest.mark.parametrize(
    "given",
    [
        "configurable_properties: { additional_configurable_properties: true }",
        "modifiable_attributes: { extensions: [ a ] }",
        "modifiable_attributes: { metadata: a }",
    ],
)
def test_initial_values_of_the_wrong_shape_are_refused(given: str) -> None:
    with pytest.raises(PackageError, match="not-a-mapping"):
        vnfd_with(given)
