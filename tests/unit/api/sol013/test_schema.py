"""What the type of a resource says of its attributes."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.api.sol013.schema import Attribute, Kind

PART: dict[str, Any] = {"required": ["one"], "properties": {"one": {"type": "number"}}}


@pytest.mark.parametrize("word", ["allOf", "oneOf", "anyOf"])
def test_a_type_has_what_it_is_composed_of(word: str) -> None:
    """Of what is required in some of the cases, all counts as mandatory: it is there when it must be."""
    parts = [{"$ref": "#/components/schemas/Part"}, {"required": ["two"]}]
    schema = {"type": "object", "required": ["own"], "properties": {"own": {}, "two": {}}, word: parts}
    found = Attribute({"Part": PART}, schema)
    assert found.attributes.keys() == {"own", "one", "two"}
    assert found.mandatory == {"own", "one", "two"}
    assert found.kind is Kind.STRUCTURE


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind.TEXT),
        ({"type": "string", "format": "uri"}, Kind.TEXT),
        ({"type": "string", "format": "date-time"}, Kind.TIME),
        ({"type": "integer"}, Kind.NUMBER),
        ({"type": "number"}, Kind.NUMBER),
        ({"type": "boolean"}, Kind.BOOLEAN),
        ({"type": "object"}, Kind.MAP),
        ({"type": "object", "additionalProperties": {"type": "string"}}, Kind.MAP),
        ({"$ref": "#/components/schemas/Part"}, Kind.STRUCTURE),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Part"}}, Kind.STRUCTURE),
        ({"allOf": [{"type": "number"}]}, Kind.NUMBER),
        ({}, Kind.FREE),
    ],
)
def test_kinds(schema: dict[str, Any], kind: Kind) -> None:
    assert Attribute({"Part": PART}, schema).kind is kind


def test_a_map_may_be_closed() -> None:
    assert Attribute({}, {"type": "object"}).get("any") is not None
    assert Attribute({}, {"type": "object", "additionalProperties": False}).get("any") is None
