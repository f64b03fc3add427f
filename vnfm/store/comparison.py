"""Comparisons as aggregation expressions of MongoDB. None holds for what is absent, null or a structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from vnfm.domain.query import Operator, Term, Value

Expression = Any

_NUMBERS = ("int", "long", "double", "decimal")
_SCALARS = ("string", "bool", "date", *_NUMBERS)


def storable(term: Term) -> tuple[Operator, list[Value]]:
    """The comparison with times as MongoDB keeps them, in whole milliseconds."""
    values = list(term.values)
    if not any(_is_between(value) for value in values):
        return term.operator, values
    # No stored time lies between two milliseconds: it equals none there, and < means <=, >= means >.
    if term.operator in {Operator.IN, Operator.NIN}:
        return term.operator, [value for value in values if not _is_between(value)]
    coarse = {Operator.GTE: Operator.GT, Operator.LT: Operator.LTE}
    return coarse.get(term.operator, term.operator), values


def _is_between(value: Value) -> bool:
    return isinstance(value, datetime) and value.microsecond % 1000 > 0


def test(term: Term, variable: str) -> Expression:
    """Whether the value of a variable (``$$name``) compares as the term says. Times kept as text are read."""
    operator, values = storable(term)
    if not isinstance(term.values[0], datetime):
        return _COMPARISONS[operator](operator, variable, values)
    time = {"$convert": {"input": variable, "to": "date", "onError": None, "onNull": None}}
    return {"$let": {"vars": {"time": time}, "in": _COMPARISONS[operator](operator, "$$time", values)}}


def _has_type(value: str, types: Iterable[str]) -> Expression:
    return {"$in": [{"$type": value}, list(types)]}


def _is_in(_: Operator, value: str, values: list[Value]) -> Expression:
    return {"$in": [value, {"$literal": values}]}


def _is_not_in(operator: Operator, value: str, values: list[Value]) -> Expression:
    return {"$and": [_has_type(value, _SCALARS), {"$not": [_is_in(operator, value, values)]}]}


def _is_ordered(operator: Operator, value: str, values: list[Value]) -> Expression:
    """MongoDB would order values of any two types; we compare within one."""
    return {
        "$or": [
            {"$and": [_has_type(value, _types_like(one)), {f"${operator}": [value, {"$literal": one}]}]}
            for one in values
        ]
    }


def _types_like(value: Value) -> Sequence[str]:
    if isinstance(value, bool):
        return ("bool",)
    if isinstance(value, int | float):
        return _NUMBERS
    return ("string",) if isinstance(value, str) else ("date",)


def _contains(_: Operator, value: str, values: list[Value]) -> Expression:
    found = [{"$gte": [{"$indexOfCP": [value, {"$literal": one}]}, 0]} for one in values]
    return _if_text(value, {"$or": found})


def _does_not_contain(_: Operator, value: str, values: list[Value]) -> Expression:
    missed = [{"$lt": [{"$indexOfCP": [value, {"$literal": one}]}, 0]} for one in values]
    return _if_text(value, {"$and": missed})


def _if_text(value: str, then: Expression) -> Expression:
    return {"$cond": [{"$eq": [{"$type": value}, "string"]}, then, False]}


_COMPARISONS: Mapping[Operator, Callable[[Operator, str, list[Value]], Expression]] = {
    Operator.IN: _is_in,
    Operator.NIN: _is_not_in,
    Operator.GT: _is_ordered,
    Operator.GTE: _is_ordered,
    Operator.LT: _is_ordered,
    Operator.LTE: _is_ordered,
    Operator.CONT: _contains,
    Operator.NCONT: _does_not_contain,
}
