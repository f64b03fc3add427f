"""One topology_template with its functions replaced: node templates, policies and groups ready to be read."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from vnfm.vnfd import constraints, limits
from vnfm.vnfd.functions import Resolver
from vnfm.vnfd.node import Node
from vnfm.vnfd.typetree import TypeTree

_NOTHING = Node("", 0, "", {})


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a node template; ``target`` None means it is left open."""

    name: str
    target: str | None
    at: Node


@dataclass(frozen=True, slots=True)
class Template:
    """A node template: ``properties`` are complete and resolved, ``node`` is the text it came from."""

    name: str
    type: str
    node: Node
    properties: dict[str, Node]
    requirements: tuple[Requirement, ...]

    @property
    def body(self) -> Node:
        """The properties as one value to read from."""
        return Node(self.node.file, self.node.line, f"{self.node.path}.properties", self.properties)

    def targets(self, prefix: str) -> Iterator[Requirement]:
        """Requirements of that name, or that name and a suffix, in the order written."""
        for requirement in self.requirements:
            if requirement.name == prefix or requirement.name.startswith(f"{prefix}_"):
                yield requirement


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: ``properties`` are complete and resolved; ``raw`` still holds its functions."""

    name: str
    type: str
    targets: tuple[str, ...]
    properties: Node
    node: Node
    raw: Node

    def targets_among(self, vdus: Collection[str]) -> tuple[str, ...]:
        """The targets of a policy that only applies to VDUs."""
        for target in self.targets:
            if target not in vdus:
                raise self.node.fail(
                    "unknown-vdu", f"the policy '{self.name}' targets '{target}', which is no VDU"
                )
        if not self.targets:
            raise self.node.fail("missing-key", f"the policy '{self.name}' has no targets")
        return self.targets


class Topology:
    """The topology of one service template."""

    def __init__(self, template: Node, types: TypeTree) -> None:
        self.file = template.file
        self.template = template
        self.types = types
        self.root = template.get("topology_template") or _NOTHING.at(template)
        self.resolver = Resolver(self.root, types)
        self._by_type: dict[tuple[str, str | None], list[Template]] = {}

    @cached_property
    def templates(self) -> dict[str, Template]:
        """Node templates by name, in the order written."""
        nodes = self._section("node_templates")
        return {name: self._template(name, node) for name, node in nodes}

    def _section(self, name: str) -> list[tuple[str, Node]]:
        """The named entries of a part of the topology, no more than anyone could mean."""
        section = self.root.get(name)
        entries = list(section.pairs()) if section is not None else []
        if section is not None and len(entries) > limits.MAX_TEMPLATES:
            raise section.fail("too-many-templates", f"more than {limits.MAX_TEMPLATES} entries")
        for key, node in entries:
            if not key.isprintable() or not 0 < len(key) <= limits.MAX_NAME:
                raise node.fail("bad-name", "a name must be printable and not empty or overlong")
        return entries

    def _template(self, name: str, node: Node) -> Template:
        kind = node.need("type").text()
        resolved = self.resolver.resolve(node, name)
        given = self.resolver.properties(name)
        properties = {key: self.resolver.resolve(value, name) for key, value in given.items()}
        definitions = self.types.property_definitions("node_types", kind, node.need("type"))
        constraints.check_all(definitions, properties)
        return Template(name, kind, resolved, properties, tuple(_requirements(resolved)))

    def of_type(self, base: str, but: str | None = None) -> list[Template]:
        """Node templates of a type or its descendants, without those of type ``but``."""
        if (base, but) not in self._by_type:
            self._by_type[(base, but)] = [
                template
                for template in self.templates.values()
                if base in self._chain(template) and but not in self._chain(template)
            ]
        return self._by_type[(base, but)]

    def _chain(self, template: Template) -> list[str]:
        return self.types.chain("node_types", template.type, template.node.need("type"))

    def policies(self, kind: str) -> list[Policy]:
        """Policies of tosca.policies.nfv.``kind`` or its descendants."""
        return [
            policy
            for policy in self._policies
            if self.types.derives("policy_types", policy.type, f"tosca.policies.nfv.{kind}", policy.node)
        ]

    @cached_property
    def _policies(self) -> list[Policy]:
        return [self._policy(name, node) for name, node in self._section("policies")]

    def _policy(self, name: str, node: Node) -> Policy:
        resolved = self.resolver.resolve(node, None)
        kind = resolved.need("type").text()
        values = self.types.properties("policy_types", kind, resolved.get("properties"), node)
        targets = resolved.get("targets")
        return Policy(
            name,
            kind,
            tuple(dict.fromkeys(targets.texts())) if targets is not None else (),
            Node(node.file, node.line, f"{node.path}.properties", values),
            resolved,
            node,
        )

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Members by group name."""
        found = {}
        for name, node in self._section("groups"):
            members = node.get("members")
            found[name] = tuple(dict.fromkeys(members.texts())) if members is not None else ()
            if len(found[name]) > limits.MAX_TEMPLATES:
                raise node.fail("too-many-templates", f"more than {limits.MAX_TEMPLATES} members")
        return found

    @cached_property
    def substitution(self) -> Node | None:
        mappings = self.root.get("substitution_mappings")
        return self.resolver.resolve(mappings, None) if mappings is not None else None

    def path_of(self, name: str, at: Node) -> str:
        """A file named in the template, as a path in the package."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(at.file), name))
        if name.startswith("/") or path == ".." or path.startswith("../"):
            raise at.fail("path-outside", f"'{name}' leads out of the package")
        return path


def _requirements(node: Node) -> Iterator[Requirement]:
    entries = node.get("requirements")
    for name, value in entries.pairs() if entries is not None else ():
        if value.is_mapping:
            target = value.get("node")
            yield Requirement(name, target.text() if target is not None else None, value)
        else:
            yield Requirement(name, None if value.is_null else value.text(), value)
