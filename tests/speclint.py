"""Lints our API specifications, by OpenAPI 3.0 and by the house: ``python -m tests.speclint``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from vnfm.api import specs, versions

Node = Mapping[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")

#: Answers every operation declares. 414 is none: it is judged before it is known which operation is meant.
_ALWAYS = {"405", "406", "500", "503"}
#: Parameter in a header → what it may be refused with.
_REFUSALS = {"Version": {"400", "406"}, "If-Match": {"412"}}
#: Answer → the header it is not complete without.
_NEEDED_HEADERS = {
    "401": "WWW-Authenticate",
    "405": "Allow",
    "503": "Retry-After",
    "201": "Location",
    "202": "Location",
}
#: Answers without a body.
_EMPTY = {"202", "204", "303"}
#: Tasks on an occurrence: what goes on after 202 is that same occurrence, so there is nothing to locate.
_NOTHING_NEW = ("/retry", "/rollback", "/cancel", "/replay")
#: Where errors have another standard's shape, and which.
FOREIGN_ERRORS = {("/oauth2/token", "400"), ("/oauth2/token", "401"), ("/health", "503")}


def operations(spec: Node) -> Iterator[tuple[str, str, Node]]:
    """(path, method, operation) of everything in ``spec``."""
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def resolve(spec: Node, node: Node) -> Node:
    """What a local ``$ref`` means; the node itself if it is none."""
    while "$ref" in node:
        kind, name = node["$ref"].removeprefix("#/components/").split("/")
        node = spec["components"][kind][name]
    return node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _check_format(spec: Node) -> Iterator[str]:
    for error in OpenAPIV30SpecValidator(dict(spec)).iter_errors():
        yield f"OpenAPI: {'/'.join(map(str, error.absolute_path))}: {error.message}"


def _check_operation(spec: Node, path: str, operation: Node) -> Iterator[str]:
    for member in ("operationId", "summary", "description", "tags"):
        if not operation.get(member):
            yield f"has no {member}"
    if not _CAMEL.fullmatch(operation.get("operationId", "")):
        yield "operationId is not camelCase"
    missing = _expected_codes(spec, path, operation) - set(operation["responses"])
    if missing:
        yield f"does not declare {', '.join(sorted(missing))}"
    if not any(code.startswith("2") for code in operation["responses"]):
        yield "has no successful answer"
    yield from _check_texts(spec, operation)
    yield from _check_responses(spec, path, operation)


def _check_responses(spec: Node, path: str, operation: Node) -> Iterator[str]:
    for code, response in operation["responses"].items():
        for fault in _check_response(path, code, resolve(spec, response)):
            yield f"{code} {fault}"
        for name, header in resolve(spec, response).get("headers", {}).items():
            if not resolve(spec, header).get("description"):
                yield f"{code} header {name} has no description"


def _expected_codes(spec: Node, path: str, operation: Node) -> set[str]:
    expected = set(_ALWAYS)
    if any("bearer" in one for one in operation.get("security", spec.get("security", ()))):
        expected |= {"400", "401", "403", "429"}
    for name in _header_parameters(spec, operation):
        expected |= _REFUSALS.get(name, set())
    if "{" in path:
        expected.add("404")
    if "requestBody" in operation:
        expected |= {"400", "413", "415"}
    return expected


def _header_parameters(spec: Node, operation: Node) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        found = resolve(spec, parameter)
        if found["in"] == "header":
            yield found["name"]


def _check_patchable(spec: Node, path: str) -> Iterator[str]:
    """What one may change must be recognisable: by an ETag to read and an If-Match to name it."""
    item = spec["paths"][path]
    if "patch" not in item:
        return
    if "If-Match" not in _header_parameters(spec, item["patch"]):
        yield "PATCH has no If-Match"
    read = resolve(spec, item.get("get", {}).get("responses", {}).get("200", {}))
    if "ETag" not in read.get("headers", {}):
        yield "can be patched, and GET has no ETag"


def _check_version(spec: Node) -> Iterator[str]:
    """What is told of versions is what is done (vnfm.api.versions)."""
    base = spec["servers"][0]["url"].rstrip("/")
    for path, method, operation in operations(spec):
        served = versions.at(base + path)
        if served is None:
            continue
        if served.version != spec["info"]["version"]:
            yield f"{path}: {served.version} is served, and the specification is {spec['info']['version']}"
        for parameter in (resolve(spec, node) for node in operation.get("parameters", ())):
            if parameter["name"] == "Version" and parameter["schema"].get("pattern") != served.pattern:
                yield f"{method.upper()} {path}: the pattern of Version is not {served.pattern}"
        for code, node in operation["responses"].items():
            if code < "400" and "Version" not in resolve(spec, node).get("headers", {}):
                yield f"{method.upper()} {path}: {code} does not declare Version"


def _check_texts(spec: Node, operation: Node) -> Iterator[str]:
    if not operation.get("requestBody", {"description": "none needed"}).get("description"):
        yield "the request body has no description"
    for parameter in operation.get("parameters", ()):
        found = resolve(spec, parameter)
        if not found.get("description"):
            yield f"parameter {found['name']} has no description"


def _check_response(path: str, code: str, response: Node) -> Iterator[str]:
    if not response.get("description"):
        yield "has no description"
    headers = response.get("headers", {})
    if "X-Request-ID" not in headers:
        yield "does not declare X-Request-ID"
    needed = _NEEDED_HEADERS.get(code)
    nothing_new = code == "202" and path.endswith(_NOTHING_NEW)
    if needed and (needed in headers) == nothing_new:
        yield f"declares {needed}" if nothing_new else f"does not declare {needed}"
    if code in _EMPTY and "content" in response:
        yield "has a body"
    if code[0] in "45" and (path, code) not in FOREIGN_ERRORS:
        media = response.get("content", {})
        schema = media.get("application/problem+json", {}).get("schema", {})
        if (
            set(media) != {"application/problem+json"}
            or schema.get("$ref", "").rsplit("/")[-1] != "ProblemDetails"
        ):
            yield "is not ProblemDetails as application/problem+json"


def _check_components(spec: Node) -> Iterator[str]:
    used = set(_references(spec))
    secured = {
        name
        for _, _, operation in operations(spec)
        for item in operation.get("security", ())
        for name in item
    }
    secured |= {name for item in spec.get("security", ()) for name in item}
    for kind, members in spec.get("components", {}).items():
        for name, member in members.items():
            if f"#/components/{kind}/{name}" not in used and name not in secured:
                yield f"{kind}/{name} is not used"
            if not member.get("description"):
                yield f"{kind}/{name} has no description"
            if kind == "schemas" and not _PASCAL.fullmatch(name):
                yield f"schema {name} is not PascalCase"


def check(spec: Node) -> list[str]:
    """All faults of one bundled specification."""
    faults = [*_check_format(spec), *_check_components(spec), *_check_version(spec)]
    faults += [f"{path}: {fault}" for path in spec["paths"] for fault in _check_patchable(spec, path)]
    for path, method, operation in operations(spec):
        found = _check_operation(spec, path, operation)
        faults += [f"{method.upper()} {path}: {fault}" for fault in found]
    return faults


def main() -> int:
    """Print all faults; 1 if there are any."""
    count, seen = 0, dict[str, str]()
    unserved = {file.name for file in specs.directory().glob("*.yaml")} - set(specs.SERVED) - {"common.yaml"}
    for name in sorted(unserved):
        print(f"{name}: is not served")
        count += 1
    for name, spec in specs.load_all().items():
        faults = check(spec)
        for _, _, operation in operations(spec):
            other = seen.setdefault(operation["operationId"], name)
            if other != name:
                faults.append(f"operationId {operation['operationId']} is also in {other}")
        for fault in faults:
            print(f"{name}: {fault}")
        count += len(faults)
    print(f"speclint: {count} faults" if count else f"speclint: {len(seen)} operations, no faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
