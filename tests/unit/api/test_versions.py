"""The Version header, as tables (SOL013 9)."""

from __future__ import annotations

import re

import pytest
from starlette.exceptions import HTTPException

from vnfm.api import versions

V2 = versions.SERVED["vnflcm"]["v2"]


@pytest.mark.parametrize("value", ["2.1.0", "2.0.0", "2.1.7", "2.1.0-impl:acme:nfvo:3", " 2.1.0 "])
def test_understood(value: str) -> None:
    versions.check(value, V2, required=True)
    assert re.fullmatch(V2.pattern, value.strip())


@pytest.mark.parametrize(
    ("value", "required", "status"),
    [
        (None, True, 400),
        ("", False, 400),
        ("2", False, 400),
        ("2.1", False, 400),
        ("v2.1.0", False, 400),
        ("2.01.0", False, 400),
        ("2.1.0-beta", False, 400),
        ("2.2.0", False, 406),
        ("2.10.0", False, 406),
        ("1.3.0", False, 406),
        ("3.0.0", False, 406),
    ],
)
def test_refused(value: str | None, required: bool, status: int) -> None:
    with pytest.raises(HTTPException) as caught:
        versions.check(value, V2, required=required)
    assert caught.value.status_code == status
    assert value is None or not re.fullmatch(V2.pattern, value)


def test_missing_is_taken_unless_required() -> None:
    versions.check(None, V2, required=False)


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
