"""Turns a ``domain.query.Query`` into a find of MongoDB's.

A condition on one plain stored value becomes a query operator, which an index can serve. Everything else
(arrays, maps, computed values, texts that contain something, times kept as text) becomes an aggregation
expression.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection as Documents

from vnfm.domain.query import Field, Operator, Query, Step, Term
from vnfm.store import comparison, expression
from vnfm.store.client import Document
from vnfm.store.edge import translated

#: How long MongoDB may look for one page: a filter that no index serves and little meets goes through all.
PATIENCE_MS = 20_000

#: What a dotted path can name for certain.
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def find(docs: Documents[Document], own: Document, query: Query, shape: Document | None) -> list[Document]:
    """The page of those that ``own`` matches, as far as ``shape`` (a projection) goes."""
    if query.is_hopeless:
        return []
    with translated():
        cursor = docs.find(match(own, query), shape).sort("_id").limit(query.limit).max_time_ms(PATIENCE_MS)
        return list(cursor.batch_size(query.limit + 1))  # all in one answer of the server's


def shape_of(
    fields: frozenset[str] | None, always: Collection[str], special: Mapping[str, Any]
) -> Document | None:
    """The projection to what a query needs and what every document must have; ``special`` says how to give
    some of it. None for whole documents."""
    if fields is None:
        return None
    wanted = fields.union(always)
    return {**{name: 1 for name in wanted if not _has_whole(name, wanted)}, **special}


def _has_whole(name: str, fields: frozenset[str]) -> bool:
    """Whether a structure that ``name`` lies in is among the fields: MongoDB takes but one of them."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in fields for length in range(1, len(parts)))


def indexes(*fields: str) -> list[IndexModel]:
    """Those that serve a list: in the order of ids, and so for each value of a field it is filtered by."""
    return [
        IndexModel([("tenant", ASCENDING), *((name, ASCENDING) for name in names), ("_id", ASCENDING)])
        for names in ((), *((name,) for name in fields))
    ]


def match(own: Document, query: Query) -> Document:
    """The filter of a find."""
    clauses = [_direct(term) for term in query.terms if _is_direct(term)]
    clauses += expression.clauses([term for term in query.terms if not _is_direct(term)])
    after = {} if query.after is None else {"_id": {"$gt": query.after}}
    return {**own, **after, **({"$and": clauses} if clauses else {})}


def _is_direct(term: Term) -> bool:
    """Whether it speaks of one value at a dotted path, stored as it is compared."""
    if not isinstance(term.source, Field) or term.operator in {Operator.CONT, Operator.NCONT}:
        return False
    if isinstance(term.values[0], datetime) and (term.steps or "." in term.source.name):
        return False  # our own fields keep times as dates, what is stored as it is spelled as texts
    return term.root.is_single and all(_is_plain(step) for step in term.steps)


def _is_plain(step: Step) -> bool:
    return step.is_single and step.name is not None and _PLAIN_NAME.fullmatch(step.name) is not None


def _direct(term: Term) -> Document:
    fields = [term.source.name] if isinstance(term.source, Field) else []
    path = ".".join((*fields, *(str(step.name) for step in term.steps)))
    operator, values = comparison.storable(term)
    if operator is Operator.IN:
        return {path: values[0] if len(values) == 1 else {"$in": values}}
    if operator is Operator.NIN:
        return {path: {"$nin": [*values, None]}}  # None stands for absence too
    return {"$or": [{path: {f"${operator}": value}} for value in values]}
