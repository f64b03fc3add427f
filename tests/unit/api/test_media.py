"""Accept and Content-Type, as tables."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from vnfm.api import media

JSON = ("application/json",)


@pytest.mark.parametrize(
    ("accept", "fits"),
    [
        ("application/json", True),
        ("*/*", True),
        ("application/*;q=0.1", True),
        ("text/html, application/json;q=0.2", True),
        ("APPLICATION/JSON ; Q=1", True),
        ("", True),
        (",", True),
        ("text/html", False),
        ("application/json;q=0", False),
        ("*/*, application/json;q=0", False),
        ("application/problem+json", False),
        ("application/json;q=banana", False),
    ],
)
def test_accept(accept: str, fits: bool) -> None:
    assert media.is_acceptable(accept, JSON) is fits


def test_what_has_no_body_suits_everybody() -> None:
    media.check_accept("text/html", ())


def test_not_acceptable_is_406() -> None:
    with pytest.raises(HTTPException) as caught:
        media.check_accept("text/html", JSON)
    assert caught.value.status_code == 406


@pytest.mark.parametrize(
    "value", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_content_type_taken(value: str) -> None:
    assert media.content_type(value, JSON) == "application/json"


@pytest.mark.parametrize(
    "value", [None, "", "text/plain", "application/json; charset=latin-1", "application/merge-patch+json"]
)
def test_content_type_refused(value: str | None) -> None:
    with pytest.raises(HTTPException) as caught:
        media.content_type(value, JSON)
    assert caught.value.status_code == 415
