"""The VNF that a topology stands for: its type, its properties and its interfaces (SOL001 6.8.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vnfm.vnfd import constraints
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import VNF

_NOTHING = Node("", 0, "", {})


@dataclass(frozen=True, slots=True)
class Vnf:
    """``type`` is where the vendor's type is named; ``template`` the VNF's node template, if it has one."""

    type: Node | None
    facts: Node
    template: Template | None

    def property_definitions(self, topology: Topology) -> dict[str, Node]:
        """What its type and the ancestors of that define."""
        if self.type is None:
            return {}
        return topology.types.property_definitions("node_types", self.type.text(), self.type)


def type_of(topology: Topology) -> Node | None:
    """The type that substitution_mappings name, if it is that of a VNF."""
    mappings = topology.substitution
    kind = mappings.get("node_type") if mappings is not None else None
    if kind is None or not topology.types.derives("node_types", kind.text(), VNF, kind):
        return None
    return kind


def read(topology: Topology) -> Vnf:
    """The VNF of a topology: defaults of its type, then substitution_mappings, then its node template."""
    nodes = topology.of_type(VNF)
    if len(nodes) > 1:
        raise nodes[1].node.fail(
            "several-vnfs", "a VNFD describes one VNF, but has several VNF node templates"
        )
    kind = type_of(topology)
    values: dict[str, Node] = {}
    at = nodes[0].node if nodes else topology.root
    if kind is not None:
        given = dict(_substituted(topology, topology.substitution or _NOTHING))
        holder = Node(at.file, kind.line, kind.path, given)
        values.update(topology.types.properties("node_types", kind.text(), holder, kind))
        values = {key: topology.resolver.resolve(value, None) for key, value in values.items()}
        constraints.check_all(topology.types.property_definitions("node_types", kind.text(), kind), values)
    template = nodes[0] if nodes else None
    if template is not None:
        _overlay(values, template)
    return Vnf(
        kind or (template.node.need("type") if template else None),
        Node(at.file, at.line, "", values),
        template,
    )


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
