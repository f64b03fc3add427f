"""One call on its way in: parameters unpacked, checked and translated as CloudStack's workers do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.catalogue import Command, Param
from vnfm.sandbox.cloudstack.refusal import Refusal, invalid, malformed
from vnfm.sandbox.cloudstack.tables import Table
from vnfm.sandbox.cloudstack.world import World

R = TypeVar("R", bound=model.Row)
Maps = dict[str, dict[int, dict[str, str]]]

MAP_NAME = re.compile(r"^([^\[\]]+)\[(\d+)\]\.([^\[\]]+)$")
CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
HOST_NAME = re.compile(r"^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")
CREDENTIALS = frozenset({"apikey", "signature", "expires", "signatureversion", "response", "command"})
DEPLOYS = ("deployVirtualMachine", "deployVnfAppliance")
BOUNDS = {"integer": 2**31, "long": 2**63, "short": 2**15}


@dataclass
class Call:
    """A call that has passed the workers; handlers read their arguments from it."""

    command: Command
    world: World
    user: model.User
    scalars: dict[str, str]
    maps: Maps = field(default_factory=dict)

    @property
    def account(self) -> model.Account:
        return self.user.account

    @property
    def root(self) -> bool:
        return self.account.kind == "admin"

    def text(self, name: str) -> str | None:
        return self.scalars.get(name)

    def given(self, name: str) -> str:
        """A parameter the catalogue requires."""
        return self.scalars[name]

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.scalars.get(name)
        return default if value is None else value.lower() == "true"

    def number(self, name: str) -> int | None:
        value = self.scalars.get(name)
        return int(value) if value else None

    def words(self, name: str) -> list[str]:
        return split(self.scalars.get(name, ""))

    def pairs(self, name: str) -> dict[str, str]:
        """All entries of a map parameter as one dict, the index ignored."""
        return {key: value for entry in self.maps.get(name, {}).values() for key, value in entry.items()}

    def entries(self, name: str) -> list[dict[str, str]]:
        found = self.maps.get(name, {})
        return [found[index] for index in sorted(found)]

    def row(self, name: str, table: Table[R]) -> R | None:
        """The row a parameter names, or None when it was not given; a removed row is refused."""
        key = self.scalars.get(name)
        if not key:
            return None
        found = table.get(key)
        if found is None:
            lost = table.find(key)
            number = lost.serial if lost else key
            raise invalid(f"Unable to find UUID for id [{number}] of type [{table.java}]")
        return found

    def need(self, name: str, table: Table[R]) -> R:
        found = self.row(name, table)
        if found is None:
            raise malformed(
                f"Unable to execute API command {self.command.name.lower()} due to missing parameter {name}"
            )
        return found


def split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def unpack(params: Mapping[str, str]) -> tuple[dict[str, str], Maps]:
    """Lower-case the names and gather the map parameters; a malformed one is 430."""
    scalars: dict[str, str] = {}
    maps: Maps = {}
    for name, value in params.items():
        if "[" not in name:
            scalars[name.lower()] = value
            continue
        matched = MAP_NAME.match(name)
        if matched is None:
            raise Refusal(
                430,
                f"Unable to decode parameter {name}; if specifying an object array, please use"
                " parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup",
            )
        entry = maps.setdefault(matched[1].lower(), {}).setdefault(int(matched[2]), {})
        entry[matched[3]] = value
    return {name: value for name, value in scalars.items() if name not in CREDENTIALS}, maps


def check(command: Command, scalars: dict[str, str], maps: Maps, world: World) -> None:
    """Refuse what the workers refuse, before the command's own code runs."""
    for name, value in scalars.items():
        if CONTROL.search(value):
            raise malformed(
                f"Received value containing illegal ASCII non-printable characters for parameter {name}"
            )
    tables = world.index()
    for param in command.params.values():
        check_one(command, param, scalars.get(param.name), param.name in maps, tables)
    if "page" in scalars and "pagesize" not in scalars and "pagesize" in command.params:
        raise malformed('"pagesize" parameter is required when "page" is specified')


def check_one(
    command: Command, param: Param, value: str | None, mapped: bool, tables: Mapping[str, Table[model.Row]]
) -> None:
    if value is None:
        if param.required and not mapped:
            raise malformed(f"{about(command)} due to missing parameter {param.name}")
        return
    if value == "":
        if param.required:
            raise invalid(f"Invalid value provided for API arg: {param.name}")
        return
    check_shape(command, param, value)
    if param.names:
        for key in split(value) if param.type == "list" else [value]:
            check_reference(command, param, key, tables)


def check_shape(command: Command, param: Param, value: str) -> None:
    if len(value) > param.length and param.type in ("string", "uuid"):
        raise malformed(
            f"{about(command)} due to invalid value. Value greater than max allowed length"
            f" {param.length} for param: {param.name}"
        )
    if param.type in BOUNDS:
        check_number(command, param, value)
    if param.name == "name" and command.name in DEPLOYS:
        check_host_name(command, value)


def check_number(command: Command, param: Param, value: str) -> None:
    try:
        fits = -BOUNDS[param.type] <= int(value) < BOUNDS[param.type]
    except ValueError:
        fits = False
    if not fits:
        raise malformed(f"{about(command)} due to invalid value {value} for parameter {param.name}")


def check_reference(command: Command, param: Param, key: str, tables: Mapping[str, Table[model.Row]]) -> None:
    """An id must be, or have been, somewhere; a bare database number is not looked up at all."""
    table = tables.get(param.names or "")
    if key.lstrip("-").isdigit() or (table is not None and table.find(key) is not None):
        return
    raise malformed(
        f"{about(command)} due to invalid value. Invalid parameter {param.name} value={key} due to incorrect"
        " long value format, or entity does not exist or due to incorrect parameter annotation for the field"
        " in api cmd class."
    )


def check_host_name(command: Command, value: str) -> None:
    if not HOST_NAME.match(value):
        raise malformed(
            f"{about(command)} due to invalid value. Invalid value provided for API arg: name -"
            " it can contain ASCII letters, digits and the hyphen, 1 to 63 of them, a letter first"
        )


def about(command: Command) -> str:
    return f"Unable to execute API command {command.name.lower()}"
