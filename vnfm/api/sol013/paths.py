"""Attribute paths as filters and selectors write them (SOL013 5.2.2, 5.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from vnfm.errors import BadRequest

#: Stands for the keys of a map.
KEYS = "@key"

_ESCAPES = {"0": "~", "1": "/", "a": ",", "b": "@"}

#: Longer ones name nothing that exists, and MongoDB bounds how deep an expression may be nested.
MOST_NAMES = 16


@dataclass(frozen=True, slots=True)
class Name:
    """One element of a path: an attribute, a key of a map, or (None) ``@key``. ``at`` counts from 1."""

    text: str | None
    at: int

    def __str__(self) -> str:
        return KEYS if self.text is None else self.text


Path = tuple[Name, ...]


def wrong(parameter: str, at: int, reason: str) -> BadRequest:
    """The refusal of a parameter, with the place of what is wrong with it."""
    return BadRequest(f"{parameter}, character {at}: {reason}")


def read(parameter: str, text: str, at: int) -> Path:
    """The path ``text``, which begins at character ``at`` of a parameter; BadRequest says what is wrong."""
    names = []
    for part in text.split("/"):
        names.append(_name(parameter, part, at))
        at += len(part) + 1
    if len(names) > MOST_NAMES:
        raise wrong(parameter, names[MOST_NAMES].at, f"a path has at most {MOST_NAMES} names")
    return tuple(names)


def _name(parameter: str, part: str, at: int) -> Name:
    if not part:
        raise wrong(parameter, at, "an attribute name is expected")
    if part == KEYS:
        return Name(None, at)
    if part.startswith("@"):
        raise wrong(parameter, at, f"{KEYS} is expected; an @ in a name is written ~b")
    head, *escaped = part.split("~")
    for piece in escaped:
        if piece[:1] not in _ESCAPES:
            place = at + part.index("~" + piece)
            raise wrong(parameter, place, "after ~ comes 0 (~), 1 (/), a (,) or b (@)")
        head += _ESCAPES[piece[0]] + piece[1:]
    if "\0" in head:
        raise wrong(parameter, at, "an attribute name has no U+0000")
    return Name(head, at)
