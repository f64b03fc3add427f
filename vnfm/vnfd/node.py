"""A YAML value that remembers where it was written, and the typed readings of it.

Every reading either returns the asked type or raises :class:`PackageError` naming file, line and rule, so the
modules that understand TOSCA need no checks of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vnfm.vnfd import limits
from vnfm.vnfd.errors import PackageError

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A function whose result is not known from the VNFD alone; only using it is an error."""

    reason: str


@dataclass(frozen=True, slots=True)
class Node:
    """One value. ``line`` is that of its key where it has one; ``raw`` is the scalar as written.

    ``raw`` matters: a version written 1.10 is text for us, and a float for YAML.
    """

    file: str
    line: int
    path: str
    value: Scalar | Unresolved | dict[str, Node] | list[Node]
    raw: str = ""
    #: Values in it, itself included and aliases expanded; and levels of nesting below it.
    weight: int = 1
    height: int = 0

    def fail(self, rule: str, sentence: str) -> PackageError:
        """The error to raise about this value."""
        where = f"{self.path}: " if self.path else ""
        return PackageError(rule, where + sentence, self.file, self.line)

    def at(self, other: Node) -> Node:
        """This value as if written where ``other`` stands."""
        return Node(other.file, other.line, other.path, self.value, self.raw, self.weight, self.height)

    def _known(self) -> Scalar | dict[str, Node] | list[Node]:
        if isinstance(self.value, Unresolved):
            raise self.fail("value-unknown", self.value.reason)
        return self.value

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_null(self) -> bool:
        return self.value is None

    @property
    def is_unknown(self) -> bool:
        return isinstance(self.value, Unresolved)

    def mapping(self) -> dict[str, Node]:
        """The value as a mapping; null counts as empty."""
        value = self._known()
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.fail("not-a-mapping", "a mapping is expected here")
        return value

    def items(self) -> list[Node]:
        """The value as a list; null counts as empty."""
        value = self._known()
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fail("not-a-list", "a list is expected here")
        return value

    def get(self, *keys: str) -> Node | None:
        """The value under nested keys, None where one is absent or null."""
        node = self
        for key in keys:
            found = node.mapping().get(key)
            if found is None or found.is_null:
                return None
            node = found
        return node

    def need(self, key: str) -> Node:
        """The value under a key that must be there."""
        found = self.get(key)
        if found is None:
            raise self.fail("missing-key", f"'{key}' is required here")
        return found

    def text(self) -> str:
        """The scalar exactly as written."""
        if isinstance(self._known(), dict | list) or self.value is None:
            raise self.fail("not-text", "a text is expected here")
        return self.raw

    def optional_text(self, key: str) -> str | None:
        """The text under a key that may be absent."""
        found = self.get(key)
        return found.text() if found is not None else None

    def integer(self, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
        """A whole number within bounds."""
        value = self._known()
        if isinstance(value, str) and value.strip().isdecimal() and len(value) <= limits.MAX_DIGITS:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail("not-an-integer", "a whole number is expected here")
        if not minimum <= value <= maximum:
            raise self.fail("out-of-range", f"{value} is not between {minimum} and {maximum}")
        return value

    def flag(self) -> bool:
        """A boolean."""
        value = self._known()
        if not isinstance(value, bool):
            raise self.fail("not-a-boolean", "true or false is expected here")
        return value

    def texts(self) -> tuple[str, ...]:
        """A list of texts; one text alone counts as a list of one."""
        if not isinstance(self._known(), list | dict):
            return () if self.value is None else (self.text(),)
        return tuple(item.text() for item in self.items())

    def text_map(self) -> dict[str, str]:
        """A mapping of texts."""
        return {key: item.text() for key, item in self.mapping().items() if not item.is_null}

    def pairs(self) -> Iterator[tuple[str, Node]]:
        """Named entries of either a list of one-key mappings (TOSCA's ordered form) or a plain mapping."""
        if not self.is_list:
            yield from self.mapping().items()
            return
        for item in self.items():
            if len(item.mapping()) != 1:
                raise item.fail("not-a-named-entry", "each entry of this list must have exactly one key")
            yield from item.mapping().items()

    def plain(self) -> Any:  # Any: the JSON-like value itself, of whatever shape the vendor chose
        """The value without its positions; unknown parts become None."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return None if isinstance(self.value, Unresolved) else self.value
