"""VnfPackageChange policies: from which VNFD one can change to which, and what becomes of what."""

from __future__ import annotations

from collections.abc import Iterable

from vnfm.domain.vnfd import ComponentMapping, PackageChange, PackageSelector
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Policy, Topology

QUALIFIERS = ("up", "down")
#: deployment_flavour only up to 3.6.1.
COMPONENTS = (
    "vdu",
    "cp",
    "virtual_link",
    "virtual_storage",
    "deployment_flavour",
    "instantiation_level",
    "scaling_aspect",
)


def read(topologies: Iterable[Topology]) -> tuple[PackageChange, ...]:
    """Those of all templates; what several flavours state alike is one."""
    found = [_change(policy) for topology in topologies for policy in topology.policies("VnfPackageChange")]
    return tuple(dict.fromkeys(found))


def _change(policy: Policy) -> PackageChange:
    values = policy.properties
    selectors = _listed(values.need("selector"))
    if not selectors:
        raise values.fail("missing-key", f"the policy '{policy.name}' selects no change")
    mappings, actions = values.get("component_mappings"), values.get("actions")
    return PackageChange(
        id=policy.name,
        selectors=tuple(_selector(item) for item in selectors),
        qualifier=_one_of(values.need("modification_qualifier"), QUALIFIERS),
        destination_flavour_id=values.need("destination_flavour_id").text(),
        component_mappings=tuple(_mapping(item) for item in _listed(mappings)),
        description=values.optional_text("additional_modification_description") or "",
        actions=actions.texts() if actions is not None else (),
    )


def _listed(node: Node | None) -> list[Node]:
    """A list; up to 3.6.1 the selector is one structure alone."""
    if node is None:
        return []
    return [node] if node.is_mapping else node.items()


def _selector(node: Node) -> PackageSelector:
    return PackageSelector(
        source_descriptor_id=node.need("source_descriptor_id").text(),
        destination_descriptor_id=node.need("destination_descriptor_id").text(),
        source_flavour_id=node.need("source_flavour_id").text(),
    )


def _mapping(node: Node) -> ComponentMapping:
    return ComponentMapping(
        type=_one_of(node.need("component_type"), COMPONENTS),
        source_id=node.need("source_id").text(),
        destination_id=node.need("destination_id").text(),
        description=node.optional_text("description") or "",
    )


def _one_of(node: Node, allowed: tuple[str, ...]) -> str:
    if node.text() not in allowed:
        raise node.fail("constraint", f"'{node.text()}' is not one of {', '.join(allowed)}")
    return node.text()
