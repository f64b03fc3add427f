"""Names and ids that a second try finds again: uuid5, never random.

Everything a life-cycle operation makes is named from the operation that makes it, so the body of an earlier
life of the same instance, destroyed but not yet purged, never stands in the way of a new one.
"""

from __future__ import annotations

import re
from uuid import UUID, uuid5

_SPACE = UUID("6f1f0f5e-0c5b-5e0a-9b7e-2a6f3f9f1c11")


def derive(*parts: str | int) -> str:
    """A UUID that is the same for the same parts."""
    return str(uuid5(_SPACE, "\x1f".join(str(part) for part in parts)))


def label(hint: str, *parts: str | int) -> str:
    """An RFC 1123 label of at most 63 characters: a readable hint and twelve hex digits of the parts."""
    readable = re.sub(r"[^a-z0-9]+", "-", hint.lower()).strip("-")[:40].strip("-")
    if not readable or not readable[0].isalpha():
        readable = f"v-{readable}".strip("-")
    return f"{readable}-{derive(*parts).replace('-', '')[:12]}"
