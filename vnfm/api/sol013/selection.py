"""Attribute selectors (SOL013 5.3): which attributes of each entry a list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vnfm.api.sol013 import paths
from vnfm.api.sol013.paths import Path, wrong
from vnfm.api.sol013.schema import Attribute
from vnfm.errors import BadRequest

ALL_FIELDS, FIELDS, EXCLUDE_FIELDS, EXCLUDE_DEFAULT = SELECTORS = (
    "all_fields",
    "fields",
    "exclude_fields",
    "exclude_default",
)

#: What may be given together; nothing means ``exclude_default``.
_LEGAL = ((), (ALL_FIELDS,), (FIELDS,), (EXCLUDE_FIELDS,), (EXCLUDE_DEFAULT,), (FIELDS, EXCLUDE_DEFAULT))

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is kept of a structure, or of each one in an array: ``named`` as it says there, and of all other
    attributes everything or nothing."""

    rest: bool
    named: Mapping[str, Choice] = field(default_factory=dict)

    def of(self, name: str) -> Choice:
        """What is kept of an attribute."""
        return self.named.get(name) or (EVERYTHING if self.rest else NOTHING)

    @property
    def is_everything(self) -> bool:
        """The value stays as it is."""
        return self.rest and not self.named

    @property
    def is_nothing(self) -> bool:
        """The attribute goes."""
        return not self.rest and not self.named

    def apply(self, value: Any) -> Any:
        """The value with what is kept; what nothing is left of goes too."""
        if self.is_everything:
            return value
        if isinstance(value, list):
            return [left for item in value if (left := self.apply(item)) != {}]
        return self._of_structure(value) if isinstance(value, dict) else value

    def _of_structure(self, value: dict[str, Any]) -> dict[str, Any]:
        if self.rest and self.named.keys().isdisjoint(value):
            return value  # nothing was fetched that is not shown
        kept = {}
        for name, item in value.items():
            choice = self.of(name)
            if choice.is_everything:
                kept[name] = item
            elif not choice.is_nothing and (left := choice.apply(item)) not in ({}, []):
                kept[name] = left
        return kept


EVERYTHING = Choice(rest=True)
NOTHING = Choice(rest=False)


def read(given: Mapping[str, str], resource: Attribute, defaults: Iterable[str], *, strict: bool) -> Choice:
    """What selectors (name → value) ask for. ``defaults`` are what the container leaves out by default.

    BadRequest for selectors that exclude each other, for paths that cannot be read, and if ``strict`` for
    paths that lead nowhere.
    """
    chosen = tuple(name for name in SELECTORS if name in given)
    if chosen not in _LEGAL:
        raise BadRequest(f"attribute selectors: {', '.join(chosen)} cannot be combined")
    named = {
        name: _paths(name, given[name], resource, strict=strict)
        for name in (FIELDS, EXCLUDE_FIELDS)
        if name in given
    }
    if chosen == (ALL_FIELDS,):
        return EVERYTHING
    if chosen == (FIELDS,):
        return _only(resource, named[FIELDS])
    if chosen == (EXCLUDE_FIELDS,):
        return _without(resource, named[EXCLUDE_FIELDS])
    return _with(_without(resource, map(_split, defaults)), resource, named.get(FIELDS, []))


def _split(path: str) -> Names:
    return tuple(path.split("/"))


def _paths(parameter: str, text: str, resource: Attribute, *, strict: bool) -> list[Names]:
    """The attribute paths of a selector, with commas between, as far as they lead anywhere."""
    found, at = [], 1
    for part in text.split(","):
        path = paths.read(parameter, part, at)
        at += len(part) + 1
        flaw = _flaw(path, resource)
        if flaw is None:
            found.append(tuple(str(name) for name in path))
        elif strict:
            raise wrong(parameter, path[0].at, flaw)
    return found


def _flaw(path: Path, resource: Attribute) -> str | None:
    """Why a path leads nowhere, or None."""
    here: Attribute | None = resource
    for name in path:
        here = None if here is None or name.text is None else here.get(name.text)
    return None if here else f"the type has no attribute {'/'.join(map(str, path))}"


def _only(resource: Attribute, wanted: Iterable[Names]) -> Choice:
    """Mandatory attributes and those named; on the way to one that is named likewise."""
    chosen = {name: EVERYTHING for name in resource.mandatory}
    for name, inner, further in _by_first(resource, wanted):
        if name not in chosen:
            chosen[name] = EVERYTHING if () in further else _only(inner, further)
    return Choice(rest=False, named=chosen)


def _without(resource: Attribute, unwanted: Iterable[Names]) -> Choice:
    """Everything but those named; naming a mandatory attribute has no effect."""
    chosen: dict[str, Choice] = {}
    for name, inner, further in _by_first(resource, unwanted):
        if () not in further:
            chosen[name] = _without(inner, further)
        elif name not in resource.mandatory:
            chosen[name] = NOTHING
    return Choice(rest=True, named=chosen)


def _with(choice: Choice, resource: Attribute, wanted: Iterable[Names]) -> Choice:
    """A choice and those named besides."""
    chosen = dict(choice.named)
    for name, inner, further in _by_first(resource, wanted):
        before = choice.of(name)
        if before.is_nothing:
            chosen[name] = EVERYTHING if () in further else _only(inner, further)
        elif not before.is_everything:
            chosen[name] = EVERYTHING if () in further else _with(before, inner, further)
    return Choice(choice.rest, chosen)


def _by_first(resource: Attribute, names: Iterable[Names]) -> Iterable[tuple[str, Attribute, list[Names]]]:
    """(name, its attribute, what follows it in each of the paths)."""
    found: dict[str, list[Names]] = {}
    for first, *further in names:
        found.setdefault(first, []).append(tuple(further))
    for name, rest in found.items():
        inner = resource.get(name)
        if inner is not None:
            yield name, inner, rest
