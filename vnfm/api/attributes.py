"""Attributes that a request body has and its type has not.

SOL013 lets a receiver ignore them. Ignored means dropped here, so that nothing further in stores them, shows
them again in operationParams, or sends them on to the NFVO. Held to the letter, they are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_COMBINED = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which attributes a value may have. ``named`` is None where any name may stand (KeyValuePairs, maps)."""

    named: Mapping[str, Shape | None] | None
    #: Of an array's items, or of a map's values; None where anything goes.
    each: Shape | None

    def strays(self, value: Any, path: str = "") -> Iterator[tuple[dict[str, Any], str, str]]:
        """(object, name, JSON pointer) of every attribute too many; not looked into themselves."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.each.strays(item, f"{path}/{index}") if self.each else ()
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._inspect(value, name, item, path)

    def _inspect(
        self, holder: dict[str, Any], name: str, item: Any, path: str
    ) -> Iterator[tuple[dict[str, Any], str, str]]:
        shape = self.each
        if self.named is not None:
            if name not in self.named:
                if shape is None:
                    yield holder, name, f"{path}/{name}"
                    return
            else:
                shape = self.named[name]
        if shape is not None:
            yield from shape.strays(item, f"{path}/{name}")


def shape_of(schema: Mapping[str, Any]) -> Shape | None:
    """The shape a resolved schema gives to its values; None if there is nothing it could have too many of."""
    parts = [schema, *(part for key in _COMBINED for part in schema.get(key, ()))]
    named: dict[str, Shape | None] | None = None
    for part in parts:
        if "properties" in part:
            named = {**(named or {}), **{name: shape_of(it) for name, it in part["properties"].items()}}
    further = schema.get("items") or schema.get("additionalProperties")
    if further is True:
        named = None
    each = shape_of(further) if isinstance(further, Mapping) else None
    return Shape(named, each) if named is not None or each is not None else None
