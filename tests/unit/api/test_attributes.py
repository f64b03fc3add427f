"""Which attributes are too many, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.api.attributes import shape_of

LINK = {"type": "object", "properties": {"href": {"type": "string"}}}
SCHEMA = {
    "type": "object",
    "properties": {
        "link": LINK,
        "links": {"type": "array", "items": LINK},
        "by_name": {"type": "object", "additionalProperties": LINK},
        "free": {"type": "object"},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "either": {"oneOf": [LINK, {"properties": {"id": {}}}]},
        "text": {"type": "string"},
        "empty": {"type": "object", "properties": {}},
    },
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"link": {"href": "x"}, "links": [{"href": "x"}], "by_name": {"any": {"href": "x"}}}, []),
        ({"free": {"any": {"thing": [1]}}, "open": {"any": 1}, "text": "t"}, []),
        ({"either": {"href": "x", "id": 1}}, []),
        ({"more": {"deeper": 1}}, ["/more"]),
        ({"link": {"a": 1, "b": 2}}, ["/link/a", "/link/b"]),
        ({"links": [{}, {"a": 1}], "by_name": {"n": {"a": 1}}}, ["/links/1/a", "/by_name/n/a"]),
        ({"either": {"name": "x"}}, ["/either/name"]),
        ({"empty": {"name": "x"}}, ["/empty/name"]),
        ({"link": None, "links": None, "by_name": {"n": None}}, []),
        ([], []),
    ],
)
def test_strays(value: Any, found: list[str]) -> None:
    shape = shape_of(SCHEMA)
    assert shape is not None
    assert [pointer for _, _, pointer in shape.strays(value)] == found


def test_where_anything_goes_there_is_no_shape() -> None:
    assert shape_of({"type": "object"}) is None
    assert shape_of({"type": "array", "items": {"type": "string"}}) is None
