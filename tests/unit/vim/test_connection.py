"""What a VimConnectionInfo says to the CloudStack adapter, in our names and in ONAP's."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.errors import Permanent
from vnfm.vim.cloudstack.settings import parse
from vnfm.vim.port import Scope, VimConnection

OURS = {"apiKey": "k", "secretKey": "s"}
ONAP = {"projectId": "tenant", "credentials": {"username": "k", "password": "s"}}


def connection(interface: dict[str, Any], access: dict[str, Any], **extra: str) -> VimConnection:
    return VimConnection(id="v", vim_type="CLOUDSTACK", interface=interface, access=access, extra=extra)


@pytest.mark.parametrize("interface", [{"endpoint": "http://c:8080"}, {"identityEndPoint": "http://c:8080"}])
@pytest.mark.parametrize("access", [OURS, ONAP, {**ONAP, "credentials": {"username": "x"}, **OURS}])
def test_both_names(interface: dict[str, Any], access: dict[str, Any]) -> None:
    read = parse(connection(interface, access), Scope())
    assert (read.endpoint, read.api_key, read.secret) == ("http://c:8080/client/api", "k", "s")


@pytest.mark.parametrize(
    ("access", "missing"),
    [({"credentials": "k:s"}, "apiKey"), ({"credentials": {"username": "k"}}, "secretKey"), ({}, "apiKey")],
)
def test_what_is_missing_has_our_name(access: dict[str, Any], missing: str) -> None:
    with pytest.raises(Permanent, match=f"lacks accessInfo.{missing}"):
        parse(connection({"endpoint": "http://c"}, access), Scope())


@pytest.mark.parametrize(
    ("scope", "extra", "project"),
    [
        (Scope(), {}, "tenant"),
        (Scope(), {"projectId": "ours"}, "ours"),
        (Scope(project="granted"), {"projectId": "ours"}, "granted"),
    ],
)
def test_the_project(scope: Scope, extra: dict[str, str], project: str) -> None:
    assert parse(connection({"endpoint": "http://c"}, ONAP, **extra), scope).project == project
