"""Replaces get_input, get_property, get_artifact and concat by their values (TOSCA 1.3 §4).

What only exists at run time (get_attribute, an input without default) becomes an Unresolved value: harmless
until someone reads it, and then an error at the place that asked.
"""

from __future__ import annotations

from collections.abc import Callable

from vnfm.vnfd import limits
from vnfm.vnfd.node import Node, Unresolved
from vnfm.vnfd.typetree import TypeTree

_NOTHING = Node("", 0, "", {})
#: All others take a list; the same word above a mere text, {token: abc}, is the vendor's data.
_TAKES_TEXT = ("get_input", "get_nodes_of_type")
_RUN_TIME = ("get_attribute", "get_operation_output", "get_nodes_of_type", "token", "join")


class Resolver:
    """Function values within one topology_template."""

    def __init__(self, topology: Node, types: TypeTree) -> None:
        self.topology = topology
        self.types = types
        self.produced = 0
        self.depth = 0
        self.hops: list[tuple[str, ...]] = []
        self.functions: dict[str, Callable[[Node, str | None], Node]] = {
            "get_input": self._get_input,
            "get_property": self._get_property,
            "get_artifact": self._get_artifact,
            "concat": self._concat,
            **dict.fromkeys(_RUN_TIME, _unknown),
        }

    def resolve(self, node: Node, owner: str | None) -> Node:
        """``node`` with every function in it replaced; ``owner`` is what SELF means there."""
        self.produced += 1
        self.depth += 1
        if self.produced > limits.MAX_RESOLVED or self.depth > limits.MAX_RESOLVED_DEPTH:
            raise node.fail(
                "too-many-values",
                f"functions expand to more than {limits.MAX_RESOLVED} values or "
                f"{limits.MAX_RESOLVED_DEPTH} levels",
            )
        resolved = self._resolve(node, owner)
        self.depth -= 1
        return resolved

    def _resolve(self, node: Node, owner: str | None) -> Node:
        if node.is_list:
            entries = [self.resolve(item, owner) for item in node.items()]
            return Node(node.file, node.line, node.path, entries, "", node.weight)
        if not node.is_mapping:
            return node
        content = node.mapping()
        if len(content) == 1:
            name, argument = next(iter(content.items()))
            if name in self.functions and (argument.is_list or name in _TAKES_TEXT):
                return self.functions[name](argument, owner).at(node)
        parts = {key: self.resolve(value, owner) for key, value in content.items()}
        return Node(node.file, node.line, node.path, parts, "", node.weight)

    def _get_input(self, argument: Node, owner: str | None) -> Node:
        path = argument.items() if argument.is_list else [argument]
        if not path:
            raise argument.fail("function-arguments", "get_input needs a name")
        name = path[0].text()
        declared = self.topology.get("inputs") or _NOTHING
        definition = declared.mapping().get(name)
        if definition is None:
            raise argument.fail("unknown-input", f"the input '{name}' is not declared in this topology")
        value = definition.get("value") or self.types.default(definition) if definition.is_mapping else None
        if value is None:
            reason = f"the input '{name}' has no default, so its value is not known from the VNFD"
            return Node(argument.file, argument.line, argument.path, Unresolved(reason))
        return self._walk(self._guarded(("input", name), value, owner), path[1:])

    def _guarded(self, hop: tuple[str, ...], value: Node, owner: str | None) -> Node:
        """Resolve what a function led to, refusing to go round in circles."""
        if hop in self.hops or len(self.hops) >= limits.MAX_HOPS:
            raise value.fail(
                "function-cycle",
                "functions refer to each other without end: "
                + " -> ".join(".".join(step) for step in [*self.hops, hop]),
            )
        self.hops.append(hop)
        try:
            return self.resolve(value, owner)
        finally:
            self.hops.pop()

    def _node(self, name: str, owner: str | None, at: Node) -> tuple[str, Node]:
        target = owner if name == "SELF" else name
        templates = self.topology.get("node_templates") or _NOTHING
        node = templates.mapping().get(target or "")
        if target is None or node is None:
            raise at.fail("unknown-node", f"'{name}' names no node template here")
        return target, node

    def properties(self, name: str) -> dict[str, Node]:
        """A node template's property values with the defaults of its type, functions not yet replaced."""
        node = (self.topology.get("node_templates") or _NOTHING).need(name)
        return self.types.properties("node_types", node.need("type").text(), node.get("properties"), node)

    def _get_property(self, argument: Node, owner: str | None) -> Node:
        path = argument.items()
        if len(path) < 2:
            raise argument.fail("function-arguments", "get_property needs a node and a property")
        target, node = self._node(path[0].text(), owner, argument)
        values, rest = self.properties(target), path[1:]
        if rest[0].text() not in values and len(rest) > 1:
            values, rest = self._of_capability(target, node, rest, argument)
        found = values.get(rest[0].text())
        if found is None:
            raise argument.fail(
                "unknown-property", f"'{target}' has no property '{rest[0].text()}' with a value"
            )
        return self._walk(
            self._guarded((target, *(step.text() for step in path[1:])), found, target), rest[1:]
        )

    def _of_capability(
        self, target: str, node: Node, rest: list[Node], at: Node
    ) -> tuple[dict[str, Node], list[Node]]:
        """The properties of a capability, or of the node a requirement leads to."""
        name = rest[0].text()
        capability = node.get("capabilities", name, "properties")
        if capability is not None:
            return capability.mapping(), rest[1:]
        requirements = node.get("requirements")
        for key, value in requirements.pairs() if requirements is not None else ():
            if key == name:
                leads = value.need("node") if value.is_mapping else value
                self._node(leads.text(), None, at)
                return self.properties(leads.text()), rest[1:]
        return {}, rest

    def _walk(self, node: Node, path: list[Node]) -> Node:
        """Follow nested names and list indexes."""
        for step in path:
            if node.is_list:
                index = step.integer()
                if index >= len(node.items()):
                    raise step.fail("unknown-property", f"there is no entry {index}")
                node = node.items()[index]
            else:
                found = node.get(step.text())
                if found is None:
                    raise step.fail(
                        "unknown-property", f"there is no '{step.text()}' in {node.path or 'the value'}"
                    )
                node = found
        return node

    def _get_artifact(self, argument: Node, owner: str | None) -> Node:
        path = argument.items()
        if len(path) < 2:
            raise argument.fail("function-arguments", "get_artifact needs a node and an artifact")
        target, node = self._node(path[0].text(), owner, argument)
        artifact = node.get("artifacts", path[1].text())
        if artifact is None:
            raise argument.fail("unknown-artifact", f"'{target}' has no artifact '{path[1].text()}'")
        return artifact.need("file") if artifact.is_mapping else artifact

    def _concat(self, argument: Node, owner: str | None) -> Node:
        parts = [self.resolve(item, owner) for item in argument.items()]
        unknown = next((part for part in parts if part.is_unknown), None)
        if unknown is not None:
            return unknown
        joined = "".join(part.text() for part in parts)
        return Node(argument.file, argument.line, argument.path, joined, joined)


def _unknown(argument: Node, owner: str | None) -> Node:
    return Node(
        argument.file,
        argument.line,
        argument.path,
        Unresolved("the function's result is only known at run time"),
    )
