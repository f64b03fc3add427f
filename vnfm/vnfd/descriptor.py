"""The VNFD as a whole: which templates are its flavours, and what the VNF node says (SOL001 6.8.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vnfm.domain.vnfd import Flavour, Vnfd
from vnfm.vnfd import constraints, flavour
from vnfm.vnfd.archive import Files
from vnfm.vnfd.errors import PackageError
from vnfm.vnfd.imports import Definitions
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import COMPUTE, VNF

_NOTHING = Node("", 0, "", {})
#: Facts that every flavour of one VNFD must state alike.
_IDENTITY = ("descriptor_id", "descriptor_version", "provider", "product_name", "software_version")
#: Configurable properties of the standard, to their SOL003 spelling; all others keep the vendor's.
_CONFIGURABLE = {
    "is_autoscale_enabled": "isAutoscaleEnabled",
    "is_autoheal_enabled": "isAutohealEnabled",
    "vnfm_interface_info": "vnfmInterfaceInfo",
    "vnfm_oauth_server_info": "vnfmOauthServerInfo",
    "vnf_oauth_server_info": "vnfOauthServerInfo",
}


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
    flavours: dict[str, Flavour] = {}
    first: Node | None = None
    notes: list[str] = []
    for topology in deployable:
        facts = _facts(topology)
        identity = facts.need("flavour_id")
        if identity.text() in flavours:
            raise identity.fail("duplicate-flavour", f"the flavour '{identity.text()}' is defined twice")
        _check_same(first, facts)
        first = first or facts
        flavours[identity.text()] = flavour.read(
            topology, files, identity.text(), _text(facts, "flavour_description")
        )
        notes += flavour.notes(topology)
    if first is None:
        raise PackageError("no-flavour", "the VNFD has no flavour")
    return _vnfd(first, flavours, _default_flavour(topologies[0], flavours)), tuple(notes)


def _is_deployable(topology: Topology) -> bool:
    """A template with VDUs that stands for a VNF; the top level of several flavours has none."""
    return bool(topology.of_type(COMPUTE)) and (
        _vnf_type(topology) is not None or bool(topology.of_type(VNF))
    )


def _vnf_type(topology: Topology) -> Node | None:
    mappings = topology.substitution
    kind = mappings.get("node_type") if mappings is not None else None
    if kind is None or not topology.types.derives("node_types", kind.text(), VNF, kind):
        return None
    return kind


def _facts(topology: Topology) -> Node:
    """The properties of the VNF: defaults of its type, then substitution_mappings, then its node template."""
    nodes = topology.of_type(VNF)
    if len(nodes) > 1:
        raise nodes[1].node.fail(
            "several-vnfs", "a VNFD describes one VNF, but has several VNF node templates"
        )
    kind = _vnf_type(topology)
    values: dict[str, Node] = {}
    at = nodes[0].node if nodes else topology.root
    if kind is not None:
        given = dict(_substituted(topology, topology.substitution or _NOTHING))
        holder = Node(at.file, kind.line, kind.path, given)
        values.update(topology.types.properties("node_types", kind.text(), holder, kind))
        values = {key: topology.resolver.resolve(value, None) for key, value in values.items()}
        constraints.check_all(topology.types.property_definitions("node_types", kind.text(), kind), values)
    if nodes:
        _overlay(values, nodes[0])
    return Node(at.file, at.line, "", values)


def _overlay(values: dict[str, Node], node: Template) -> None:
    for key, value in node.properties.items():
        known = values.get(key)
        if known is None or known.is_unknown or not value.is_unknown:
            values[key] = value


def _substituted(topology: Topology, mappings: Node) -> Iterator[tuple[str, Node]]:
    """substitution_mappings.properties, and the equalities of substitution_filter (TOSCA 1.3).

    TOSCA 1.3 also writes a property as [input name], meaning the value of that input.
    """
    inputs = (topology.root.get("inputs") or _NOTHING).mapping()
    properties = mappings.get("properties")
    for key, value in properties.pairs() if properties is not None else ():
        entries = value.items() if value.is_list else []
        if len(entries) == 1 and not entries[0].is_mapping and entries[0].raw in inputs:
            call = Node(value.file, value.line, value.path, {"get_input": entries[0]})
            yield key, topology.resolver.resolve(call, None)
        else:
            yield key, value
    filtered = mappings.get("substitution_filter", "properties")
    for key, value in filtered.pairs() if filtered is not None else ():
        for condition in value.items() if value.is_list else [value]:
            wanted = condition.get("equal") if condition.is_mapping else condition
            if wanted is not None:
                yield key, wanted


def _check_same(first: Node | None, facts: Node) -> None:
    for key in _IDENTITY if first is not None else ():
        here, there = facts.need(key), (first or facts).need(key)
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


def _vnfd(facts: Node, flavours: Mapping[str, Flavour], default: str | None) -> Vnfd:
    attributes = facts.get("modifiable_attributes") or _NOTHING
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
        extensions=(attributes.get("extensions") or _NOTHING).plain(),
        metadata=(attributes.get("metadata") or _NOTHING).plain(),
        configurable_properties=_configurable(facts.get("configurable_properties") or _NOTHING),
    )


def _configurable(stated: Node) -> dict[str, Any]:
    """Initial values with the additional ones beside the standard ones, as VnfInstance shows them."""
    found: dict[str, Any] = {}
    for key, node in stated.mapping().items():
        if key in ("additional_configurable_properties", "additional_configurable_property"):
            found.update(
                {name: value for name, value in node.plain().items() if name != "is_writable_anytime"}
            )
        else:
            found[_CONFIGURABLE.get(key, key)] = node.plain()
    return found
