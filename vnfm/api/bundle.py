"""Makes one self-contained specification out of a file and what it refers to in its neighbours.

connexion looks up ``#/components/...`` of an external file in the *root* file first, so a schema of the same
name there silently wins. Bundled before loading there is nothing external left; a clash of names is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]
_PREFIX = "#/components/"


class SpecError(ValueError):
    """A specification that cannot be served; the message names the file and the place."""


class _Bundle:
    """One bundling in progress: ``root`` grows while the walk meets references to neighbours."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._origin: dict[tuple[str, str], Path] = {}
        self.root: Node = _load(file)
        for kind, members in self.root.get("components", {}).items():
            own = (name for name, member in members.items() if "$ref" not in member)
            self._origin.update({(kind, name): file for name in own})

    def run(self) -> Node:
        """The bundled specification."""
        own = dict(self.root)
        self.root = {**own, "components": {}}
        bundled = {key: self._walk(value, self._file) for key, value in own.items() if key != "components"}
        for kind, members in own.get("components", {}).items():
            for name, member in members.items():
                self._take(kind, name, member)
        return {**bundled, "components": self.root["components"]}

    def _take(self, kind: str, name: str, member: Node) -> None:
        """Place an own component; one that only refers to a neighbour's of the same name takes that in."""
        if "$ref" not in member:
            self._place(kind, name, member, self._file)
        elif self._resolve(member["$ref"], self._file) != f"{_PREFIX}{kind}/{name}":
            raise SpecError(f"{self._file.name}: {kind}/{name} refers to a component of another name")

    def _walk(self, node: Any, file: Path) -> Any:
        if isinstance(node, list):
            return [self._walk(item, file) for item in node]
        if not isinstance(node, Mapping):
            return node
        if isinstance(node.get("$ref"), str):
            return {"$ref": self._resolve(node["$ref"], file)}
        return {str(key): self._walk(value, file) for key, value in node.items()}

    def _resolve(self, reference: str, file: Path) -> str:
        """Fetch what ``reference`` means in ``file`` and say where it lies in the bundle."""
        name, _, pointer = reference.partition("#")
        source = file.parent / name if name else file
        parts = pointer.removeprefix("/components/").split("/")
        if not pointer.startswith("/components/") or len(parts) != 2:
            raise SpecError(f"{file.name}: only file#/components/kind/name can be referred to: {reference}")
        kind, member = parts
        try:
            found = _load(source)["components"][kind][member]
        except (KeyError, OSError) as exc:
            raise SpecError(f"{file.name}: refers to nothing: {reference}") from exc
        self._place(kind, member, found, source)
        return f"{_PREFIX}{kind}/{member}"

    def _place(self, kind: str, name: str, node: Any, source: Path) -> None:
        """Put a component into the bundle, once."""
        if self._origin.setdefault((kind, name), source) != source:
            raise SpecError(f"{self._file.name}: {kind}/{name} is also defined in {source.name}")
        members = self.root["components"].setdefault(kind, {})
        if name not in members:
            members[name] = {}  # reserved before the walk, so that recursive schemas end
            members[name] = self._walk(node, source)


@lru_cache(maxsize=32)
def _load(file: Path) -> Node:
    """A YAML file; the C loader is five times faster."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(file.read_bytes(), Loader=loader)  # noqa: S506 (a safe loader either way)
    if not isinstance(document, dict):
        raise SpecError(f"{file.name}: not a mapping")
    return document


def bundle(file: Path) -> Node:
    """The specification in ``file`` with everything it refers to inside."""
    return _Bundle(file).run()
