"""JSON merge patch (RFC 7396): what a patch makes of a value, and which patch leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def apply(target: Any, patch: Any) -> Any:
    """``target`` after ``patch``. Neither is changed; null in a patch removes."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply(result.get(name), value)
    return result


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest patch that makes ``after`` of ``before``; {} if they are equal.

    A null inside an array stays; a member whose new value is null itself cannot be told from a removed one.
    """
    changed: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        known = before.get(name)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            inner = difference(known, value)
            if inner:
                changed[name] = inner
        elif name not in before or known != value or type(known) is not type(value):
            changed[name] = value
    return changed
