"""A filter, judged by the type of the resource and turned into what the store can be asked."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm.api.sol013 import filters, values
from vnfm.api.sol013.filters import PARAMETER, Expression
from vnfm.api.sol013.paths import KEYS, Name, wrong
from vnfm.api.sol013.schema import Attribute, Kind
from vnfm.domain.query import REST, Never, Source, Sources, Step, Term
from vnfm.errors import BadRequest
from vnfm.wire.origins import Origins, Stored, Trail


def read(text: str, resource: Attribute, origins: Origins, *, strict: bool) -> tuple[Term, ...]:
    """The conditions of a filter. BadRequest names place and reason.

    An attribute that the type does not have is refused if ``strict``; else it is absent everywhere, and no
    comparison with it holds.
    """
    return tuple(_term(expression, resource, origins, strict=strict) for expression in filters.read(text))


class _Walk:
    """Follows a path through the type of a resource, and beside it through the origins of its values."""

    def __init__(self, resource: Attribute, origins: Origins) -> None:
        self.attribute = resource
        self._origins = origins
        self._sources: Source | Sources = origins.sources
        self._trail: Trail = ()
        self.root = Step("")
        self.steps: tuple[Step, ...] = ()

    @property
    def source(self) -> Source:
        """Where the values come from."""
        if isinstance(self._sources, Mapping) or not self._origins.shows(self._trail):
            return Never()
        return self._sources

    def enter(self, name: Name) -> bool:
        """Go one name further; False if there is nothing of that name."""
        following = self._following(name)
        if following is None:
            return False
        self.attribute = following
        self._trail = (*self._trail, str(name))
        stored = self._origins.stored.get(self._trail, Stored())
        many = stored.many or following.is_array or following.kind is Kind.FREE
        if isinstance(self._sources, Mapping) and str(name) in self._sources:
            self._sources = self._sources[str(name)]
            self.root = Step("", many, stored.reading)
            return True
        if isinstance(self._sources, Mapping):
            self._sources = self._sources.get(REST, Never())
            self.root = Step("")
        *before, last = stored.names or (name.text,)
        self.steps = (*self.steps, *map(Step, before), Step(last, many, stored.reading))
        return True

    def _following(self, name: Name) -> Attribute | None:
        here = self.attribute
        if name.text is not None:
            if here.kind in {Kind.STRUCTURE, Kind.MAP, Kind.FREE}:
                return here.get(name.text)
            raise wrong(PARAMETER, name.at, f"{self._here} is {here.kind} and has no attributes")
        if here.kind in {Kind.MAP, Kind.FREE}:
            return here.keys
        raise wrong(PARAMETER, name.at, f"{KEYS} means the keys of a map, and {self._here} is {here.kind}")

    @property
    def _here(self) -> str:
        return "/".join(self._trail) or "the resource"


def _term(expression: Expression, resource: Attribute, origins: Origins, *, strict: bool) -> Term:
    walk = _Walk(resource, origins)
    for name in expression.path:
        if walk.enter(name):
            continue
        if strict:
            raise _unknown(name, expression)
        return Term(values.compared(expression, Kind.FREE)[0], Never(), Step(""), (), ())
    kind = walk.attribute.kind
    if kind in {Kind.STRUCTURE, Kind.MAP}:
        path = "/".join(map(str, expression.path))
        raise wrong(PARAMETER, expression.path[-1].at, f"{path} is {kind}; only what is in it is compared")
    operator, compared = values.compared(expression, kind)
    return Term(operator, walk.source, walk.root, walk.steps, compared)


def _unknown(name: Name, expression: Expression) -> BadRequest:
    path = "/".join(map(str, expression.path))
    return wrong(PARAMETER, name.at, f"the type has no attribute {name} as in {path}")
