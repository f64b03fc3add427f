"""Which of the ways offered to prove who we are can be gone, and in which order they are tried."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.domain import authentication
from vnfm.domain.authentication import NONE

BASIC = {"paramsBasic": {"userName": "u", "password": "p"}}
OAUTH = {
    "paramsOauth2ClientCredentials": {"clientId": "c", "clientPassword": "p", "tokenEndpoint": "http://t"}
}
HTTPS, HTTP = "https://n.example", "http://n.example"


@pytest.mark.parametrize(
    ("offered", "uri", "has_identity", "kinds"),
    [
        ({"authType": ["BASIC"], **BASIC}, HTTP, False, ["BASIC"]),
        ({"authType": ["BASIC"]}, HTTP, False, []),
        ({"authType": ["BASIC"], "paramsBasic": {"userName": "u"}}, HTTP, False, []),
        ({"authType": ["OAUTH2_CLIENT_CREDENTIALS"], **OAUTH}, HTTP, False, ["OAUTH2_CLIENT_CREDENTIALS"]),
        ({"authType": ["OAUTH2_CLIENT_CREDENTIALS"], **BASIC}, HTTP, False, []),
        ({"authType": ["BASIC"], **OAUTH}, HTTP, False, []),
        ({"authType": ["TLS_CERT"]}, HTTPS, True, ["TLS_CERT"]),
        ({"authType": ["TLS_CERT"]}, HTTPS, False, []),
        ({"authType": ["TLS_CERT"]}, HTTP, True, []),
        (
            {"authType": ["TLS_CERT", "BASIC", "OAUTH2_CLIENT_CREDENTIALS"], **BASIC, **OAUTH},
            HTTPS,
            True,
            ["OAUTH2_CLIENT_CREDENTIALS", "BASIC", "TLS_CERT"],
        ),
    ],
)
def test_ways(offered: dict[str, Any], uri: str, has_identity: bool, kinds: list[str]) -> None:
    assert [one.kind for one in authentication.ways(offered, uri, has_identity=has_identity)] == kinds


def test_who_asks_for_nothing_gets_nothing() -> None:
    assert authentication.ways(None, HTTP, has_identity=True) == [NONE]


def test_a_way_does_not_show_its_secret() -> None:
    [way] = authentication.ways({"authType": ["BASIC"], **BASIC}, HTTP, has_identity=False)
    assert "'p'" not in repr(way)
