"""Our SOL specifications against the reference data of their releases: by type, attribute, method and code.

Runs where the reference folder is (``VNFM_REFERENCE``, or beside the checkout); elsewhere there is nothing to
compare with, and so no test. Accepted differences are listed, each with its reason.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.speclint import operations, resolve
from vnfm.api import specs
from vnfm.api.lists import listing_of

Node = Mapping[str, Any]

_HERE = Path(__file__)
_NEAR = _HERE.parents[2].parent / "shared" / "reference"
_FOLDER = Path(os.environ.get("VNFM_REFERENCE", _NEAR)) / "etsi"
_RELEASES = {"v1": "v1-2.6.1.json", "v2": "v2-3.5.1.json"}
#: By specification; what stands under "all" may be in any of them.
ACCEPTED: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    _HERE.with_name("reference-differences.yaml").read_text()
)

#: Ours in place of a formatted string of the reference.
_OWN_STRINGS = {"IpAddress": "ip", "MacAddress": "mac"}
#: How a reference's rule about attributes begins, and the keyword that says so in a specification.
_WAYS = {"exactly one": "oneOf", "at least one": "anyOf"}
#: Answered without a token, a body or an id: what the reference says of all other methods does not fit.
_VERSIONS = "/api_versions"


@dataclass(frozen=True)
class Compared:
    """One specification of ours and what it is compared with."""

    file: str
    interface: str
    api: str
    major: str

    @cached_property
    def ours(self) -> Node:
        return specs.load_all()[self.file]

    @cached_property
    def reference(self) -> Node:
        found: Node = json.loads((_FOLDER / _RELEASES[self.major]).read_text())
        return found

    @cached_property
    def their_types(self) -> Node:
        types = self.reference["types"]
        return {**types["common"], **types[f"{self.interface}.{self.api}"]}

    @cached_property
    def their_api(self) -> Node:
        wanted = (self.interface, self.api)
        return next(api for api in self.reference["apis"] if (api["interface"], api["name"]) == wanted)

    @cached_property
    def their_methods(self) -> Mapping[tuple[str, str], Node]:
        return {
            (resource["path"], method.lower()): {"kind": resource["kind"], **facts}
            for resource in self.their_api["resources"]
            for method, facts in resource["methods"].items()
        }

    @property
    def accepted(self) -> Mapping[str, str]:
        return {**ACCEPTED["all"], **ACCEPTED.get(self.file, {})}

    def types(self) -> list[str]:
        return sorted(set(self.ours["components"]["schemas"]) - set(_OWN_STRINGS))

    def methods(self) -> list[tuple[str, str]]:
        known = ((path.removeprefix(f"/{self.major}"), method) for path, method, _ in operations(self.ours))
        return [(path, method) for path, method in known if path != _VERSIONS]

    def operation(self, path: str, method: str) -> Node:
        found: Node = self.ours["paths"][f"/{self.major}{path}"][method]
        return found


def _compared() -> Iterator[Compared]:
    """Every served specification that is named after one of the standard: sol003-vnflcm-v2.yaml."""
    for file in specs.SERVED:
        interface, *rest = file.removesuffix(".yaml").split("-")
        if interface.startswith("sol"):
            yield Compared(file, interface.upper(), *rest)


COMPARED = list(_compared()) if _FOLDER.is_dir() else []


def _describe_ours(node: Node) -> str:
    """A schema of ours in one line, comparable with ``_describe_theirs``."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/")[-1]
        return f"string/{_OWN_STRINGS[name]}" if name in _OWN_STRINGS else name
    if node.get("type") == "array":
        return f"array of {_describe_ours(node['items'])}"
    if "additionalProperties" in node:
        return f"map of {_describe_ours(node['additionalProperties'])}"
    kind = node.get("type", "any")
    values = f" {sorted(node['enum'])}" if "enum" in node else ""
    return kind + (f"/{node['format']}" if "format" in node else "") + values


def _describe_theirs(node: Node) -> str:
    """The same of an attribute in the reference."""
    if node["type"] == "ref":
        return str(node["ref"])
    if node["type"] == "array":
        return f"array of {_describe_theirs(node['items'])}"
    if node["type"] == "map":
        return f"map of {_describe_theirs(node['values'])}"
    values = f" {sorted(node['enum'])}" if node.get("enum") else ""
    return node["type"] + (f"/{node['format']}" if node.get("format") else "") + values


def _differences(spec: Compared, name: str) -> Iterator[str]:
    """Every difference of one type, as the list of accepted ones names it."""
    theirs = spec.their_types.get(name)
    ours = spec.ours["components"]["schemas"][name]
    if theirs is None:
        yield name
        return
    if theirs["kind"] != "object":
        values = theirs["values"] if theirs["kind"] == "enum" else None
        if ours.get("enum") != values:
            yield name
        return
    attributes = theirs["attributes"]
    required = ours.get("required", [])
    if _WAYS.get(theirs.get("rule", "").partition(" of ")[0]) != next(
        iter({*ours} & {*_WAYS.values()}), None
    ):
        yield f"{name} rule"
    for attribute in sorted(set(attributes) | set(ours["properties"])):
        if attribute not in attributes or attribute not in ours["properties"]:
            yield f"{name}.{attribute}"
            continue
        reference, mine = attributes[attribute], ours["properties"][attribute]
        least = 1 if reference["cardinality"] == "1..N" else reference.get("minItems", 0)
        same = (
            _describe_theirs(reference) == _describe_ours(mine)
            and reference["required"] == (attribute in required)
            and (reference["type"] != "array" or least == mine.get("minItems", 0))
            and all(reference.get(bound) == mine.get(bound) for bound in ("minimum", "maximum"))
        )
        if not same:
            yield f"{name}.{attribute}"


@pytest.mark.parametrize(
    ("spec", "name"), [pytest.param(s, n, id=f"{s.file}-{n}") for s in COMPARED for n in s.types()]
)
def test_type(spec: Compared, name: str) -> None:
    assert [found for found in _differences(spec, name) if found not in spec.accepted] == []


def _body_of(operation: Node) -> str | None:
    content = operation.get("requestBody", {}).get("content", {})
    return next((f"{kind} {_describe_ours(media['schema'])}" for kind, media in content.items()), None)


def _their_body(facts: Node) -> str | None:
    request = facts["request"]
    return f"{request['content_type']} {request['type']}" if request else None


def _their_success(facts: Node) -> Mapping[str, str | None]:
    return {
        code: (("array of " if answer["body"]["array"] else "") + answer["body"]["type"])
        if answer["body"]
        else None
        for code, answer in facts["success"].items()
    }


def _our_success(spec: Node, operation: Node) -> Mapping[str, str | None]:
    answers = {code: resolve(spec, node) for code, node in operation["responses"].items() if code < "400"}
    return {
        code: _describe_ours(answer["content"]["application/json"]["schema"]) if "content" in answer else None
        for code, answer in answers.items()
    }


def _signs(spec: Compared, path: str, method: str) -> tuple[set[str], set[str]]:
    """Of ours and of theirs: error codes, parameters, headers of answers. Each of these is a word or two."""
    theirs, operation = spec.their_methods[path, method], spec.operation(path, method)
    parameters = [resolve(spec.ours, node) for node in operation.get("parameters", [])]
    answers = {code: resolve(spec.ours, node) for code, node in operation["responses"].items()}
    ours = {code for code in answers if code >= "400"}
    ours |= {f"{p['in']} {p['name']}" for p in parameters if p["in"] != "path"}
    ours |= {f"{code} {name}" for code, one in answers.items() if code < "400" for name in one["headers"]}
    told = {*theirs["errors"]} | {f"query {one['name']}" for one in theirs.get("query", ())}
    told |= {f"header {_bare(name)}" for name in theirs["request_headers"]} - _ANYWAY
    told |= {f"{code} {_bare(name)}" for code, one in theirs["success"].items() for name in one["headers"]}
    return ours, told


#: What OpenAPI says elsewhere than among parameters.
_ANYWAY = {"header Accept", "header Content-Type", "header Authorization"}


def _bare(header: str) -> str:
    """A header without the reference's remark."""
    return header.partition(" ")[0]


def _method_differences(spec: Compared, path: str, method: str) -> Iterator[str]:
    """What only one of the two has, as the list of accepted differences names it."""
    ours, theirs = _signs(spec, path, method)
    for sign, found in (("+", ours - theirs), ("-", theirs - ours)):
        for one in sorted(found):
            everywhere = f"* {sign}{one.rpartition(' ')[2]}"
            yield everywhere if everywhere in spec.accepted else f"{method.upper()} {path} {sign}{one}"


@pytest.mark.parametrize(
    ("spec", "path", "method"),
    [pytest.param(s, p, m, id=f"{s.file}-{m}-{p}") for s in COMPARED for p, m in s.methods()],
)
def test_method(spec: Compared, path: str, method: str) -> None:
    theirs = spec.their_methods[path, method]
    ours = spec.operation(path, method)
    assert _body_of(ours) == _their_body(theirs)
    assert _our_success(spec.ours, ours) == _their_success(theirs)
    assert [found for found in _method_differences(spec, path, method) if found not in spec.accepted] == []


@pytest.mark.parametrize("spec", COMPARED, ids=lambda spec: spec.file)
def test_version(spec: Compared) -> None:
    assert spec.ours["info"]["version"] == spec.their_api["api_version"]


@pytest.mark.parametrize("spec", COMPARED, ids=lambda spec: spec.file)
def test_what_lists_leave_out(spec: Compared) -> None:
    """As far as the type has it: by default, of every container."""
    for resource in spec.their_api["resources"]:
        if "excluded_by_default" in resource:
            path = f"{spec.interface.lower()}/" * (spec.interface == "SOL002") + f"{spec.api}/{spec.major}"
            mine = listing_of(resource["path"][1:], path, "https://x")
            known = spec.their_types[mine.type]["attributes"]
            told = {name for name in mine.defaults if name.partition("/")[0] in known}
            assert told == set(resource["excluded_by_default"])


@pytest.mark.parametrize(
    ("spec", "path", "method"),
    [pytest.param(s, p, m, id=f"{s.file}-{m}-{p}") for s in COMPARED for p, m in sorted(s.their_methods)],
)
def test_everything_of_the_standard_is_there(spec: Compared, path: str, method: str) -> None:
    missing = f"{method.upper()} {path}"
    assert (path, method) in spec.methods() or missing in spec.accepted


def _absent_types(spec: Compared) -> set[str]:
    return set(spec.reference["types"][f"{spec.interface}.{spec.api}"]) - set(spec.types())


@pytest.mark.parametrize("spec", COMPARED, ids=lambda spec: spec.file)
def test_every_type_of_the_api_is_there(spec: Compared) -> None:
    assert sorted(_absent_types(spec) - set(spec.accepted)) == []


def _all_differences(spec: Compared) -> set[str]:
    found = {difference for name in spec.types() for difference in _differences(spec, name)}
    found |= {
        difference
        for path, method in spec.methods()
        for difference in _method_differences(spec, path, method)
    }
    absent = set(spec.their_methods) - set(spec.methods())
    return found | _absent_types(spec) | {f"{method.upper()} {path}" for path, method in absent}


@pytest.mark.parametrize("group", sorted(ACCEPTED) if COMPARED else [])
def test_accepted_differences_exist(group: str) -> None:
    found = [_all_differences(spec) for spec in COMPARED if group in {"all", spec.file}]
    assert sorted(set(ACCEPTED[group]) - set().union(*found)) == []
