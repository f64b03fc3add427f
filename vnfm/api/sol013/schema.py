"""The type of a resource as its specification declares it: which attributes there are, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

Node = Mapping[str, Any]


class Kind(StrEnum):
    """What an attribute holds; FREE is any JSON value."""

    STRUCTURE = "a structure"
    MAP = "a map"
    TEXT = "a text"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    TIME = "a date and time"
    FREE = "any value"


_SCALARS = {
    "string": Kind.TEXT,
    "integer": Kind.NUMBER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
}


class Attribute:
    """An attribute or a whole resource. Made as it is asked for, because types may refer to themselves.

    ``is_array``: it holds any number of what the rest speaks of.
    """

    def __init__(self, schemas: Node, schema: Node) -> None:
        self._schemas = schemas
        schema = self._resolved(schema)
        self.is_array = schema.get("type") == "array"
        self._schema = self._resolved(schema["items"]) if self.is_array else schema

    def _resolved(self, schema: Node) -> Node:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _parts(self, schema: Node) -> Iterator[Node]:
        """The schema with all that it is composed of."""
        schema = self._resolved(schema)
        yield schema
        for word in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(word, ()):
                yield from self._parts(part)

    @cached_property
    def kind(self) -> Kind:
        """What it holds, each element if it is an array."""
        if self.attributes:
            return Kind.STRUCTURE
        declared = next((part["type"] for part in self._parts(self._schema) if "type" in part), None)
        if declared is None:
            return Kind.FREE
        if declared == "object":
            return Kind.MAP
        return Kind.TIME if self._schema.get("format") == "date-time" else _SCALARS[declared]

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        """The attributes of a structure, by name."""
        return {
            name: Attribute(self._schemas, schema)
            for part in self._parts(self._schema)
            for name, schema in part.get("properties", {}).items()
        }

    @cached_property
    def mandatory(self) -> frozenset[str]:
        """Those of ``attributes`` that are always there, or by ``x-conditional`` whenever others say so."""
        parts = list(self._parts(self._schema))
        words = ("required", "x-conditional")
        return frozenset(name for part in parts for word in words for name in part.get(word, ()))

    @cached_property
    def others(self) -> Attribute | None:
        """What is found under names that are not declared: the values of a map, or of anything FREE."""
        more = self._schema.get("additionalProperties", self.kind in {Kind.MAP, Kind.FREE})
        if isinstance(more, Mapping):
            return Attribute(self._schemas, more)
        return Attribute(self._schemas, {}) if more else None

    @property
    def keys(self) -> Attribute:
        """What the keys of a map are, for ``@key``."""
        return Attribute(self._schemas, {"type": "array", "items": {"type": "string"}})

    def get(self, name: str) -> Attribute | None:
        """The attribute of that name, or None if there cannot be one."""
        return self.attributes.get(name) or self.others
