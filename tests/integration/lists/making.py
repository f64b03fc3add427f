"""Makes up resources by their type, and filters about them.

Small sets of values, so that things meet; names and texts that are awkward for queries and databases.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.lists import truth
from tests.integration.lists.truth import KEYS, Asked
from vnfm.api.sol013.schema import Attribute, Kind

NAMES = ("a", "b", "x.y", "$z", "0", "~t", "s/l", "c,m", "@k", "q'", ")", "é", "accessInfo", "id")
TEXTS = ("", "a", "ab", "b", "5", "5.0", "-1", "true", "false", "a,b", "x'y", ")", "é", "$a", "v;w (x)")
#: The last two are one moment, in the order of texts before and after the third.
TIMES = (
    "2026-01-02T03:04:05+00:00",
    "2026-01-02T03:04:05.250000+00:00",
    "2026-01-01T00:30:00Z",
    "2025-12-31T23:59:59+00:00",
    "2026-01-01T01:59:59+02:00",
)
#: The first again in another zone, and one that MongoDB cannot keep.
ASKED_TIMES = (*TIMES, "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05.000100+00:00")
NUMBERS = (-1, 0, 1, 2, 5, 5.5)

_POOL: Mapping[Kind, Sequence[str]] = {
    Kind.TEXT: TEXTS,
    Kind.FREE: TEXTS,
    Kind.BOOLEAN: ("true", "false"),
    Kind.NUMBER: ("-1", "0", "1", "2", "5", "5.0", "1e3", "99999999999999999999"),
    Kind.TIME: ASKED_TIMES,
}
_EQUALITY = ("eq", "neq", "in", "nin")
_ORDER = ("gt", "gte", "lt", "lte")
_OPERATORS: Mapping[Kind, Sequence[str]] = {
    Kind.TEXT: (*_EQUALITY, *_ORDER, "cont", "ncont"),
    Kind.FREE: (*_EQUALITY, *_ORDER, "cont", "ncont"),
    Kind.BOOLEAN: _EQUALITY,
    Kind.NUMBER: (*_EQUALITY, *_ORDER),
    Kind.TIME: (*_EQUALITY, *_ORDER),
}


class Maker:
    """Makes values of a type."""

    def __init__(self, chance: random.Random, share: float = 0.5) -> None:
        """``share`` is how many of the optional attributes a structure has."""
        self._chance = chance
        self._share = share

    def make(self, attribute: Attribute) -> Any:
        """A value that the attribute may have; arrays may be empty."""
        if attribute.is_array:
            return [self._one(attribute) for _ in range(self._chance.choice((0, 1, 1, 2, 2)))]
        return self._one(attribute)

    def _one(self, attribute: Attribute) -> Any:
        chance = self._chance
        match attribute.kind:
            case Kind.STRUCTURE:
                return {
                    name: self.make(inner)
                    for name, inner in attribute.attributes.items()
                    if name in attribute.mandatory or chance.random() < self._share
                }
            case Kind.MAP:
                return self.pairs(attribute)
            case Kind.FREE:
                return self.free(3)
            case Kind.TIME:
                return chance.choice(TIMES)
            case Kind.NUMBER:
                return chance.choice(NUMBERS)
            case Kind.BOOLEAN:
                return chance.random() < 0.5
            case _:
                return chance.choice(TEXTS)

    def pairs(self, attribute: Attribute) -> dict[str, Any]:
        """A map with up to three of ``NAMES``."""
        assert attribute.others is not None
        # Nothing but credentials is called accessInfo, save within what the caller wrote.
        taken = set() if attribute.others.kind is Kind.FREE else {"accessInfo"}
        return {name: self.make(attribute.others) for name in self._names() if name not in taken}

    def _names(self) -> list[str]:
        return self._chance.sample(NAMES, self._chance.randrange(4))

    def free(self, depth: int) -> Any:
        """Any JSON value."""
        chance = self._chance
        kind = chance.choice(("text", "text", "number", "boolean", "null", "array", "object", "object"))
        if depth == 0 or kind == "text":
            return chance.choice(TEXTS)
        if kind == "array":
            return [self.free(depth - 1) for _ in range(chance.randrange(4))]
        if kind == "object":
            return {name: self.free(depth - 1) for name in self._names()}
        return {"number": chance.choice(NUMBERS), "boolean": chance.random() < 0.5, "null": None}[kind]


class Asker:
    """Makes up filters about documents: mostly about what is there, and often about neighbours."""

    def __init__(self, chance: random.Random, documents: Sequence[Any], resource: Attribute) -> None:
        self._chance = chance
        self._documents = documents
        self._resource = resource

    def ask(self) -> list[Asked]:
        """One to four expressions."""
        document = self._chance.choice(self._documents)
        asked = [self._about(document, ())]
        for _ in range(self._chance.choice((0, 0, 1, 1, 2, 3))):
            before = self._chance.choice(asked).path
            asked.append(self._about(document, before[: self._chance.randrange(len(before) + 1)]))
        return asked

    def _about(self, document: Any, start: Sequence[Any]) -> Asked:
        """An expression whose path begins with ``start`` as far as that leads anywhere."""
        value, attribute, path = document, self._resource, ()
        for name in start:
            if not self._goes_on(value, attribute, path) or name is KEYS:
                break
            value, attribute, path = self._enter(value, attribute, path, name)
        while self._goes_on(value, attribute, path):
            value, attribute, path = self._enter(value, attribute, path, self._name(value, attribute))
        return self._compare(value, attribute, path)

    def _goes_on(self, value: Any, attribute: Attribute, path: Sequence[Any]) -> bool:
        if path and path[-1] is KEYS:
            return False
        if attribute.kind in {Kind.STRUCTURE, Kind.MAP}:
            return True
        return attribute.kind is Kind.FREE and isinstance(self._one(value), dict) and len(path) < 12

    def _one(self, value: Any) -> Any:
        """The value, or any one element of it."""
        while isinstance(value, list):
            value = self._chance.choice(value) if value else None
        return value

    def _name(self, value: Any, attribute: Attribute) -> Any:
        """What is there, the more likely the more there is below it; now and then something else."""
        chance, value = self._chance, self._one(value)
        if attribute.kind in {Kind.MAP, Kind.FREE} and chance.random() < 0.2:
            return KEYS
        known = [name for name in value if attribute.get(name)] if isinstance(value, dict) else []
        if known and chance.random() < 0.9:
            return chance.choices(known, [_size(value[name]) for name in known])[0]
        return chance.choice([*attribute.attributes] or NAMES)

    def _enter(self, value: Any, attribute: Attribute, path: tuple[Any, ...], name: Any) -> Any:
        value = self._one(value)
        if name is KEYS:
            keys = list(value) if isinstance(value, dict) else []
            return keys, attribute.keys, (*path, KEYS)
        following = attribute.get(name)
        assert following is not None
        return (value.get(name) if isinstance(value, dict) else None), following, (*path, name)

    def _compare(self, value: Any, attribute: Attribute, path: tuple[Any, ...]) -> Asked:
        operator = self._chance.choice(_OPERATORS[attribute.kind])
        several = operator in {"in", "nin", "cont", "ncont"}
        count = self._chance.choice((1, 1, 2, 3)) if several else 1
        values = tuple(self._value(value, attribute) for _ in range(count))
        return Asked(operator, path, values, attribute.kind is Kind.TIME)

    def _value(self, value: Any, attribute: Attribute) -> str:
        """What is there, a piece of it, or anything."""
        chance, value = self._chance, self._one(value)
        if value is None or isinstance(value, dict) or chance.random() < 0.15:
            return chance.choice(_POOL[attribute.kind])
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if attribute.kind in {Kind.TEXT, Kind.FREE} and text and chance.random() < 0.2:
            return text[chance.randrange(len(text)) :]
        return text


def _size(value: Any) -> int:
    """How many values are in it."""
    if isinstance(value, Mapping):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def expected(documents: Sequence[Mapping[str, Any]], asked: Sequence[Asked]) -> list[str]:
    """The ids of those that meet a filter, in order."""
    return sorted(document["id"] for document in documents if truth.matches(document, asked))
