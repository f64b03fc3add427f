"""Reads, parses and checks a request body once; what it takes to do so is prepared at start-up.

Whatever gets past here can be stored: names and numbers that BSON or MongoDB cannot hold are refused as
malformed, since no caller of these APIs has a use for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import orjson
from connexion.operations.abstract import AbstractOperation
from jsonschema_rs import Draft4Validator, ValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive

from vnfm.api import media
from vnfm.api.attributes import shape_of
from vnfm.settings import Strict

#: Instantiation requests are kilobytes; nothing in these APIs comes near this.
MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
_MAX_INTEGER = 2**63
#: Cheap signs, in the raw bytes, of something that _check_storable must look for: U+0000, a name with a
#: dollar, and (once every digit is a nought) a number of 19 digits. One expression for all takes ten times
#: as long.
_SIGNS = (b"\\u0000", b"\\u0024", b'"$')
_LONG_NUMBER = b"0" * 19
_NOUGHTS = bytes.maketrans(b"123456789", b"000000000")

Parser = Callable[[bytes], Any]


async def _receive_all(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """The whole body, or 413; 415 if it comes compressed."""
    if headers.get(b"content-encoding", b"identity").strip().lower() not in {b"", b"identity"}:
        raise HTTPException(415, "Content-Encoding: there is none that is understood here")
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > MAX_BYTES:
        raise HTTPException(413, f"a body may have {MAX_BYTES} bytes")
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(400, "the connection was closed before the body was complete")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BYTES:
            raise HTTPException(413, f"a body may have {MAX_BYTES} bytes")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(str(part) for part in path)


def _is_suspicious(raw: bytes) -> bool:
    return any(sign in raw for sign in _SIGNS) or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH


def _check_storable(value: Any) -> None:
    """Refuse names with U+0000 or a leading $, integers beyond 64 bits, and too much nesting."""
    stack: list[tuple[Any, list[str | int]]] = [(value, [])]
    while stack:
        node, path = stack.pop()
        if len(path) > MAX_DEPTH:
            raise HTTPException(400, f"nested deeper than {MAX_DEPTH} levels: {_pointer(path[:4])}/…")
        if isinstance(node, dict):
            for name, item in node.items():
                if "\0" in name or name.startswith("$"):
                    raise HTTPException(400, f"{_pointer(path)}: a name starts with $ or contains U+0000")
                stack.append((item, [*path, name]))
        elif isinstance(node, list):
            stack.extend((item, [*path, index]) for index, item in enumerate(node))
        elif isinstance(node, int) and not -_MAX_INTEGER <= node < _MAX_INTEGER:
            raise HTTPException(400, f"{_pointer(path)}: an integer beyond 64 bits")


def parse_json(raw: bytes) -> Any:
    """The JSON value in ``raw``; 400 if there is none that can be worked with."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise HTTPException(400, f"the body is not JSON: {exc}") from exc
    has_long_number = _LONG_NUMBER in raw.translate(_NOUGHTS)
    if has_long_number or _is_suspicious(raw):
        _check_storable(value)
    if has_long_number:
        _check_storable(json.loads(raw))  # orjson makes floats of integers that are longer still
    return value


JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"

#: A media type that a specification declares and that is not here stops the start-up.
PARSERS: Mapping[str, Parser] = {
    JSON: parse_json,
    MERGE_PATCH: parse_json,
    "application/x-www-form-urlencoded": bytes,
}

#: Forms belong to OAuth: RFC 6749 says in its own words what is wrong with one, so ``oauth`` judges them.
VALIDATED = frozenset({JSON, MERGE_PATCH})


def _explain(error: ValidationError) -> str:
    """Where and why, without the value itself: it may be a secret."""
    return f"{_pointer(error.instance_path)}: {error.message}"


def as_json_schema(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema, which has no ``nullable``."""
    if isinstance(schema, list):
        return [as_json_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: as_json_schema(value) for key, value in schema.items()}
    if plain.get("nullable") is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


def _types(content: Mapping[str, Any], strict: frozenset[Strict]) -> dict[str, Any]:
    """Media type → its definition. A merge patch may also come as plain JSON, unless held to the letter."""
    types = dict(content)
    if MERGE_PATCH in types:
        types.setdefault(JSON, types[MERGE_PATCH])
        if Strict.PATCH in strict:
            del types[JSON]
    return types


class Body:
    """The request body of one operation."""

    def __init__(self, operation: AbstractOperation, strict: frozenset[Strict]) -> None:
        content = _types(operation.request_body.get("content", {}), strict)
        self._consumes = tuple(content)
        self._required = operation.request_body.get("required", False) and VALIDATED.issuperset(content)
        self._parsers = {media_type: PARSERS[media_type] for media_type in content}
        schemas = {name: definition["schema"] for name, definition in content.items() if name in VALIDATED}
        self._validators = {
            media_type: Draft4Validator(as_json_schema(schema), validate_formats=True, mask="the value")
            for media_type, schema in schemas.items()
        }
        self._shapes = {media_type: shape_of(schema) for media_type, schema in schemas.items()}
        self._closed = Strict.ATTRIBUTES in strict
        #: A body all of whose attributes are optional may be missing, unless held to the letter.
        self._may_be_missing = (
            Strict.EMPTY_BODY not in strict
            and self._consumes == (JSON,)
            and self._validators[JSON].is_valid({})
        )

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes]) -> Any:
        """The parsed and valid body, without attributes that its type does not have; None if there is none
        and none is needed."""
        raw = await _receive_all(receive, headers)
        if not raw:
            if self._required and not self._may_be_missing:
                raise HTTPException(400, "the body is missing")
            return {} if self._required else None
        declared = headers.get(b"content-type")
        media_type = media.content_type(declared.decode("latin-1") if declared else None, self._consumes)
        value = self._parsers[media_type](raw)
        validator = self._validators.get(media_type)
        if validator is not None and not validator.is_valid(value):
            errors = islice(validator.iter_errors(value), 5)
            raise HTTPException(400, "; ".join(_explain(error) for error in errors))
        self._drop_strays(media_type, value)
        return value

    def _drop_strays(self, media_type: str, value: Any) -> None:
        shape = self._shapes.get(media_type)
        strays = list(shape.strays(value)) if shape else []
        if strays and self._closed:
            named = ", ".join(pointer for _, _, pointer in strays[:5])
            raise HTTPException(400, f"{named}: there is no such attribute")
        for holder, name, _ in strays:
            del holder[name]
