"""What may leave: no null, no empty array, times with an offset, no credentials.

Of ``accessInfo`` only what ``domain.access`` names may leave, whatever a VIM type puts there. The rule
applies wherever one may hide, operationParams and changedInfo included, although what is stored keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from vnfm.domain import access

Document = dict[str, Any]

#: Below these names lies what the caller or the VNFD wrote; it goes back as it came.
VERBATIM = frozenset(
    {
        "metadata",
        "extensions",
        "vnfConfigurableProperties",
        "additionalParams",
        "interfaceInfo",
        "extra",
        "userDefinedData",
    }
)

#: Objects that must have something in them: left out when empty, as arrays are. Others say something.
_FILLED = frozenset({"cpConfig", "ipOverEthernet"})

#: Signs of something that must not leave as it is.
_UNFIT = re.compile(rb'null|\[\]|"accessInfo"|"(cpConfig|ipOverEthernet)":\{\}')


def stamp(moment: datetime) -> str:
    """RFC 3339 with its offset; a time without a zone is UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def present(**attributes: Any) -> Document:
    """Without None and empty containers."""
    return {
        key: value
        for key, value in attributes.items()
        if value or (value is not None and value != {} and value != [])  # most have something: asked first
    }


def passed(value: Any) -> Any:
    """A SOL structure as it may leave: no null, no empty array, no secret accessInfo, times as text.

    Nearly always it is so already, and looking at its encoding tells ten times faster than walking it.
    """
    if not value:
        return value
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # a datetime, or a mapping that is no dict
        return _mended(value)
    return value if _UNFIT.search(encoded) is None else _mended(value)


def _mended(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: item if key in VERBATIM else _mended(item)
            for key, item in _open(value).items()
            if item is not None and item not in ([], ()) and not (item == {} and key in _FILLED)
        }
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    return stamp(value) if isinstance(value, datetime) else value


def _open(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return access.without_secrets(value) if "accessInfo" in value else value


def asked(value: Any) -> Any:
    """A request or a merge patch as it may leave: as it came, where null says that something goes, without
    secrets."""
    if isinstance(value, Mapping):
        return {key: item if key in VERBATIM else asked(item) for key, item in _open(value).items()}
    return [asked(item) for item in value] if isinstance(value, list | tuple) else value


def shows(path: Sequence[str]) -> bool:
    """Whether what lies at a path of attribute names may leave."""
    for position, name in enumerate(path):
        if name in VERBATIM:
            return True
        if name == "accessInfo":
            return len(path) > position + 1 and path[position + 1] in access.SHOWN
    return True
