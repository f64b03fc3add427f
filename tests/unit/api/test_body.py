"""What a body may be before our code sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from vnfm.api import body
from vnfm.settings import Strict


def receive_from(*chunks: bytes) -> Any:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


class FakeOperation:
    """As much of a connexion operation as Body looks at."""

    request_body = {  # noqa: RUF012 (read only)
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "free": {"type": "object"}},
                }
            }
        },
    }


def read(
    raw: bytes, content_type: bytes | None = b"application/json", operation: Any = None, *strict: Strict
) -> Any:
    headers = {b"content-type": content_type} if content_type is not None else {}
    reader = body.Body(operation or FakeOperation(), frozenset(strict))
    return asyncio.run(reader.read(receive_from(raw[:3], raw[3:]), headers))


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name": "a", "unknown": [1, null]}',
        b'{"name": "costs 5$ \\u0024"}',
        b'{"name": "a", "free": {"n": -9223372036854775808, "m": 9223372036854775807}}',
        b'{"name": "a", "free": {"x": "1234567890123456789012"}}',
    ],
)
def test_taken(raw: bytes) -> None:
    assert read(raw)["name"]


@pytest.mark.parametrize(
    ("raw", "status", "words"),
    [
        (b"", 400, "missing"),
        (b"{", 400, "not JSON"),
        (b'{"name": NaN}', 400, "not JSON"),
        (b'"\xff"', 400, "not JSON"),
        (b'{"name": "\\ud800"}', 400, "not JSON"),
        (b'{"name": 7}', 400, '/name: the value is not of type "string"'),
        (b"{}", 400, '/: "name" is a required property'),
        (b"[]", 400, '/: the value is not of type "object"'),
        (b"null", 400, '/: the value is not of type "object"'),
        (b'{"name": "a", "free": {"$ref": 1}}', 400, "starts with $"),
        (b'{"name": "a", "free": {"\\u0024ref": 1}}', 400, "starts with $"),
        (b'{"name": "a", "free": {"x\\u0000": 1}}', 400, "U+0000"),
        (b'{"name": "a", "free": {"n": 9223372036854775808}}', 400, "/free/n: an integer beyond 64 bits"),
        (b'{"name": "a", "free": {"n": -9223372036854775809}}', 400, "/free/n: an integer beyond 64 bits"),
        (b'{"name": "a", "free": [18446744073709551616]}', 400, "/free/0: an integer beyond 64 bits"),
        (b'{"name": "a", "free": {"n": 1' + b"0" * 300 + b"}}", 400, "/free/n: an integer beyond 64 bits"),
        (b'{"name": "a", "free": ' + b'{"x":' * 70 + b"1" + b"}" * 71, 400, "nested deeper"),
    ],
)
def test_refused(raw: bytes, status: int, words: str) -> None:
    with pytest.raises(HTTPException) as caught:
        read(raw)
    assert caught.value.status_code == status
    assert words in caught.value.detail


def test_never_echoes_the_value() -> None:
    with pytest.raises(HTTPException) as caught:
        read(b'{"name": 424242}')
    assert "424242" not in caught.value.detail


@pytest.mark.parametrize("content_type", [None, b"text/plain", b"application/merge-patch+json"])
def test_other_media_types_are_415(content_type: bytes | None) -> None:
    with pytest.raises(HTTPException) as caught:
        read(b'{"name": "a"}', content_type)
    assert caught.value.status_code == 415


def test_too_large_is_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_BYTES", 20)
    with pytest.raises(HTTPException) as caught:
        read(b'{"name": "' + b"x" * 30 + b'"}')
    assert caught.value.status_code == 413


def test_announced_too_large_is_413_before_reading() -> None:
    reader = body.Body(FakeOperation(), frozenset())  # type: ignore[arg-type]  # a stand-in
    headers = {b"content-length": b"999999999", b"content-type": b"application/json"}
    with pytest.raises(HTTPException) as caught:
        asyncio.run(reader.read(receive_from(), headers))
    assert caught.value.status_code == 413


class Heal(FakeOperation):
    """All attributes are optional."""

    request_body = {  # noqa: RUF012 (read only)
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "properties": {"cause": {}}}}},
    }


class Modify(FakeOperation):
    """A merge patch."""

    request_body = {  # noqa: RUF012 (read only)
        "required": True,
        "content": {
            "application/merge-patch+json": FakeOperation.request_body["content"]["application/json"]
        },
    }


def test_unknown_attributes_are_dropped_or_refused() -> None:
    raw = b'{"name": "a", "unknown": [1, null], "free": {"any": 1}}'
    assert read(raw) == {"name": "a", "free": {"any": 1}}
    with pytest.raises(HTTPException) as caught:
        read(raw, b"application/json", None, Strict.ATTRIBUTES)
    assert (caught.value.status_code, caught.value.detail) == (400, "/unknown: there is no such attribute")


@pytest.mark.parametrize("operation", [FakeOperation(), Modify()])
def test_a_body_with_a_mandatory_attribute_cannot_be_missing(operation: Any) -> None:
    with pytest.raises(HTTPException) as caught:
        read(b"", None, operation)
    assert caught.value.status_code == 400


def test_a_body_without_one_can_unless_strict() -> None:
    assert read(b"", None, Heal()) == {}
    with pytest.raises(HTTPException) as caught:
        read(b"", None, Heal(), Strict.EMPTY_BODY)
    assert caught.value.status_code == 400


def test_a_merge_patch_as_json_unless_strict() -> None:
    for media_type in (b"application/json", b"application/merge-patch+json"):
        assert read(b'{"name": "a"}', media_type, Modify()) == {"name": "a"}
    assert read(b'{"name": "a"}', b"application/merge-patch+json", Modify(), Strict.PATCH)
    with pytest.raises(HTTPException) as caught:
        read(b'{"name": "a"}', b"application/json", Modify(), Strict.PATCH)
    assert caught.value.status_code == 415
