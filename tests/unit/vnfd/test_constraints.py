"""Constraints of property definitions, each at its edge."""

from __future__ import annotations

import pytest

from vnfm.vnfd import PackageError, constraints, syntax

#: Constraint, values that keep it, values that break it.
TABLE = [
    ("equal: 3", ["3", "'3'"], ["4", "three"]),
    ("valid_values: [ a, 1.10 ]", ["a", "1.10", "[ a, a ]", "[ ]"], ["b", "1.11", "[ a, b ]"]),
    ("valid_values: [ [ a, b ] ]", ["[ a, b ]"], ["[ b, a ]", "a"]),
    ("greater_than: 3", ["4", "3.1"], ["3", "-4"]),
    ("greater_or_equal: 1 GiB", ["1 GiB", "2 GB", "1 TB"], ["1 GB", "1023 MiB"]),
    ("less_than: 2 s", ["1 s", "1999 ms"], ["2 s", "1 m"]),
    ("less_or_equal: 3", ["3", "-4"], ["4"]),
    ("in_range: [ 1, 5 ]", ["1", "5"], ["0", "6"]),
    ("length: 2", ["ab", "[ 1, 2 ]"], ["abc", "a"]),
    ("min_length: 2", ["ab", "abc"], ["a", "[ ]"]),
    ("max_length: 2", ["ab", "a", "{ a: 1 }"], ["abc"]),
    ("pattern: '(a+)+b'", ["anything"], []),
    ("greater_than: 3", ["text is not compared"], []),
]
CASES = [
    (rule, value, good)
    for rule, keep, broken in TABLE
    for value, good in [*((value, True) for value in keep), *((value, False) for value in broken)]
]


def check(rule: str, value: str) -> None:
    text = f"definitions:\n  p:\n    constraints:\n      - {rule}\nvalues:\n  p: {value}\n"
    root = syntax.parse(text.encode(), "some.yaml")
    constraints.check_all(root.need("definitions").mapping(), root.need("values").mapping())


@pytest.mark.parametrize(("rule", "value", "good"), CASES)
def test_constraints(rule: str, value: str, good: bool) -> None:
    if good:
        check(rule, value)
        return
    with pytest.raises(PackageError) as caught:
        check(rule, value)
    assert (caught.value.rule, caught.value.line) == ("constraint", 6)


def test_a_range_needs_two_bounds() -> None:
    with pytest.raises(PackageError) as caught:
        check("in_range: [ 1 ]", "1")
    assert (caught.value.rule, caught.value.line) == ("constraint", 4)
