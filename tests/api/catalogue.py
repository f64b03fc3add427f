"""Every operation of every specification, and the least that each takes: what generated tests are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.speclint import operations, resolve
from vnfm.api import specs
from vnfm.api.body import JSON, MERGE_PATCH

Node = Mapping[str, Any]

#: Format → a value of it.
_FORMATS = {
    "uri": "https://example.com/",
    "date-time": "2026-01-01T00:00:00Z",
    "mac": "02:00:00:00:00:01",
    "ipv4": "192.0.2.1",
    "ip": "192.0.2.1",
}
_COMBINED = ("oneOf", "anyOf", "allOf")


@dataclass(frozen=True)
class Operation:
    """One operation: where it is, and what its specification says of it."""

    file: str
    spec: Node
    base: str
    path: str
    method: str
    definition: Node

    def __str__(self) -> str:
        return f"{self.method} {self.base}{self.path}"

    @property
    def address(self) -> str:
        """The path with an unknown id wherever one belongs."""
        return self.base + re.sub(r"\{\w+\}", "unknown", self.path)

    @property
    def needs_token(self) -> bool:
        return any("bearer" in one for one in self.definition.get("security", self.spec.get("security", ())))

    @property
    def is_versioned(self) -> bool:
        """Whether requests carry a Version header that counts."""
        parameters = (resolve(self.spec, node) for node in self.definition.get("parameters", ()))
        return any((node["in"], node["name"]) == ("header", "Version") for node in parameters)

    @property
    def has_ids(self) -> bool:
        return "{" in self.path

    @property
    def content(self) -> Node:
        """Media type → definition of the request's body; empty if there is none."""
        found: Node = self.definition.get("requestBody", {}).get("content", {})
        return found

    @property
    def is_json(self) -> bool:
        """Whether there is a body, of JSON."""
        return bool({JSON, MERGE_PATCH} & set(self.content))

    @property
    def schema(self) -> Node:
        """What a body must be like."""
        return next(resolve(self.spec, media["schema"]) for media in self.content.values())

    @property
    def body(self) -> Any:
        """A body that the specification has nothing against: only what is mandatory is in it."""
        return exemplar(self.spec, self.schema)

    @property
    def produces(self) -> bool:
        """Whether success has a body, so that Accept matters."""
        answers = self.definition["responses"].items()
        return any(resolve(self.spec, node).get("content") for code, node in answers if code.startswith("2"))

    def request(self, **more: Any) -> dict[str, Any]:
        """Arguments for httpx: the least request that is right, but for the ids; ``more`` headers on top."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        wanted: dict[str, Any] = {"method": self.method, "url": self.address, "headers": headers}
        if self.is_json:
            wanted["content"] = orjson.dumps(self.body)
            wanted["headers"] = {"Content-Type": next(iter(self.content)), **headers}
        return wanted


def exemplar(spec: Node, schema: Node) -> Any:
    """The smallest value that ``schema`` allows."""
    schema = resolve(spec, schema)
    for given in ("example", "default"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        return _object(spec, schema)
    if schema.get("type") == "array":
        return [exemplar(spec, schema["items"])] * schema.get("minItems", 0)
    return _scalar(schema)


def _object(spec: Node, schema: Node) -> dict[str, Any]:
    names = list(schema.get("required", ()))
    for key in _COMBINED:
        names += schema[key][0].get("required", ()) if key in schema else ()
    return {name: exemplar(spec, schema["properties"][name]) for name in names}


def _scalar(schema: Node) -> Any:
    kind = schema.get("type")
    if kind == "string":
        formats = [schema.get("format"), *(part.get("format") for part in schema.get("anyOf", ()))]
        return next((_FORMATS[name] for name in formats if name in _FORMATS), "x")
    return {"integer": schema.get("minimum", 0), "number": 0, "boolean": True}.get(kind or "", {})


def _read() -> list[Operation]:
    return [
        Operation(name, spec, spec["servers"][0]["url"].rstrip("/"), path, method.upper(), definition)
        for name, spec in specs.load_all().items()
        for path, method, definition in operations(spec)
    ]


CATALOGUE = _read()
