"""The values of a filter, as the JSON type of the attribute that they are compared with (SOL013 5.2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from vnfm.api.sol013.filters import PARAMETER, Expression, Given
from vnfm.api.sol013.paths import wrong
from vnfm.api.sol013.schema import Kind
from vnfm.domain.query import Operator, Value

_OPERATORS: Mapping[str, Operator] = {
    "eq": Operator.IN,
    "neq": Operator.NIN,
    **{str(operator): operator for operator in Operator},
}

_EVERYTHING = frozenset(Operator)
_EQUALITY = frozenset({Operator.IN, Operator.NIN})
_CONTENT = frozenset({Operator.CONT, Operator.NCONT})

#: What can be asked of an attribute.
_FITTING: Mapping[Kind, frozenset[Operator]] = {
    Kind.TEXT: _EVERYTHING,
    Kind.FREE: _EVERYTHING,
    Kind.NUMBER: _EVERYTHING - _CONTENT,
    Kind.TIME: _EVERYTHING - _CONTENT,
    Kind.BOOLEAN: _EQUALITY,
}

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}

#: RFC 3339. A blank before the offset is a plus that somebody's query encoding has taken away.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:([Zz])|([+ -])(\d\d:\d\d))")


def compared(expression: Expression, kind: Kind) -> tuple[Operator, tuple[Value, ...]]:
    """The comparison with an attribute of some kind; BadRequest if it makes no sense."""
    operator = _OPERATORS[expression.operator]
    if operator not in _FITTING.get(kind, frozenset()):
        raise wrong(PARAMETER, expression.at, f"{expression.operator} does not compare {kind}")
    if kind is Kind.FREE:
        known = [value for given in expression.values for value in _readings(given, operator)]
        return operator, tuple(known)
    return operator, tuple(_READERS[kind](given) for given in expression.values)


def _readings(given: Given, operator: Operator) -> list[Value]:
    """Everything a value of unknown type may mean."""
    found: list[Value] = [given.text]
    if operator not in _CONTENT and _NUMBER.fullmatch(given.text):
        found.append(_number(given))
    if operator in _EQUALITY and given.text in _BOOLEANS:
        found.append(_BOOLEANS[given.text])
    return found


def _text(given: Given) -> str:
    return given.text


def _number(given: Given) -> float:
    if not _NUMBER.fullmatch(given.text):
        raise wrong(PARAMETER, given.at, f"{given.text!r} is not a number")
    return int(given.text) if _INTEGER.fullmatch(given.text) else float(given.text)


def _boolean(given: Given) -> bool:
    if given.text not in _BOOLEANS:
        raise wrong(PARAMETER, given.at, f"{given.text!r} is neither true nor false")
    return _BOOLEANS[given.text]


def _time(given: Given) -> datetime:
    match = _TIME.fullmatch(given.text)
    if match is None:
        raise wrong(PARAMETER, given.at, f"{given.text!r} is not a date and time with an offset (RFC 3339)")
    day, time, zulu, sign, offset = match.groups()
    zone = "+00:00" if zulu else f"{sign.replace(' ', '+')}{offset}"
    try:
        return datetime.fromisoformat(f"{day}T{time}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise wrong(PARAMETER, given.at, f"there is no time {given.text!r}: {exc}") from exc


_READERS: Mapping[Kind, Callable[[Given], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.TIME: _time,
}
