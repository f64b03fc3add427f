"""What must be the same in a recorded and an emulated answer, and what need not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.replay.transcript import Element

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
# times, addresses, generated names, loads and texts: their presence and type count, their values do not
UNCOMPARED = frozenset(
    "created completed lastupdated allocated attached lastpinged lastserverstart lastboottime"
    " ipaddress vmipaddress vmguestip lbvmipaddresses publicip macaddress"
    " isolationuri broadcasturi vlan serviceip"
    " hostid hostname instancename networkdomain agents"
    " errortext related since datastore datastoreId fingerprint"
    " apikey privatekey publickey PublicKey extensionspath events"
    " javadistribution javaversion osdistribution oscategoryid"
    " cpuallocated cpuallocatedvalue cpuallocatedpercentage cpuallocatedwithoverprovisioning"
    " memoryallocated memoryallocatedpercentage memoryallocatedbytes"
    " capacityallocated capacityused percentused pendingjobscount expireAfter".split()
)
# … and texts that are the server's prose in these places, but a user's own words elsewhere
PROSE = re.compile(
    r"^listapisresponse.*\.description$|^listeventsresponse.*\.description$|\.configuration\[\]\.displaytext$"
    r"|\.capability\[\]\.value$|\.template\[\]\.url$"
)
# names the server makes from database numbers
NUMBERED = re.compile(r"^(ROOT|DATA)-\d+$|^i-\d+-\d+-VM(_VS_\d{14})?$")
# in the order of a Java hash map, which is no order: it was another after a restart of the recorded server
HASH_ORDERED = re.compile(
    r"^listapisresponse\.api\[\]\.(params|(.*\.)?response)$|\.network(\[\])?\.service(\[\]\.capability)?$"
)


@dataclass(frozen=True)
class Difference:
    element: int
    path: str
    told: str

    @property
    def pattern(self) -> str:
        """The path without list positions: how an accepted difference names it."""
        return re.sub(r"\[\d+\]", "[]", self.path)


class Ids:
    """Recorded id → emulator's id, learnt as they appear."""

    def __init__(self, known: set[str]) -> None:
        self.learnt = {key: key for key in known}
        self.given: set[str] = set()  # a fixed address, a MAC, a VLAN: what was asked for must come back
        self.taken = dict(self.learnt)  # the reverse: two recorded objects are two here, too

    def put_into(self, params: dict[str, str]) -> dict[str, str]:
        self.given |= set(params.values())
        return {name: self.translate(value) for name, value in params.items()}

    def translate(self, value: str) -> str:
        return ",".join(self.learnt.get(part, part) for part in value.split(","))

    def agree(self, recorded: str, emulated: str) -> bool:
        there = self.learnt.setdefault(recorded, emulated) == emulated
        return there and self.taken.setdefault(emulated, recorded) == recorded


def compare(element: Element, response: httpx.Response, ids: Ids) -> list[Difference]:
    found = [Difference(element.index, path, told) for path, told in envelope(element, response)]
    if element.body is None:
        found += [Difference(element.index, path, told) for path, told in markup(element, response)]
    elif not found:
        pairs = walk("", element.body, response.json(), ids)
        found += [Difference(element.index, path, told) for path, told in pairs]
    return found


def envelope(element: Element, response: httpx.Response) -> Iterator[tuple[str, str]]:
    if response.status_code != element.status:
        yield "status", f"{element.status}, not {response.status_code}: {response.text[:200]}"
    told = response.headers.get("content-type", "").replace("; ", ";").lower()
    if told != element.headers.get("Content-Type", "").replace("; ", ";").lower():
        yield "content-type", told
    if ("X-Description" in element.headers) != ("x-description" in response.headers):
        yield "x-description", "there" if "x-description" in response.headers else "missing"


def markup(element: Element, response: httpx.Response) -> Iterator[tuple[str, str]]:
    """The two XML answers: same root, same elements."""
    recorded = ElementTree.fromstring(element.text or "")  # noqa: S314 - our own recordings
    emulated = ElementTree.fromstring(response.text)  # noqa: S314 - our own emulator
    if [node.tag for node in recorded.iter()] != [node.tag for node in emulated.iter()]:
        yield "xml", "other elements"


def walk(path: str, recorded: Any, emulated: Any, ids: Ids) -> Iterator[tuple[str, str]]:
    if kind(recorded) != kind(emulated):
        yield path, f"{kind(recorded)}, not {kind(emulated)}"
    elif isinstance(recorded, dict):
        yield from walk_object(path, recorded, emulated, ids)
    elif isinstance(recorded, list):
        yield from walk_list(path, recorded, emulated, ids)
    elif differs(path, recorded, emulated, ids):
        yield path, f"{recorded!r}, not {emulated!r}"


def kind(value: Any) -> str:
    return type(value).__name__


def walk_object(path: str, recorded: Any, emulated: Any, ids: Ids) -> Iterator[tuple[str, str]]:
    for key in recorded.keys() - emulated.keys():
        yield join(path, key), "missing"
    for key in emulated.keys() - recorded.keys():
        yield join(path, key), "too much"
    for key in recorded:
        if key in emulated:
            yield from walk(join(path, key), recorded[key], emulated[key], ids)


def walk_list(path: str, recorded: Any, emulated: Any, ids: Ids) -> Iterator[tuple[str, str]]:
    if len(recorded) != len(emulated):
        yield path, f"{len(recorded)} elements, not {len(emulated)}"
    if HASH_ORDERED.search(re.sub(r"\[\d+\]", "[]", path)):
        recorded, emulated = (sorted(rows, key=by_name) for rows in (recorded, emulated))
    for index, (left, right) in enumerate(zip(recorded, emulated, strict=False)):
        yield from walk(f"{path}[{index}]", left, right, ids)


def by_name(row: dict[str, Any]) -> tuple[bool, str]:
    """The real list also holds nameless, empty fields: last, so that the others stay aligned."""
    return ("name" not in row, row.get("name", ""))


def join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def differs(path: str, recorded: Any, emulated: Any, ids: Ids) -> bool:
    key = path.rsplit(".", 1)[-1].split("[")[0]
    free = key in UNCOMPARED or PROSE.search(re.sub(r"\[\d+\]", "[]", path))
    if free and recorded not in ids.given:
        return False
    if isinstance(recorded, str) and UUID.match(recorded):
        return not (UUID.match(emulated) and ids.agree(recorded, emulated))
    if isinstance(recorded, str) and NUMBERED.match(recorded):
        return not NUMBERED.match(emulated)
    return bool(recorded != emulated)
