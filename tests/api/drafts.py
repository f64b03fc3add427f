"""The specifications as generators of requests want them.

What makes a body slow to make up is what says nothing: any JSON where an object is free, any number of
attributes that no type has, arrays without an end. What is *sent* is bounded here; what is *told* stays as it
is, but that it may have no attribute more than its type: a gateway that is liberal in what it takes is not so
in what it sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]

_SENT = "Sent"
_PREFIX = "#/components/schemas/"
#: Instead of any value whatever.
_FREE = {
    "anyOf": [
        {"type": "string", "maxLength": 12},
        {"type": "integer"},
        {"type": "boolean"},
        {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 4}},
        {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "string", "maxLength": 4}},
    ]
}
#: RFC 7807 allows more members than it names.
_OPEN = {"ProblemDetails"}


def close(schema: Any) -> Any:
    """A schema whose objects have no other attributes than those that it names."""
    if isinstance(schema, list):
        return [close(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    closed = {key: close(value) for key, value in schema.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


def bound(schema: Any) -> Any:
    """A closed schema with an end to everything, that refers to others like it."""
    if isinstance(schema, list):
        return [bound(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"] + _SENT}
    bounded = {key: bound(value) for key, value in schema.items()}
    if bounded.get("type") == "array":
        bounded.setdefault("maxItems", max(2, bounded.get("minItems", 0)))
    if bounded.get("type") == "object" and "properties" not in bounded:
        bounded.setdefault("additionalProperties", _FREE)
        bounded.setdefault("maxProperties", 2)
    return bounded


def _bodies(spec: Node, change: Any) -> dict[str, Any]:
    """The paths, with the schemas of all request bodies changed."""
    paths: dict[str, Any] = {}
    for path, item in spec["paths"].items():
        paths[path] = dict(item)
        for method, operation in item.items():
            if isinstance(operation, Mapping) and "requestBody" in operation:
                body = operation["requestBody"]
                content = {
                    kind: {**media, "schema": change(media["schema"])}
                    for kind, media in body["content"].items()
                }
                paths[path][method] = {**operation, "requestBody": {**body, "content": content}}
    return paths


def told(spec: Node) -> dict[str, Any]:
    """``spec`` with closed types."""
    schemas = {
        name: schema if name in _OPEN else close(schema)
        for name, schema in spec.get("components", {}).get("schemas", {}).items()
    }
    return {**spec, "components": {**spec.get("components", {}), "schemas": schemas}}


def sent(spec: Node) -> dict[str, Any]:
    """``spec`` with closed types, and request bodies of bounded ones."""
    closed = told(spec)
    schemas = closed["components"]["schemas"]
    more = {name + _SENT: bound(schema) for name, schema in schemas.items()}
    components = {**closed["components"], "schemas": {**schemas, **more}}
    return {**closed, "paths": _bodies(closed, bound), "components": components}
