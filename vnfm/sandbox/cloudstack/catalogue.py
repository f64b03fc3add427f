"""The commands the emulator knows: parameters, answer keys, roles. Facts kept in catalogue.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

FILE = Path(__file__).with_name("catalogue.json")


class RawParam(TypedDict, total=False):
    type: str
    length: int
    required: bool
    names: str
    since: str
    related: bool
    closed: str  # letters of the roles that are not told of the parameter


class RawCommand(TypedDict, total=False):
    kind: str
    answer: str
    object: str | None
    roles: list[str]
    params: dict[str, RawParam]
    fields: str
    since: str
    java: str
    adminclass: str


# A response field is its type, or its type and what it holds.
Field = str | list["str | Mapping[str, Field]"]


class RawCatalogue(TypedDict):
    commands: dict[str, RawCommand]
    objects: dict[str, Mapping[str, Field]]
    unbuilt: dict[str, str]


@dataclass(frozen=True)
class Param:
    name: str
    type: str
    length: int
    required: bool
    names: str | None  # the table a uuid parameter looks into
    raw: RawParam


@dataclass(frozen=True)
class Command:
    name: str
    kind: str  # list, sync, async, create
    answer: str
    object: str
    roles: frozenset[str]
    params: Mapping[str, Param]
    java: str
    root_java: str
    raw: RawCommand

    def open_to(self, kind: str) -> bool:
        return kind == "admin" or kind in self.roles


@dataclass(frozen=True)
class Catalogue:
    commands: Mapping[str, Command]
    objects: Mapping[str, Mapping[str, Field]]
    unbuilt: Mapping[str, frozenset[str]]  # known to a real server, not served here: who may call it

    def knows(self, name: str) -> bool:
        return name in self.commands or name in self.unbuilt

    def answer_key(self, name: str) -> str:
        known = self.commands.get(name)
        return known.answer if known else f"{name.lower()}response"


ROLE_LETTERS = {"u": "user", "d": "domainadmin"}


@cache
def load() -> Catalogue:
    raw: RawCatalogue = json.loads(FILE.read_text())
    return Catalogue(
        commands={name: build(name, entry) for name, entry in raw["commands"].items()},
        objects=raw["objects"],
        unbuilt={name: frozenset(ROLE_LETTERS[c] for c in roles) for name, roles in raw["unbuilt"].items()},
    )


def build(name: str, raw: RawCommand) -> Command:
    java = raw["java"]
    return Command(
        name=name,
        kind=raw["kind"],
        answer=raw["answer"],
        object=raw.get("object") or "",
        roles=frozenset(raw["roles"]),
        params={key: build_param(key, entry) for key, entry in raw["params"].items()},
        java=java,
        root_java=raw.get("adminclass", java),
        raw=raw,
    )


def build_param(name: str, raw: RawParam) -> Param:
    return Param(
        name=name,
        type=raw["type"],
        length=raw.get("length", 255),
        required=raw.get("required", False),
        names=raw.get("names"),
        raw=raw,
    )
