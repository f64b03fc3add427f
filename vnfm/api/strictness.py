"""What sloppy clients send, and whether it is refused (docs/reference/strictness.md)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from vnfm.settings import Strict


def check_query(raw: bytes, known: frozenset[str], strict: frozenset[Strict]) -> None:
    """Refuse (400) a query parameter that the operation does not have."""
    if not raw or Strict.QUERY not in strict:
        return
    names = {name for name, _ in parse_qsl(raw.decode("latin-1"), keep_blank_values=True)}
    if names - known:
        told = f"known: {', '.join(sorted(known))}" if known else "there are none here"
        raise HTTPException(400, f"unknown query parameter {', '.join(sorted(names - known))}; {told}")


def check_bodyless(headers: Mapping[bytes, bytes], strict: frozenset[Strict]) -> None:
    """Refuse (400) a Content-Type on a request of a kind that has no content."""
    if Strict.CONTENT_TYPE in strict and b"content-type" in headers:
        raise HTTPException(400, "Content-Type: this request has no content to be of a type")
