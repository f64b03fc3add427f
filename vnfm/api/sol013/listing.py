"""One page of any list: what handlers of containers call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from vnfm.api import specs
from vnfm.api.call import Answer, Call, Gateway, json_answer
from vnfm.api.sol013 import conditions, markers, parameters, selection
from vnfm.api.sol013.schema import Attribute
from vnfm.api.sol013.selection import EVERYTHING, Choice
from vnfm.domain.principal import Principal
from vnfm.domain.query import REST, Query, Sources, Term, fields_of
from vnfm.services.deps import Deps
from vnfm.settings import Strict
from vnfm.wire.origins import Origins
from vnfm.wire.screen import Document

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, eq=False)
class Listing(Generic[ItemT]):
    """What is listed. ``find`` gives the items of a page, of each at least the fields asked for; ``spell``
    makes an entry of one; ``identify`` tells its id."""

    #: The specification and the type of the entries in it.
    spec: str
    type: str
    origins: Origins
    find: Callable[[Deps, Principal, Query], Sequence[ItemT]]
    spell: Callable[[ItemT], Document]
    identify: Callable[[ItemT], str]
    #: What is left out if no selector says otherwise (SOL003 5.4.2.3.2 and others).
    defaults: tuple[str, ...] = ()
    #: Conditions that no client sees.
    within: tuple[Term, ...] = ()
    #: Whether the list has attribute selectors.
    has_selectors: bool = True


@lru_cache(maxsize=64)
def _type(spec: str, name: str) -> Attribute:
    schemas = specs.load(spec)["components"]["schemas"]
    return Attribute(schemas, schemas[name])


@lru_cache(maxsize=256)
def _choose(
    listing: Listing[Any], selectors: tuple[tuple[str, str], ...], *, strict: bool
) -> tuple[Choice, frozenset[str] | None]:
    """What is shown, and which stored fields that takes; None for all of them."""
    if not listing.has_selectors:
        return EVERYTHING, None
    resource = _type(listing.spec, listing.type)
    choice = selection.read(dict(selectors), resource, listing.defaults, strict=strict)
    if choice.is_everything:
        return choice, None
    declared = {
        name: source for name, source in listing.origins.sources.items() if name in resource.attributes
    }
    return choice, _needed(choice, declared)


def answer(gateway: Gateway, call: Call, listing: Listing[ItemT]) -> Answer:
    """200 with the page that the query string asks for, and the address of the next one if there is any."""
    given = parameters.read(call.query)
    strict = Strict.FILTER in gateway.deps.settings.strict
    resource = _type(listing.spec, listing.type)
    choice, needed = _choose(listing, tuple(given.selectors.items()), strict=strict)
    terms = listing.within
    if given.filter is not None:
        terms += conditions.read(given.filter, resource, listing.origins, strict=strict)
    context = (call.path, call.caller.tenant, *given.asked)
    after = None if given.marker is None else markers.read(given.marker, *context)
    size = gateway.deps.settings.page_size
    query = Query(terms, after, size + 1, needed)
    found = listing.find(gateway.deps, call.caller, query)
    page = found[:size]
    documents = [choice.apply(listing.spell(item)) for item in page]
    if len(found) == len(page):
        return json_answer(200, documents)
    marker = markers.make(listing.identify(page[-1]), *context)
    others = f"{given.others}&" if given.others else ""
    uri = f"{gateway.base_url}{call.path}?{others}{parameters.MARKER}={marker}"
    return json_answer(200, documents, ("Link", f'<{uri}>;rel="next"'))


def _needed(choice: Choice, sources: Sources) -> frozenset[str]:
    """The stored fields that the chosen attributes are made of."""
    found = frozenset[str]()
    for name, source in sources.items():
        inner = EVERYTHING if REST in sources else choice.of(name)
        if not inner.is_nothing:
            found |= _needed(inner, source) if isinstance(source, Mapping) else fields_of(source)
    return found
