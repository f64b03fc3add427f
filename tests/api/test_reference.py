"""Our SOL003 specification against the reference data for 3.5.1, by type, attribute, method and code.

Runs where the reference folder is (``VNFM_REFERENCE``, or beside the checkout); elsewhere there is nothing to
compare with, and so no test. Accepted differences are listed, each with its reason.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.speclint import operations, resolve
from vnfm.api import specs

Node = Mapping[str, Any]

_HERE = Path(__file__)
_FILE = "etsi/v2-3.5.1.json"
_NEAR = _HERE.parents[2].parent / "shared" / "reference"
_PATH = Path(os.environ.get("VNFM_REFERENCE", _NEAR)) / _FILE
REFERENCE: Node = json.loads(_PATH.read_text()) if _PATH.is_file() else {}
ACCEPTED: Node = yaml.safe_load(_HERE.with_name("reference-differences.yaml").read_text())
SPEC: Node = specs.load_all()["sol003-vnflcm-v2.yaml"]

#: Ours in place of a formatted string of the reference.
_OWN_STRINGS = {"IpAddress": "ip", "MacAddress": "mac"}
#: Answered without a token, a body or an id: what the reference says of all other methods does not fit.
_VERSION_PATHS = {"/api_versions", "/v2/api_versions"}


def _reference_types() -> Node:
    types = REFERENCE.get("types", {})
    return {**types.get("common", {}), **types.get("SOL003.vnflcm", {})}


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


def _differences(name: str) -> Iterator[str]:
    """Every difference of one type, as the list of accepted ones names it."""
    theirs = _reference_types().get(name)
    ours = SPEC["components"]["schemas"][name]
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
        )
        if not same:
            yield f"{name}.{attribute}"


_TYPES = sorted(set(SPEC["components"]["schemas"]) - set(_OWN_STRINGS)) if REFERENCE else []


@pytest.mark.parametrize("name", _TYPES)
def test_type(name: str) -> None:
    assert [found for found in _differences(name) if found not in ACCEPTED] == []


def _reference_methods() -> Mapping[tuple[str, str], Node]:
    apis = REFERENCE.get("apis", [])
    for api in apis:
        if (api["interface"], api["name"]) == ("SOL003", "vnflcm"):
            return {
                (resource["path"], method.lower()): {"kind": resource["kind"], **facts}
                for resource in api["resources"]
                for method, facts in resource["methods"].items()
            }
    return {}


def _methods() -> list[tuple[str, str]]:
    return [(p.removeprefix("/v2"), m) for p, m, _ in operations(SPEC) if p not in _VERSION_PATHS]


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


def _our_success(operation: Node) -> Mapping[str, str | None]:
    answers = {code: resolve(SPEC, node) for code, node in operation["responses"].items() if code < "400"}
    return {
        code: _describe_ours(answer["content"]["application/json"]["schema"]) if "content" in answer else None
        for code, answer in answers.items()
    }


def _own_headers(operation: Node) -> set[str]:
    return {name for code, node in operation["responses"].items() if code < "400" for name in node["headers"]}


@pytest.mark.parametrize(("path", "method"), _methods() if REFERENCE else [])
def test_method(path: str, method: str) -> None:
    theirs = _reference_methods()[path, method]
    ours = SPEC["paths"][f"/v2{path}"][method]
    assert _body_of(ours) == _their_body(theirs)
    assert _our_success(ours) == _their_success(theirs)
    codes = {code for code in ours["responses"] if code >= "400"}
    found = [f"+{code}" for code in codes - set(theirs["errors"])]
    found += [f"-{code}" for code in set(theirs["errors"]) - codes]
    assert [code for code in found if f"{method.upper()} {path} {code}" not in ACCEPTED] == []
    promised = {name for answer in theirs["success"].values() for name in answer["headers"]}
    assert {name for name in promised if "optional" not in name and name != "Link"} <= _own_headers(ours)


def _all_differences() -> set[str]:
    found = {difference for name in _TYPES for difference in _differences(name)}
    for path, method in _methods():
        theirs = set(_reference_methods()[path, method]["errors"])
        codes = {code for code in SPEC["paths"][f"/v2{path}"][method]["responses"] if code >= "400"}
        found |= {f"{method.upper()} {path} +{code}" for code in codes - theirs}
        found |= {f"{method.upper()} {path} -{code}" for code in theirs - codes}
    return found


@pytest.mark.parametrize("entry", sorted(ACCEPTED) if REFERENCE else [])
def test_accepted_differences_exist(entry: str) -> None:
    assert entry in _all_differences()
