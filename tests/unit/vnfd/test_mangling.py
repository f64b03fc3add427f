"""No input gets past PackageError: good VNFDs and packages, mangled."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.vnfd.build import BASE, csar, edited, zipped
from vnfm.vnfd import PackageError, read_package
from vnfm.vnfd.document import from_document, to_document

#: The base with everything else that is read, one value a line, for the mangling below.
MORE = """\
interface_types:
  acme.Lcm:
    derived_from: tosca.interfaces.nfv.Vnflcm
    operations:
      heal:
        implementation:
          primary: heal.sh
  acme.Events:
    derived_from: tosca.interfaces.nfv.VnfIndicator
    notifications:
      load:
        description: how much
data_types:
  acme.Conf:
    derived_from: tosca.datatypes.nfv.VnfConfigurableProperties
    properties:
      is_autoheal_enabled:
        type: boolean
        default: true
      additional_configurable_properties:
        type: acme.More
  acme.More:
    derived_from: tosca.datatypes.nfv.VnfAdditionalConfigurableProperties
    properties:
      is_writable_anytime:
        type: boolean
        default: false
      threads:
        type: integer
        required: true
        default: 4
  acme.Attributes:
    properties:
      extensions:
        type: acme.More
      metadata:
        type: acme.More
  acme.Operations:
    properties:
      operate:
        type: acme.Operate
  acme.Operate:
    properties:
      parameter:
        type: acme.More
      min_graceful_stop_timeout:
        type: scalar-unit.time
        default: 5 s
"""
PROPERTIES = """\
      configurable_properties:
        type: acme.Conf
      modifiable_attributes:
        type: acme.Attributes
      lcm_operations_configuration:
        type: acme.Operations
      vnf_profile:
        type: tosca.datatypes.nfv.VnfProfile
        default:
          min_number_of_instances: 1
          max_number_of_instances: 2
          service_availability_level: 1
    interfaces:
      Lcm:
        type: acme.Lcm
      Events:
        type: acme.Events
topology_template:
"""
VIP = """\
    vip:
      type: tosca.nodes.nfv.VipCp
      properties:
        vip_function: load_balance
        layer_protocols: [ ipv4 ]
        dedicated_ip_address: true
        protocol:
          - address_data:
              - l3_address_data:
                  fixed_ip_address: [ 10.0.0.7 ]
      requirements:
        - target: front_in
        - virtual_link: inner
    disk:
"""
POLICIES = """\
    - web:
        type: tosca.policies.nfv.SecurityGroupRule
        targets: [ out, vip ]
        properties:
          direction: egress
          ether_type: ipv4
          protocol: tcp
          port_range_min: 1
          port_range_max: 2
    - busy:
        type: tosca.policies.nfv.VnfIndicator
        properties:
          source: vnf
        triggers:
          - more:
              event: e
              condition: [ { busy: [ { equal: 1 } ] } ]
    - newer:
        type: tosca.policies.nfv.VnfPackageChange
        properties:
          selector:
            - source_descriptor_id: d-0
              destination_descriptor_id: d-1
              source_flavour_id: one
          modification_qualifier: up
          destination_flavour_id: one
          actions: [ drain ]
          component_mappings:
            - component_type: vdu
              source_id: old
              destination_id: front
    - apart:
"""
RICH = MORE + edited(("topology_template:\n", PROPERTIES), ("    disk:\n", VIP), ("    - apart:\n", POLICIES))
LINES = BASE.splitlines()
RICH_LINES = RICH.splitlines()


def test_the_text_to_mangle_is_good() -> None:
    vnfd = read_package(RICH.encode()).vnfd
    flavour = vnfd.flavours["one"]
    assert (set(flavour.virtual_ips), set(flavour.indicators), flavour.scripts) == (
        {"vip"},
        {"busy"},
        {"heal": "heal.sh"},
    )
    assert (len(flavour.security_rules), len(vnfd.package_changes)) == (1, 1)
    assert flavour.operations.parameters["operate"] == vnfd.extension_attributes[:2]
    assert flavour.operations.min_graceful_stop_timeout == 5
    assert from_document(json.loads(json.dumps(to_document(vnfd)))) == vnfd


HOSTILE = [
    "",
    "~",
    "[ ]",
    "{ }",
    "- ",
    "a: b",
    "{ get_property: [ SELF, name ] }",
    "{ get_input: memory }",
    "999999999999999999999",
    "-1",
    "!!binary x",
    "*x",
    "&x y",
    "'",
    "[ [ ] ]",
    "{ a: { b: [ 1, { c: 2 } ] } }",
    "1e400",
    ".nan",
]


def mangle(lines: list[str], edits: list[tuple[int, str, str]]) -> bytes:
    """Some lines dropped, swapped or replaced."""
    lines = list(lines)
    for number, how, hostile in edits:
        position = number % len(lines)
        if how == "drop":
            lines[position] = ""
        elif how == "value":
            lines[position] = lines[position].partition(":")[0] + ": " + hostile
        elif how == "swap":
            lines[position], lines[position - 1] = lines[position - 1], lines[position]
        else:
            lines[position] = hostile
    return "\n".join(lines).encode()


@pytest.mark.parametrize("lines", [LINES, RICH_LINES], ids=["base", "rich"])
@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(LINES) * len(RICH_LINES) - 1),
            st.sampled_from(["drop", "value", "swap", "line"]),
            st.sampled_from(HOSTILE),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_mangled_vnfd_is_read_or_refused_but_never_breaks_us(
    lines: list[str], edits: list[tuple[int, str, str]]
) -> None:
    with contextlib.suppress(PackageError):
        to_document(read_package(mangle(lines, edits)).vnfd)


PACKED = zipped(csar({"vnfd.yaml": BASE}))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(position=st.integers(0, len(PACKED) - 1), value=st.integers(0, 255))
def test_a_flipped_byte_of_a_package_never_breaks_us(position: int, value: int) -> None:
    data = bytearray(PACKED)
    data[position] = value
    with contextlib.suppress(PackageError):
        read_package(bytes(data))
