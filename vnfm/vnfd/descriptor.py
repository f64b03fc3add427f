"""The VNFD as a whole: which templates are its flavours, and what the VNF node says (SOL001 6.8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vnfm.domain.vnfd import Flavour, PackageChange, Vnfd
from vnfm.vnfd import attributes, changes, flavour, indicators, remarks, vnf
from vnfm.vnfd.archive import Files
from vnfm.vnfd.imports import Definitions
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.typetree import COMPUTE, VNF
from vnfm.vnfd.vnf import Vnf

_NOTHING = Node("", 0, "", {})
#: Facts that every flavour of one VNFD must state alike.
_IDENTITY = ("descriptor_id", "descriptor_version", "provider", "product_name", "software_version")


def read(definitions: Definitions, files: Files) -> tuple[Vnfd, tuple[str, ...]]:
    """The VNFD and notes on what of it is not acted upon."""
    topologies = [Topology(template, definitions.types) for template in definitions.templates]
    deployable = [topology for topology in topologies if _is_deployable(topology)]
    if not deployable:
        raise topologies[0].template.fail(
            "no-flavour",
            "no template describes a deployable VNF: one with a VDU and "
            "substitution_mappings or a node template of a type derived from " + VNF,
        )
    nodes = [vnf.read(topology) for topology in deployable]
    flavours: dict[str, Flavour] = {}
    above = [topology for topology in topologies if topology not in deployable]
    notes = [note for topology in above for note in remarks.on_policies(topology)]
    shared = {name: item for topology in above for name, item in indicators.read_policies(topology).items()}
    for topology, node in zip(deployable, nodes, strict=True):
        identity = node.facts.need("flavour_id")
        if identity.text() in flavours:
            raise identity.fail("duplicate-flavour", f"the flavour '{identity.text()}' is defined twice")
        _check_same(nodes[0].facts, node.facts)
        found = flavour.read(
            topology, files, node, identity.text(), _text(node.facts, "flavour_description"), len(nodes)
        )
        flavours[found.id] = replace(found, indicators={**shared, **found.indicators})
        notes += remarks.on(topology, found)
    default = _default_flavour(topologies[0], flavours)
    ways = changes.read(topologies)
    return _vnfd(nodes[0], deployable[0], flavours, default, ways), tuple(notes)


def _is_deployable(topology: Topology) -> bool:
    """A template with VDUs that stands for a VNF; the top level of several flavours has none."""
    return bool(topology.of_type(COMPUTE)) and (
        vnf.type_of(topology) is not None or bool(topology.of_type(VNF))
    )


def _check_same(first: Node, facts: Node) -> None:
    for key in _IDENTITY:
        here, there = facts.need(key), first.need(key)
        if here.text() != there.text():
            raise here.fail(
                "flavours-disagree", f"{key} is '{here.text()}', but '{there.text()}' in {there.file}"
            )


def _default_flavour(top: Topology, flavours: Mapping[str, Flavour]) -> str | None:
    """The one the top-level template's VNF node names, or the only one."""
    for node in top.of_type(VNF):
        chosen = node.properties.get("flavour_id")
        if chosen is not None and not chosen.is_unknown and not chosen.is_null:
            if chosen.text() not in flavours:
                raise chosen.fail("unknown-flavour", f"no template describes the flavour '{chosen.text()}'")
            return chosen.text()
    return next(iter(flavours)) if len(flavours) == 1 else None


def _text(facts: Node, key: str) -> str:
    found = facts.get(key)
    return "" if found is None or found.is_unknown else found.text()


def _vnfd(
    node: Vnf,
    top: Topology,
    flavours: Mapping[str, Flavour],
    default: str | None,
    ways: tuple[PackageChange, ...],
) -> Vnfd:
    facts, types = node.facts, top.types
    definitions = node.property_definitions(top)
    initial = facts.get("modifiable_attributes") or _NOTHING
    declared = types.members(definitions.get("modifiable_attributes"))
    configurable = facts.get("configurable_properties") or _NOTHING
    languages = facts.get("localization_languages")
    return Vnfd(
        id=facts.need("descriptor_id").text(),
        version=facts.need("descriptor_version").text(),
        provider=facts.need("provider").text(),
        product_name=facts.need("product_name").text(),
        software_version=facts.need("software_version").text(),
        product_info_name=_text(facts, "product_info_name") or None,
        description=_text(facts, "product_info_description"),
        vnfm_info=facts.need("vnfm_info").texts(),
        flavours=flavours,
        default_flavour=default,
        localization_languages=languages.texts() if languages is not None else (),
        extensions=attributes.values(initial.get("extensions")),
        metadata=attributes.values(initial.get("metadata")),
        configurable_properties=attributes.configurable_values(configurable),
        extension_attributes=attributes.read(declared.get("extensions"), types),
        metadata_attributes=attributes.read(declared.get("metadata"), types),
        configurable_attributes=attributes.read_configurable(
            definitions.get("configurable_properties"), configurable, types
        ),
        package_changes=ways,
    )
