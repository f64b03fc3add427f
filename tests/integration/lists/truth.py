"""What a filter means, said a second time and in another way: in Python, over the document as it is sent.

Knows no schema, no database and nothing of ``vnfm``. The type of a comparison is that of the value found;
only that a text is a time must be said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEYS = object()


@dataclass(frozen=True)
class Asked:
    """One expression: names of the path (``KEYS`` for @key), operator, values as texts."""

    operator: str
    path: tuple[Any, ...]
    values: tuple[str, ...]
    is_time: bool = False

    def __str__(self) -> str:
        path = "/".join("@key" if name is KEYS else _escaped(name) for name in self.path)
        return f"({self.operator},{path},{','.join(map(_quoted, self.values))})"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace(",", "~a").replace("@", "~b")


def _quoted(value: str) -> str:
    if not any(sign in value for sign in "',)"):
        return value
    return "'" + value.replace("'", "''") + "'"


def write(asked: Sequence[Asked]) -> str:
    """The filter."""
    return ";".join(map(str, asked))


def matches(document: Mapping[str, Any], asked: Sequence[Asked]) -> bool:
    """Whether a document is among those that the filter asks for."""
    return _holds(document, [(one.path, one) for one in asked])


def _holds(value: Any, asked: Sequence[tuple[tuple[Any, ...], Asked]]) -> bool:
    """An array holds what any single one of its elements holds all of."""
    if isinstance(value, list):
        return any(not isinstance(item, list) and _holds(item, asked) for item in value)
    below: dict[Any, list[tuple[tuple[Any, ...], Asked]]] = {}
    for path, one in asked:
        if not path:
            if not _compares(value, one):
                return False
        else:
            below.setdefault(path[0], []).append((path[1:], one))
    return all(_holds(_inner(value, name), further) for name, further in below.items())


def _inner(value: Any, name: Any) -> Any:
    if not isinstance(value, dict):
        return None
    return list(value) if name is KEYS else value.get(name)


def _compares(value: Any, one: Asked) -> bool:
    if value is None or isinstance(value, dict):
        return False
    wanted = [_like(value, text, is_time=one.is_time) for text in one.values]
    return _OPERATORS[one.operator](_like(value, value, is_time=one.is_time), wanted)


def _like(value: Any, text: Any, *, is_time: bool) -> Any:
    """What a text means beside a value; something incomparable if nothing."""
    if is_time:
        return datetime.fromisoformat(text)
    if isinstance(value, bool):
        return {"true": True, "false": False}.get(text, text) if isinstance(text, str) else text
    if isinstance(value, int | float):
        try:
            number = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            return math.nan
        return number if type(number) in {int, float} else math.nan
    return text


def _is(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, list[Any]], bool]:
    return lambda value, wanted: not isinstance(value, bool) and compare(value, wanted[0])


def _some_in(value: Any, wanted: list[Any]) -> bool:
    return isinstance(value, str) and any(one in value for one in wanted)


_OPERATORS: Mapping[str, Callable[[Any, list[Any]], bool]] = {
    "eq": lambda value, wanted: _is(value, wanted[0]),
    "neq": lambda value, wanted: not _is(value, wanted[0]),
    "in": lambda value, wanted: any(_is(value, one) for one in wanted),
    "nin": lambda value, wanted: not any(_is(value, one) for one in wanted),
    "gt": _ordered(lambda value, other: value > other),
    "gte": _ordered(lambda value, other: value >= other),
    "lt": _ordered(lambda value, other: value < other),
    "lte": _ordered(lambda value, other: value <= other),
    "cont": _some_in,
    "ncont": lambda value, wanted: isinstance(value, str) and not _some_in(value, wanted),
}
