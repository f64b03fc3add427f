"""TOSCA scalar-unit.size and scalar-unit.time (TOSCA 1.3 §3.3.6)."""

from __future__ import annotations

import re
from decimal import Decimal

from vnfm.vnfd.node import Node

_FORM = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")

#: Size units, lower case since TOSCA reads them without regard to case.
SIZE_UNITS = {
    "b": 1,
    "kb": 10**3,
    "kib": 2**10,
    "mb": 10**6,
    "mib": 2**20,
    "gb": 10**9,
    "gib": 2**30,
    "tb": 10**12,
    "tib": 2**40,
}
TIME_UNITS = {
    "d": Decimal(86400),
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}


def _amount(node: Node, kind: str) -> tuple[Decimal, str]:
    match = _FORM.fullmatch(node.text())
    if match is None or len(match[1]) > 20:
        raise node.fail("scalar-unit", f"'{node.text()}' is not a {kind} such as a number and a unit")
    return Decimal(match[1]), match[2].lower()


def size(node: Node) -> int:
    """Bytes. A number without unit is refused, except zero, where the unit does not matter."""
    amount, unit = _amount(node, "size")
    if unit not in SIZE_UNITS and (unit or amount):
        raise node.fail(
            "scalar-unit", f"'{node.text()}' has no size unit (B, kB, KiB, MB, MiB, GB, GiB, TB, TiB)"
        )
    return int(amount * SIZE_UNITS.get(unit, 1))


def seconds(node: Node) -> float:
    """Seconds; the same rule for zero."""
    amount, unit = _amount(node, "time")
    if unit not in TIME_UNITS and (unit or amount):
        raise node.fail("scalar-unit", f"'{node.text()}' has no time unit (d, h, m, s, ms, us, ns)")
    return float(amount * TIME_UNITS.get(unit, Decimal(1)))
