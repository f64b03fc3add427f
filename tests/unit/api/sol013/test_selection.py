"""What attribute selectors keep (SOL013 5.3.2)."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.api.sol013 import selection
from vnfm.api.sol013.schema import Attribute
from vnfm.errors import BadRequest

SCHEMAS: dict[str, Any] = {
    "Thing": {
        "type": "object",
        "required": ["id", "links"],
        "x-conditional": ["mode"],
        "properties": {
            "id": {"type": "string"},
            "mode": {"type": "string"},
            "name": {"type": "string"},
            "links": {
                "type": "object",
                "properties": {"self": {"type": "string"}, "other": {"type": "string"}},
            },
            "big": {"$ref": "#/components/schemas/Big"},
            "pairs": {"type": "object"},
        },
    },
    "Big": {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string"},
            "note": {"type": "string"},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
        },
    },
    "Item": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
}
THING = Attribute(SCHEMAS, SCHEMAS["Thing"])
BASE = {"id": "1", "mode": "m", "links": {"self": "s", "other": "o"}}
ITEMS = [{"a": "1", "b": "2"}, {"b": "3"}]
WHOLE = {
    **BASE,
    "name": "n",
    "big": {"kind": "k", "note": "n", "items": ITEMS},
    "pairs": {"x": {"y": 1, "z": 2}, "empty": {}},
}
DEFAULTS = ("big", "pairs")


def select(**given: str) -> Any:
    return selection.read(given, THING, DEFAULTS, strict=True).apply(WHOLE)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {**BASE, "name": "n"}),
        ({"exclude_default": ""}, {**BASE, "name": "n"}),
        ({"all_fields": ""}, WHOLE),
        ({"fields": "name"}, {**BASE, "name": "n"}),
        ({"fields": "links/other"}, BASE),
        ({"fields": "big"}, {**BASE, "big": WHOLE["big"]}),
        ({"fields": "big/note"}, {**BASE, "big": {"kind": "k", "note": "n"}}),
        ({"fields": "big/items/a"}, {**BASE, "big": {"kind": "k", "items": [{"a": "1"}]}}),
        ({"fields": "big/items/a,big/items"}, {**BASE, "big": {"kind": "k", "items": ITEMS}}),
        ({"fields": "pairs/x/y"}, {**BASE, "pairs": {"x": {"y": 1}}}),
        ({"fields": "pairs/absent"}, BASE),
        ({"exclude_fields": "id,links,mode"}, WHOLE),
        ({"exclude_fields": "name,big,pairs"}, BASE),
        (
            {"exclude_fields": "links/other,big/kind,big/items/b,pairs/x"},
            {
                **WHOLE,
                "links": {"self": "s"},
                "big": {"kind": "k", "note": "n", "items": [{"a": "1"}]},
                "pairs": {"empty": {}},
            },
        ),
        ({"fields": "big", "exclude_default": ""}, {**BASE, "name": "n", "big": WHOLE["big"]}),
        (
            {"fields": "big/note,pairs/x/z", "exclude_default": ""},
            {**BASE, "name": "n", "big": {"kind": "k", "note": "n"}, "pairs": {"x": {"z": 2}}},
        ),
    ],
)
def test_selectors(given: dict[str, str], expected: dict[str, Any]) -> None:
    assert select(**given) == expected


def test_a_default_within_a_structure() -> None:
    for given, kept in (
        ({}, {"kind", "note"}),
        ({"fields": "big/items", "exclude_default": ""}, {*WHOLE["big"]}),
    ):
        choice = selection.read(given, THING, ["big/items"], strict=True)
        assert set(choice.apply(WHOLE)["big"]) == kept


@pytest.mark.parametrize(
    "given",
    [
        ("all_fields", "fields"),
        ("all_fields", "exclude_fields"),
        ("all_fields", "exclude_default"),
        ("fields", "exclude_fields"),
        ("exclude_fields", "exclude_default"),
        ("fields", "exclude_fields", "exclude_default"),
    ],
)
def test_what_excludes_each_other_is_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest, match="cannot be combined"):
        select(**dict.fromkeys(given, "name"))


@pytest.mark.parametrize(
    ("text", "at"),
    [("name,,id", 6), ("nmae", 1), ("name,big/what", 6), ("pairs/@key", 1), ("~x", 1), ("", 1)],
)
def test_paths_that_lead_nowhere_are_refused(text: str, at: int) -> None:
    for name in ("fields", "exclude_fields"):
        with pytest.raises(BadRequest, match=f"^{name}, character {at}: "):
            select(**{name: text})


def test_leniently_they_choose_nothing() -> None:
    choice = selection.read({"fields": "nmae,name,id/x"}, THING, DEFAULTS, strict=False)
    assert choice.apply(WHOLE) == {**BASE, "name": "n"}
