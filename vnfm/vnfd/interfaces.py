"""What the interfaces of the VNF name: scripts of operations, notifications of indicators.

An interface is described in the node types, from the general to the special, and in the node template, and
its own type may describe it further; each only adds to what the former said.
"""

from __future__ import annotations

from collections.abc import Iterator

from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.typetree import VNF_INDICATOR, VNFLCM
from vnfm.vnfd.vnf import Vnf

#: Keys beside the operations where a body has no key ``operations``.
_NO_OPERATIONS = (
    "type", "derived_from", "version", "metadata", "description", "inputs", "operations", "notifications"
)  # fmt: skip
_NOTHING = Node("", 0, "", {})


def scripts(topology: Topology, vnf: Vnf) -> dict[str, str]:
    """Operations that name an implementation, to that: of Vnflcm by their name, others as interface.name."""
    found: dict[str, str] = {}
    for name, kinds, body in _bodies(topology, vnf):
        operations = body.get("operations")
        entries = operations.mapping() if operations is not None else body.mapping()
        for operation, definition in entries.items():
            script = _implementation(definition)
            if script is not None and (operations is not None or operation not in _NO_OPERATIONS):
                found[operation if VNFLCM in kinds else f"{name}.{operation}"] = script
    return found


def notifications(topology: Topology, vnf: Vnf) -> tuple[str, ...]:
    """Names of the notifications of the VNF's indicator interfaces (the form of 2.7.1)."""
    found: dict[str, None] = {}
    for _, kinds, body in _bodies(topology, vnf):
        if VNF_INDICATOR in kinds:
            found.update(dict.fromkeys((body.get("notifications") or _NOTHING).mapping()))
    return tuple(found)


def _bodies(topology: Topology, vnf: Vnf) -> Iterator[tuple[str, list[str], Node]]:
    """Every description of an interface with the interface's name and the chain of its type."""
    types = topology.types
    holders = types.definitions("node_types", vnf.type.text(), vnf.type) if vnf.type is not None else []
    if vnf.template is not None:
        holders = [*holders, vnf.template.node]
    chains = {"Vnflcm": [VNFLCM]}
    for holder in holders:
        for name, body in (holder.get("interfaces") or _NOTHING).mapping().items():
            kind = body.get("type") if body.is_mapping else None
            if kind is not None and types.is_known("interface_types", kind.text()):
                chains[name] = types.chain("interface_types", kind.text(), kind)
                for definition in types.definitions("interface_types", kind.text(), kind):
                    yield name, chains[name], definition
            if body.is_mapping:
                yield name, chains.get(name, []), body


def _implementation(operation: Node) -> str | None:
    """The artifact or file an operation names, "" if in a form unknown here; None if it names none."""
    if not operation.is_mapping:
        return None if operation.is_list or operation.is_null or operation.is_unknown else operation.text()
    stated = operation.get("implementation")
    while stated is not None and stated.is_mapping:
        stated = stated.get("primary") or stated.get("file") or _OTHER
    if stated is None or (stated.is_list and not stated.items()):
        return None
    return "" if stated.is_list or stated.is_unknown else stated.text()


_OTHER = Node("", 0, "", "", "")
