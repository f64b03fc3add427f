"""Conditions as one aggregation expression per source: a tree of all paths asked for.

At each node that may be an array, any one element must meet all that is asked there and below; so conditions
with the same path to an array are met by one and the same element (SOL013 5.2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from vnfm.domain.query import (
    Among,
    Entries,
    Field,
    Filled,
    First,
    IsSet,
    Joined,
    Looked,
    Never,
    Removed,
    Source,
    Step,
    Term,
    Text,
    When,
)
from vnfm.store import comparison
from vnfm.store.client import Document

Expression = Any


@dataclass
class _Node:
    """What is asked at the end of a path, and below it."""

    step: Step
    tests: list[Term] = field(default_factory=list)
    below: dict[Step, _Node] = field(default_factory=dict)


def clauses(terms: Sequence[Term]) -> Iterator[Document]:
    """One ``$expr`` for each source that the terms speak of."""
    roots: dict[tuple[Source, Step], _Node] = {}
    for term in terms:
        node = roots.setdefault((term.source, term.root), _Node(term.root))
        for step in term.steps:
            node = node.below.setdefault(step, _Node(step))
        node.tests.append(term)
    for (source, _), root in roots.items():
        yield {"$expr": _holds(root, _SOURCES[type(source)](source), count())}


def _holds(node: _Node, value: Expression, numbers: Iterator[int]) -> Expression:
    """Whether ``value``, or any one element if it is an array, meets what is asked at and below ``node``."""
    name = f"v{next(numbers)}"
    variable = f"$${name}"
    tests = [comparison.test(term, variable) for term in node.tests]
    below = [_holds(child, _member(variable, step), numbers) for step, child in node.below.items()]
    whole = {"$and": [*tests, *below]}
    if node.step.reading is not None:
        value = _read(value, node.step.reading)
    if node.step.is_single:
        return {"$let": {"vars": {name: value}, "in": whole}}
    return {"$anyElementTrue": [{"$map": {"input": _elements(value), "as": name, "in": whole}}]}


def _elements(value: Expression) -> Expression:
    """A value as an array, itself or its one element."""
    one = {"$cond": [{"$isArray": ["$$all"]}, "$$all", ["$$all"]]}
    return {"$let": {"vars": {"all": value}, "in": one}}


def _member(value: str, step: Step) -> Expression:
    """The attribute of ``value`` that a step leads to, or its keys; null if it is no structure."""
    if step.name is None:
        keys = {"$map": {"input": {"$objectToArray": value}, "as": "entry", "in": "$$entry.k"}}
        return _if_structure(value, keys, [])
    return _if_structure(value, {"$getField": {"field": {"$literal": step.name}, "input": value}}, None)


def _read(value: Expression, reading: Entries | Removed) -> Expression:
    """A map as the array that it is asked for as."""
    entries = {"$objectToArray": "$$map"}
    if isinstance(reading, Removed):
        removed = {"$filter": {"input": entries, "cond": {"$eq": [{"$type": "$$this.v"}, "null"]}}}
        array: Expression = {"$map": {"input": removed, "in": "$$this.k"}}
    else:
        array = {"$map": {"input": entries, "in": _entry(reading)}}
    return {"$let": {"vars": {"map": value}, "in": _if_structure("$$map", array, [])}}


def _entry(reading: Entries) -> Expression:
    whole: Expression = {"$mergeObjects": ["$$this.v", {reading.key: "$$this.k"}]}
    if reading.value is not None:
        whole = {reading.key: "$$this.k", reading.value: "$$this.v"}
    return _if_structure("$$this.v", whole, None)


def _if_structure(value: str, then: Expression, otherwise: Expression) -> Expression:
    return {"$cond": [{"$eq": [{"$type": value}, "object"]}, then, otherwise]}


def _field(source: Field) -> Expression:
    return f"${source.name}"


def _text(source: Text) -> Expression:
    parts = [_field(part) if isinstance(part, Field) else {"$literal": part} for part in source.parts]
    return {"$concat": parts}


def _first(source: First) -> Expression:
    return {"$ifNull": [_field(source.field), _field(source.other)]}


def _is_set(source: IsSet) -> Expression:
    return {"$ne": [{"$ifNull": [_field(source.field), None]}, None]}


def _when(source: When) -> Expression:
    holds = [{"$and": [_condition(one) for one in alternative]} for alternative in source.alternatives]
    return {"$cond": [{"$or": holds}, _SOURCES[type(source.then)](source.then), None]}


def _condition(condition: Among | Filled) -> Expression:
    value = _field(condition.field)
    if isinstance(condition, Filled):
        is_empty = {"$in": [{"$ifNull": [value, None]}, {"$literal": [None, []]}]}
        return {"$eq": [is_empty, not condition.filled]}
    common = {"$setIntersection": [_elements(value), {"$literal": sorted(condition.values)}]}
    return {"$eq": [{"$gt": [{"$size": common}, 0]}, condition.found]}


def _joined(source: Joined) -> Expression:
    item = {
        name: f"$$item.{own}" if isinstance(own, str) else _looked(own) for name, own in source.attributes
    }
    return {"$map": {"input": {"$ifNull": [_field(source.items), []]}, "as": "item", "in": item}}


def _looked(looked: Looked) -> Expression:
    entries = {"$objectToArray": {"$ifNull": [_field(looked.table), {}]}}
    found = {"$filter": {"input": entries, "cond": {"$eq": ["$$this.k", f"$$item.{looked.key}"]}}}
    value = {"$let": {"vars": {"found": {"$first": found}}, "in": "$$found.v"}}
    return {"$ifNull": [value, _field(looked.otherwise) if looked.otherwise else None]}


def _never(_: Never) -> Expression:
    return None


_SOURCES: Mapping[type[Any], Callable[[Any], Expression]] = {
    Field: _field,
    Text: _text,
    First: _first,
    IsSet: _is_set,
    Joined: _joined,
    When: _when,
    Never: _never,
}
