"""Names and ids: the same for the same parts, and always fit for the VIM."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnfm.domain.ids import derive, label

LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
PARTS = st.lists(st.one_of(st.text(max_size=20), st.integers()), min_size=1, max_size=4)


def test_these_never_change() -> None:
    """A release that derived other names would not find what its predecessor made."""
    assert derive("op", "vnfc", "fw-0") == "fa7980b2-648d-55c6-ba6d-a2cd2e68a6fa"
    assert label("Firewall A-fw-0", "op", 1) == "firewall-a-fw-0-9c1fd69656e5"


@given(st.text(max_size=120), PARTS)
def test_any_hint_makes_a_label(hint: str, parts: list[str | int]) -> None:
    assert LABEL.fullmatch(label(hint, *parts))


@pytest.mark.parametrize(
    "hint", ["", "---", "1st", "Ünïcode", "a" * 200, "x" * 39 + "-y", "日本", "a_b.c", "-9-"]
)
def test_odd_hints(hint: str) -> None:
    assert LABEL.fullmatch(label(hint, "p"))


@given(PARTS)
def test_the_same_parts_give_the_same_id(parts: list[str | int]) -> None:
    assert derive(*parts) == derive(*parts)
    assert label("a", *parts)[-12:] == label("b", *parts)[-12:]


def test_where_one_part_ends_matters() -> None:
    ids = [derive("ab", "c"), derive("a", "bc"), derive("abc"), derive("a", "b", "c"), derive("ab", "c", "")]
    assert len(set(ids)) == len(ids)
