"""What a list is asked for, in words of neither HTTP nor a database: conditions, how many, from where on.

A condition speaks of a ``Source``: where the value of an attribute comes from when it is not simply stored
under its name. Whoever spells resources declares the sources (``vnfm.wire``), whoever stores them follows
(``vnfm.store``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Value = str | int | float | bool | datetime


class Operator(StrEnum):
    """Comparisons of SOL013 5.2.2. ``eq`` is IN with one value, ``neq`` is NIN with one.

    None of them holds for an attribute that is absent, null or a structure. GT to LTE compare with each value
    of the attribute's own type, CONT and NCONT look at texts only.
    """

    IN = "in"
    NIN = "nin"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONT = "cont"
    NCONT = "ncont"


# Where values come from.


@dataclass(frozen=True, slots=True)
class Field:
    """What is stored under a name; a dot leads into a structure."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words and stored texts, one after the other; absent if one of the stored texts is."""

    parts: tuple[str | Field, ...]


@dataclass(frozen=True, slots=True)
class IsSet:
    """True if there is something under a name, else false."""

    field: Field


@dataclass(frozen=True, slots=True)
class Never:
    """No resource ever has this attribute."""


@dataclass(frozen=True, slots=True)
class Among:
    """Whether the stored value, or any of the stored values, is one of these is as said."""

    field: Field
    values: frozenset[str]
    found: bool = True


@dataclass(frozen=True, slots=True)
class Filled:
    """Whether something is stored, and not an empty list, is as said."""

    field: Field
    filled: bool


@dataclass(frozen=True, slots=True)
class When:
    """A value that is there only if one of the alternatives holds, each in all its conditions."""

    alternatives: tuple[tuple[Among | Filled, ...], ...]
    then: Field | Text


@dataclass(frozen=True, slots=True)
class First:
    """The first of two fields that has anything stored."""

    field: Field
    other: Field


@dataclass(frozen=True, slots=True)
class Looked:
    """What a stored map has under the value of an item's attribute ``key``, else what another field has."""

    table: Field
    key: str
    otherwise: Field | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """One structure per item of a stored list: attributes of the item, by their names, and looked up ones."""

    items: Field
    attributes: tuple[tuple[str, str | Looked], ...]


Source = Field | Text | First | IsSet | Joined | Never | When


# What is asked of them.


@dataclass(frozen=True, slots=True)
class Entries:
    """What is stored is a map, and it is asked for as an array: of its values, each with its key as the
    attribute ``key``; or, if ``value`` is a name, each a structure of the two."""

    key: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What is stored is a map, and what is asked for are the keys that have null, which removes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step into a structure. ``name`` None means the keys of a map.

    ``many``: at its end may be an array, of which any one element must meet what is asked.
    """

    name: str | None
    many: bool = False
    reading: Entries | Removed | None = None

    @property
    def is_single(self) -> bool:
        """What is at its end is one value, not several."""
        return self.name is not None and not self.many and self.reading is None


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. ``root`` says of the source itself what a Step says of its end; its name says nothing.

    Terms of one Query whose sources and first steps are equal speak of the same elements of arrays there.
    """

    operator: Operator
    source: Source
    root: Step
    steps: tuple[Step, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """All of ``terms`` must hold. The order is that of the ids; only those after ``after`` are given, and of
    them the first ``limit``. ``fields`` names what is needed of each (None: everything)."""

    terms: tuple[Term, ...] = ()
    after: str | None = None
    limit: int = 100
    fields: frozenset[str] | None = None

    @property
    def is_hopeless(self) -> bool:
        """Nothing can meet it."""
        return any(isinstance(term.source, Never) for term in self.terms)


def fields_of(source: Source) -> frozenset[str]:
    """The names under which a source looks."""
    match source:
        case Field(name):
            return frozenset({name})
        case Text(parts):
            return frozenset().union(*(fields_of(part) for part in parts if isinstance(part, Field)))
        case First(field, other):
            return fields_of(field) | fields_of(other)
        case IsSet(field):
            return fields_of(field)
        case When(alternatives, then):
            conditions = (fields_of(one.field) for alternative in alternatives for one in alternative)
            return fields_of(then).union(*conditions)
        case Joined(items, attributes):
            looked = [one for _, one in attributes if isinstance(one, Looked)]
            others = [one.otherwise for one in looked if one.otherwise]
            return frozenset(field.name for field in (items, *(one.table for one in looked), *others))
        case Never():
            return frozenset()


#: The sources of a resource's attributes; a table where an attribute is a structure made of several, with
#: ``REST`` for the source of a structure that has what is not in the table.
Sources = Mapping[str, "Source | Sources"]
REST = "*"
