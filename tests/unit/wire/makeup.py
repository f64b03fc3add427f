"""Documents made up from our specifications, and what of a canonical one a specification has words for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache
from typing import Any

from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

from tests.api.drafts import told
from vnfm.api import specs
from vnfm.api.body import as_json_schema

Node = Mapping[str, Any]
Made = st.SearchStrategy[Any]

_NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=4)
_FORMATS: Mapping[str, Made] = {
    "date-time": st.just("2026-01-02T03:04:05+00:00"),
    "uri": st.just("https://vnfm.example/x"),
    "mac": st.just("02:00:00:00:00:0a"),
    "ipv4": st.just("192.0.2.7"),
    "ipv6": st.just("2001:db8::7"),
}
_FREE = st.dictionaries(_NAMES, st.one_of(_NAMES, st.integers(0, 9), st.booleans()), min_size=1, max_size=2)
#: What ours always have, although a version lets it be left out.
ALWAYS: Mapping[str, set[str]] = {
    "ResourceHandle": {"vimConnectionId"},
    "VnfcSnapshotInfo": {"creationStartedAt", "vnfcResourceInfoId"},
    "VimConnectionModification": {"vimType"},
}


class Makeup:
    """Strategies for the types of one specification. Without null; what is an array has something in it."""

    def __init__(self, file: str) -> None:
        self._schemas = specs.load(file)["components"]["schemas"]
        self._known: dict[str, Made] = {}

    def of(self, name: str) -> Made:
        """A type by its name."""
        if name not in self._known:
            self._known[name] = st.deferred(lambda: self._made(self._schemas[name], ALWAYS.get(name, set())))
        return self._known[name]

    def _made(self, node: Node, always: Set[str] = frozenset()) -> Made:
        if "$ref" in node:
            return self.of(node["$ref"].rsplit("/")[-1])
        for key in ("anyOf", "oneOf"):
            if key in node:
                rest = {name: value for name, value in node.items() if name != key}
                ways = [self._way(rest, way, node[key], only=key == "oneOf") for way in node[key]]
                return st.one_of([self._made(way, always) for way in ways])
        if "enum" in node:
            return st.sampled_from(node["enum"])
        return self._KINDS.get(node.get("type", ""), Makeup._anything)(self, node, always)

    def _way(self, rest: Node, way: Node, ways: list[Node], *, only: bool) -> Node:
        """``rest`` as one of several ways of having it; ``only``: without what makes the other ways."""
        needed = set(way.get("required", ()))
        others = {name for other in ways for name in other.get("required", ())} - needed if only else set()
        properties = {name: value for name, value in rest.get("properties", {}).items() if name not in others}
        required = sorted({*rest.get("required", ()), *needed})
        return {**rest, **way, **({"properties": properties, "required": required} if properties else {})}

    def _anything(self, node: Node, always: Set[str]) -> Made:
        return _FREE

    def _object(self, node: Node, always: Set[str]) -> Made:
        if "properties" not in node:
            each = node.get("additionalProperties")
            if not isinstance(each, Mapping):
                return _FREE
            return st.dictionaries(_NAMES, self._made(each), min_size=1, max_size=2)
        required = {*node.get("required", ()), *always}
        parts = {name: self._made(part) for name, part in node["properties"].items()}
        return st.fixed_dictionaries(
            {name: part for name, part in parts.items() if name in required},
            optional={name: part for name, part in parts.items() if name not in required},
        )

    def _array(self, node: Node, always: Set[str]) -> Made:
        return st.lists(self._made(node["items"]), min_size=1, max_size=2)

    def _string(self, node: Node, always: Set[str]) -> Made:
        return _FORMATS.get(node.get("format", ""), _NAMES)

    def _integer(self, node: Node, always: Set[str]) -> Made:
        return st.integers(node.get("minimum", 0), 9)

    def _boolean(self, node: Node, always: Set[str]) -> Made:
        return st.booleans()

    _KINDS = {  # noqa: RUF012 (a table, not state)
        "object": _object,
        "array": _array,
        "string": _string,
        "integer": _integer,
        "boolean": _boolean,
    }


@cache
def makeup(file: str) -> Makeup:
    """The strategies of a specification, built once."""
    return Makeup(file)


@cache
def _validator(file: str, name: str) -> Draft4Validator:
    spec = told(specs.load(file))
    whole = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
    return Draft4Validator(as_json_schema(whole))


def faults(file: str, name: str, document: Any) -> list[str]:
    """What is wrong with a document by a specification whose types may have no more than they name."""
    return [f"{e.instance_path}: {e.message}" for e in _validator(file, name).iter_errors(document)]


class Words:
    """What of a canonical document a specification has words for, found out from the specification alone."""

    #: What has another name, by the name there.
    _NAMED_OTHERWISE: Mapping[str, str] = {"virtualLinkResourceInfo": "vnfVirtualLinkResourceInfo"}
    #: What is an array there and a map here, and what the key is called.
    _KEYS: Mapping[str, str] = {"vimConnectionInfo": "id", "cpConfig": "cpInstanceId"}

    def __init__(self, file: str) -> None:
        self._schemas = specs.load(file)["components"]["schemas"]

    def of(self, name: str, document: Any) -> Any:
        """The document as far as the type of that name can tell it."""
        return self._told(self._schemas[name], document)

    def _told(self, node: Node, value: Any) -> Any:
        if "$ref" in node:
            return self._told(self._schemas[node["$ref"].rsplit("/")[-1]], value)
        if isinstance(value, Mapping) and "properties" in node:
            return self._attributes(node["properties"], value)
        if isinstance(value, Mapping) and isinstance(node.get("additionalProperties"), Mapping):
            return {key: self._told(node["additionalProperties"], item) for key, item in value.items()}
        if isinstance(value, list) and "items" in node:
            return [self._told(node["items"], item) for item in value]
        return value

    def _attributes(self, properties: Node, value: Node) -> dict[str, Any]:
        found = {}
        for name, node in properties.items():
            here = self._NAMED_OTHERWISE.get(name, name)
            if here not in value:
                continue
            item = value[here]
            if name in self._KEYS and node.get("type") == "array" and isinstance(item, Mapping):
                item = [{self._KEYS[name]: key, **entry} for key, entry in item.items()]
            found[name] = self._told(node, item)
        return found
