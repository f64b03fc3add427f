"""The query string of a list (SOL013 5.2 to 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

from vnfm.api.sol013.filters import PARAMETER as FILTER
from vnfm.api.sol013.selection import ALL_FIELDS, EXCLUDE_DEFAULT, SELECTORS
from vnfm.errors import BadRequest

MARKER = "nextpage_opaque_marker"

_FLAGS = frozenset({ALL_FIELDS, EXCLUDE_DEFAULT})
_KNOWN = frozenset({FILTER, MARKER, *SELECTORS})

#: What a flag may have as a value, and whether it is set then.
_FLAG_VALUES = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

#: A percent sign that begins no escape; it stands for itself.
_BARE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a query string says. ``others`` is all of it but the marker, as it can be sent again."""

    filter: str | None
    selectors: Mapping[str, str]
    marker: str | None
    others: str

    @property
    def asked(self) -> tuple[str, ...]:
        """The filter and the selectors, the same in whatever order and encoding they have come."""
        return (self.filter or "", *(f"{name}={value}" for name, value in self.selectors.items()))


def read(raw: bytes) -> Parameters:
    """The parameters of a query string, percent-decoded once, a plus being a blank. Unknown ones are ignored
    here. BadRequest if one is given twice, if a flag has a strange value, or if it is not UTF-8."""
    given: dict[str, str] = {}
    others = []
    for piece in filter(None, raw.split(b"&")):
        name, value = _pair(piece)
        if name not in _KNOWN:
            others.append(piece)
            continue
        if name in given:
            raise BadRequest(f"{name} is given twice")
        given[name] = value
        if name != MARKER:
            others.append(piece)
    selectors = {name: given[name] for name in SELECTORS if name in given and _is_set(name, given[name])}
    return Parameters(given.get(FILTER), selectors, given.get(MARKER), _sendable(b"&".join(others)))


def _pair(piece: bytes) -> tuple[str, str]:
    try:
        name, _, value = piece.decode().partition("=")
        return unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
    except UnicodeDecodeError as exc:
        raise BadRequest("the query is not UTF-8") from exc


def _is_set(name: str, value: str) -> bool:
    if name not in _FLAGS:
        return True
    try:
        return _FLAG_VALUES[value.lower()]
    except KeyError:
        raise BadRequest(f"{name} is a flag and has no value such as {value!r}") from None


def _sendable(raw: bytes) -> str:
    """A query string without the characters that a URI in a Link header must not have."""
    return quote(_BARE_PERCENT.sub(b"%25", raw), safe="%-._~!$'()*+,;:@/?=&")
