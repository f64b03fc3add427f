"""Attribute-based filters, read (SOL013 5.2.2).

::

    filter     = expression *( ";" expression )
    expression = "(" operator "," path "," value *( "," value ) ")"
    value      = *( any but "'" "," ")" )  |  "'" *( any but "'" | "''" ) "'"

Whether the attributes exist and the values fit them is judged by ``conditions``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vnfm.api.sol013 import paths
from vnfm.api.sol013.paths import Path, wrong
from vnfm.errors import BadRequest

PARAMETER = "filter"

#: Operators and whether they take several values.
OPERATORS = {
    "eq": False,
    "neq": False,
    "gt": False,
    "gte": False,
    "lt": False,
    "lte": False,
    "in": True,
    "nin": True,
    "cont": True,
    "ncont": True,
}

MOST_EXPRESSIONS = 50
MOST_VALUES = 500

_OPERATOR = re.compile(r"[^,();']*")
_PATH = re.compile(r"[^,]*")
_PLAIN = re.compile(r"[^',)]*")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written; ``at`` counts from 1."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of a filter."""

    operator: str
    path: Path
    values: tuple[Given, ...]
    at: int


class _Reader:
    """Goes through a filter once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def place(self) -> int:
        return self._at + 1

    @property
    def is_done(self) -> bool:
        return self._at == len(self._text)

    def fault(self, reason: str) -> BadRequest:
        return wrong(PARAMETER, self.place, reason)

    def sees(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def skip(self, sign: str) -> None:
        if not self.sees(sign):
            found = "the end" if self.is_done else repr(self._text[self._at])
            raise self.fault(f"{sign!r} is expected, not {found}")
        self._at += len(sign)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def text(self, pattern: re.Pattern[str]) -> str:
        match = self.take(pattern)
        return match[0] if match else ""


def read(text: str) -> list[Expression]:
    """The expressions of a filter; all of them must hold. BadRequest names place and reason."""
    reader = _Reader(text)
    found = [_expression(reader)]
    while not reader.is_done:
        reader.skip(";")
        if len(found) == MOST_EXPRESSIONS:
            raise reader.fault(f"a filter has at most {MOST_EXPRESSIONS} expressions")
        found.append(_expression(reader))
    return found


def _expression(reader: _Reader) -> Expression:
    at = reader.place
    reader.skip("(")
    place = reader.place
    operator = reader.text(_OPERATOR)
    if operator not in OPERATORS:
        raise wrong(PARAMETER, place, f"unknown operator {operator!r}; there are {', '.join(OPERATORS)}")
    reader.skip(",")
    place = reader.place
    path = paths.read(PARAMETER, reader.text(_PATH), place)
    reader.skip(",")
    values = [_value(reader)]
    while reader.sees(","):
        if not OPERATORS[operator]:
            raise reader.fault(f"{operator} has one value; a comma within it needs quotes around it")
        if len(values) == MOST_VALUES:
            raise reader.fault(f"an expression has at most {MOST_VALUES} values")
        reader.skip(",")
        values.append(_value(reader))
    reader.skip(")")
    return Expression(operator, path, tuple(values), at)


def _value(reader: _Reader) -> Given:
    at = reader.place
    if not reader.sees("'"):
        text = reader.text(_PLAIN)
        if reader.sees("'"):
            raise reader.fault("a value with a quote needs quotes around it, and its own quotes doubled")
        return Given(text, at)
    quoted = reader.take(_QUOTED)
    if quoted is None:
        raise wrong(PARAMETER, at, "the quote that begins here does not end")
    return Given(quoted[1].replace("''", "'"), at)
