"""Entity tags: which version of a resource a caller knows (RFC 9110 8.8.3, 13.1.1)."""

from __future__ import annotations


def is_known(version: str, if_match: str | None) -> bool:
    """Whether If-Match names ``version`` or any; without it, any. Weak tags name nothing."""
    known = {tag.strip() for tag in (if_match or "*").split(",")}
    return "*" in known or version in {tag.strip('"') for tag in known}
