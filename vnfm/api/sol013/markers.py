"""The opaque marker in the address of a next page (SOL013 5.4.2.1).

It holds the id of the last entry of the page before, so it survives that entries come and go, and a restart;
it never expires. It is bound to the list, the filter and the selectors it was made for, however a client
encodes them on the way back, and is no secret: what it leads to is only what its sender may see anyway.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from vnfm.errors import BadRequest

_SEAL = 12


def make(last: str, *context: str) -> str:
    """The marker of the page after the entry ``last``; ``context`` is all that it is bound to."""
    return urlsafe_b64encode(_seal(last, context) + last.encode()).decode().rstrip("=")


def read(marker: str, *context: str) -> str:
    """The id it holds; BadRequest if it is not one of ours, or one of another list."""
    try:
        raw = urlsafe_b64decode(marker.encode("ascii") + b"=" * (-len(marker) % 4))
        last = raw[_SEAL:].decode()
    except ValueError as exc:
        raise _unknown() from exc
    if raw[:_SEAL] != _seal(last, context):
        raise _unknown()
    return last


def _unknown() -> BadRequest:
    return BadRequest("nextpage_opaque_marker: unknown, or made for another list, filter or selector")


def _seal(last: str, context: tuple[str, ...]) -> bytes:
    return blake2b("\0".join((*context, last)).encode(), digest_size=_SEAL).digest()
