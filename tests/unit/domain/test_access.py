"""Which part of an accessInfo may be shown: a list of what may, so that the rest never does."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.domain import access

ONAP = {"projectId": "p", "domainName": "d", "credentials": {"username": "u", "password": "s"}}


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (ONAP, {"projectId": "p", "domainName": "d"}),
        ({"apiKey": "k", "secretKey": "s", "anything": "else"}, {}),
        ({"projectId": {"hidden": "s"}, "projectName": ["s"]}, {}),
        ({"projectId": None}, {"projectId": None}),
        (None, {}),
        ("projectId", {}),
    ],
)
def test_what_may_be_shown(held: Any, told: dict[str, Any]) -> None:
    assert access.tell(held) == told


def test_a_connection_without_its_secrets() -> None:
    info = {"vimType": "X", "vimId": "v", "accessInfo": ONAP}
    assert access.without_secrets(info) == {
        "vimType": "X",
        "vimId": "v",
        "accessInfo": {"projectId": "p", "domainName": "d"},
    }
    assert access.without_secrets({"vimType": "X", "accessInfo": {"apiKey": "k"}}) == {"vimType": "X"}
