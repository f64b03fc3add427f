"""What If-Match says of the version there is (RFC 9110 13.1.1)."""

from __future__ import annotations

import pytest

from vnfm.domain.etag import is_known


@pytest.mark.parametrize(
    ("if_match", "known"),
    [
        (None, True),
        ("*", True),
        ('"7"', True),
        ("7", True),
        (' "6" ,"7"', True),
        ('"6"', False),
        ('W/"7"', False),
        ('"6", W/"7"', False),
        ('"77"', False),
        ('"6" "7"', False),
        ('""', False),
    ],
)
def test_table(if_match: str | None, known: bool) -> None:
    assert is_known("7", if_match) is known
