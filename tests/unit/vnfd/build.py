"""Packages for tests, built in memory from one whole VNFD and small edits to it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from vnfm.domain.vnfd import Flavour
from vnfm.vnfd import read_package

META = "TOSCA-Metadata/TOSCA.meta"

#: Two VDUs, a volume, an internal link, scaling and a rule: every edit in the tests starts from here.
BASE = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports:
  - etsi_nfv_sol001_vnfd_types.yaml
node_types:
  acme.Middle:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      provider: { type: string, default: Acme }
  acme.Vnf:
    derived_from: acme.Middle
    properties:
      descriptor_id: { type: string, default: d-1 }
      descriptor_version: { type: string, default: 1.10 }
      product_name: { type: string, default: thing }
      software_version: { type: string, default: '2.0' }
      vnfm_info: { type: list, default: [ 'etsivnfm:v3.3.1' ] }
      flavour_id: { type: string, constraints: [ valid_values: [ one ] ], default: one }
      flavour_description: { type: string, default: the only one }
topology_template:
  inputs:
    memory: { type: scalar-unit.size, default: 512 MiB }
    unset: { type: string }
  substitution_mappings:
    node_type: acme.Vnf
    requirements:
      virtual_link_out: [ out, virtual_link ]
  node_templates:
    front:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: front
        description: first
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 5 }
        boot_data: { content_or_file_data: { content: hello } }
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu: { num_virtual_cpu: 2 }
            virtual_memory: { virtual_mem_size: { get_input: memory } }
      requirements:
        - virtual_storage: disk
      artifacts:
        sw_image:
          type: tosca.artifacts.nfv.SwImage
          file: images/front.qcow2
          properties:
            name: front
            version: 1.10
            checksum: { algorithm: sha-256, hash: ABCD }
            container_format: bare
            disk_format: raw
            min_disk: 2 GB
            size: 1 GB
    back:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: back
        description: second
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 1 }
        sw_image_data: { name: back, version: '1', checksum: abcd, size: 1 GB, min_disk: 1 GB }
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu: { num_virtual_cpu: 1 }
            virtual_memory: { virtual_mem_size: 256MiB }
    disk:
      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage
      properties:
        virtual_block_storage_data: { size_of_storage: 3 GiB }
    inner:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          virtual_link_protocol_data:
            - associated_layer_protocol: ipv4
              l3_protocol_data:
                ip_version: ipv4
                cidr: 10.0.0.0/24
                gateway_ip: 10.0.0.1
                dhcp_enabled: false
    out:
      type: tosca.nodes.nfv.VduCp
      properties:
        layer_protocols: [ ipv4 ]
      requirements:
        - virtual_binding: front
    front_in:
      type: tosca.nodes.nfv.VduCp
      properties:
        layer_protocols: [ ipv4 ]
        order: 0
      requirements:
        - virtual_binding: front
        - virtual_link: inner
    back_in:
      type: tosca.nodes.nfv.VduCp
      properties:
        layer_protocols: [ ipv4 ]
      requirements:
        - virtual_binding: { node: back }
        - virtual_link: inner
  policies:
    - scaling:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            grow: { name: grow, description: more, max_scale_level: 3, step_deltas: [ by_one ] }
    - initial:
        type: tosca.policies.nfv.VduInitialDelta
        targets: [ front ]
        properties: { initial_delta: { number_of_instances: 1 } }
    - deltas:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        targets: [ front ]
        properties:
          aspect: grow
          deltas:
            by_one: { number_of_instances: 1 }
    - levels:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          default_level: low
          levels:
            low: { description: low }
            high: { description: high, scale_info: { grow: { scale_level: 2 } } }
    - front_levels:
        type: tosca.policies.nfv.VduInstantiationLevels
        targets: [ front ]
        properties:
          levels:
            low: { number_of_instances: 1 }
            high: { number_of_instances: 3 }
    - apart:
        type: tosca.policies.nfv.AntiAffinityRule
        targets: [ front ]
        properties: { scope: nfvi_node }
"""


def edited(*edits: tuple[str, str], base: str = BASE) -> str:
    """``base`` with each text replaced by another; the text must be there exactly once."""
    for old, new in edits:
        assert base.count(old) == 1, f"{base.count(old)} times in the VNFD: {old!r}"
        base = base.replace(old, new)
    return base


def line_of(text: str, fragment: str) -> int:
    """The line, from 1, where a fragment first appears."""
    assert fragment in text, fragment
    return text[: text.index(fragment)].count("\n") + 1


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def csar(files: Mapping[str, str | bytes], entry: str = "vnfd.yaml", **meta: str) -> dict[str, str | bytes]:
    """These files with TOSCA.meta and a manifest that vouches for each."""
    lines = {"TOSCA-Meta-File-Version": "1.0", "CSAR-Version": "1.1", "Created-By": "test"}
    lines |= {"Entry-Definitions": entry, "ETSI-Entry-Manifest": "pkg.mf"}
    lines |= {key.replace("_", "-"): value for key, value in meta.items()}
    return {
        META: "".join(f"{key}: {value}\n" for key, value in lines.items()),
        "pkg.mf": manifest(files),
        **files,
    }


def manifest(files: Mapping[str, str | bytes], algorithm: str = "SHA-256") -> str:
    """A manifest listing each file with its hash."""
    text = "metadata:\n  vnf_product_name: thing\n"
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        digest = hashlib.new(algorithm.replace("-", ""), data).hexdigest()
        text += f"\nSource: {name}\nAlgorithm: {algorithm}\nHash: {digest}\n"
    return text


def flavour_of(text: str) -> Flavour:
    """The only flavour of a VNFD given as a single file."""
    (flavour,) = read_package(text.encode()).vnfd.flavours.values()
    return flavour
