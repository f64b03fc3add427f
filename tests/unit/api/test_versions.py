"""The Version header, as tables (SOL013 9)."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from vnfm.api import versions


@pytest.mark.parametrize("value", ["2.1.0", "2.0.0", "2.99.7", "2.1.0-impl:acme:nfvo:3", " 2.1.0 "])
def test_same_major_is_taken(value: str) -> None:
    versions.check(value, "v2", strict=True)


@pytest.mark.parametrize(
    ("value", "strict", "status"),
    [
        (None, True, 400),
        ("", False, 400),
        ("2", False, 400),
        ("2.1", False, 400),
        ("v2.1.0", False, 400),
        ("2.01.0", False, 400),
        ("2.1.0-beta", False, 400),
        ("1.3.0", False, 406),
        ("3.0.0", False, 406),
    ],
)
def test_refused(value: str | None, strict: bool, status: int) -> None:
    with pytest.raises(HTTPException) as caught:
        versions.check(value, "v2", strict)
    assert caught.value.status_code == status


def test_missing_is_taken_unless_strict() -> None:
    versions.check(None, "v2", strict=False)


@pytest.mark.parametrize(
    ("path", "stamp"),
    [
        ("/vnflcm/v2/vnf_instances", b"2.1.0"),
        ("/vnflcm/api_versions", b"2.1.0"),
        ("/vnflcm/nonsense", b"2.1.0"),
        ("/gateway/v1/health", None),
        ("/oauth2/token", None),
        ("/", None),
    ],
)
def test_stamp(path: str, stamp: bytes | None) -> None:
    assert versions.stamp(path) == stamp


def test_information() -> None:
    assert versions.information("https://gw", "vnflcm", "v2") == {
        "uriPrefix": "https://gw/vnflcm/v2/",
        "apiVersions": [{"version": "2.1.0"}],
    }
