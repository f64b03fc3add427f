"""Property constraints (TOSCA 1.3 §3.6.3), as far as a value in a VNFD can be judged by them.

``pattern`` is left out on purpose: a vendor's regular expression run on a vendor's text is a way to hang us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vnfm.vnfd import scalars
from vnfm.vnfd.node import Node


def _number(node: Node) -> float | None:
    """The value as a number, sizes and times in their base unit; None if it is not one."""
    if isinstance(node.value, int | float):
        return float(node.value)
    unit = node.raw.strip().lstrip("0123456789. ").lower()
    if unit in scalars.SIZE_UNITS:
        return float(scalars.size(node))
    return scalars.seconds(node) if unit in scalars.TIME_UNITS else None


def _compare(node: Node, limit: Node, holds: Callable[[float, float], bool]) -> bool:
    value, bound = _number(node), _number(limit)
    return value is None or bound is None or holds(value, bound)


def _length(node: Node) -> int:
    return len(node.value) if isinstance(node.value, str | list | dict) else len(node.raw)


def _same(node: Node, other: Node) -> bool:
    return node.plain() == other.plain() or (
        not node.is_mapping and not node.is_list and node.raw == other.raw
    )


def _valid(node: Node, limit: Node) -> bool:
    """One of the values; for a list also when each entry is, since vendors often misplace the constraint."""
    allowed = limit.items()
    if any(_same(node, item) for item in allowed):
        return True
    return node.is_list and all(any(_same(entry, item) for item in allowed) for entry in node.items())


def _in_range(node: Node, limit: Node) -> bool:
    bounds = limit.items()
    if len(bounds) != 2:
        raise limit.fail("constraint", "in_range needs a lower and an upper bound")
    low, high = bounds
    return _compare(node, low, lambda a, b: a >= b) and _compare(node, high, lambda a, b: a <= b)


_CHECKS: dict[str, Callable[[Node, Node], bool]] = {
    "equal": _same,
    "valid_values": _valid,
    "greater_than": lambda node, limit: _compare(node, limit, lambda a, b: a > b),
    "greater_or_equal": lambda node, limit: _compare(node, limit, lambda a, b: a >= b),
    "less_than": lambda node, limit: _compare(node, limit, lambda a, b: a < b),
    "less_or_equal": lambda node, limit: _compare(node, limit, lambda a, b: a <= b),
    "in_range": _in_range,
    "length": lambda node, limit: _length(node) == limit.integer(),
    "min_length": lambda node, limit: _length(node) >= limit.integer(),
    "max_length": lambda node, limit: _length(node) <= limit.integer(),
}


def check_all(definitions: Mapping[str, Node], values: Mapping[str, Node]) -> None:
    """Refuse the first value that breaks a constraint of its property definition."""
    for key, definition in definitions.items():
        value = values.get(key)
        stated = definition.get("constraints")
        if value is None or stated is None or value.is_unknown or value.is_null:
            continue
        for name, limit in stated.pairs():
            _check(value, name, limit)


def _check(value: Node, name: str, limit: Node) -> None:
    rule = _CHECKS.get(name)
    if rule is not None and not rule(value, limit):
        raise value.fail(
            "constraint", f"the value breaks '{name}: {limit.plain()}' ({limit.file}:{limit.line})"
        )
