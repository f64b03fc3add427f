"""Media types: may this answer be sent to that caller, and what is in this body (RFC 9110 12.5.1, 8.3)."""

from __future__ import annotations

from functools import lru_cache

from starlette.exceptions import HTTPException


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Media ranges and their weights; what cannot be read is left out."""
    found = []
    for entry in accept.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if name:
            found.append((name, weight))
    return found


def _weight(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """The weight the most specific matching range gives to ``media_type``."""
    main = media_type.partition("/")[0]
    for pattern in (media_type, f"{main}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == pattern]
        if weights:
            return max(weights)
    return 0.0


@lru_cache(maxsize=256)
def is_acceptable(accept: str, produced: tuple[str, ...]) -> bool:
    """True if one of ``produced`` satisfies the Accept header."""
    ranges = _ranges(accept)
    return not ranges or any(_weight(media_type, ranges) > 0 for media_type in produced)


def check_accept(accept: str | None, produced: tuple[str, ...]) -> None:
    """Refuse (406) a caller that takes nothing this operation can send. No body, nothing to refuse."""
    if accept and produced and not is_acceptable(accept, produced):
        raise HTTPException(406, f"only {', '.join(produced)} can be sent")


def content_type(value: str | None, consumed: tuple[str, ...]) -> str:
    """The media type of a request body; 415 if it is not among ``consumed`` or not UTF-8."""
    name, _, parameters = (value or "").partition(";")
    media_type = name.strip().lower()
    charset = ""
    for parameter in parameters.lower().split(";"):
        key, _, text = parameter.partition("=")
        if key.strip() == "charset":
            charset = text.strip().strip('"')
    if media_type not in consumed or charset not in {"", "utf-8", "us-ascii"}:
        raise HTTPException(415, f"the body must be {' or '.join(consumed)}, in UTF-8")
    return media_type
