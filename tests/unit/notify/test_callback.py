"""What an answer of a subscriber means, which addresses are called, and how a token is had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vnfm.domain.authentication import NONE, AuthType, Way
from vnfm.notify.callback import Callbacks, Probe
from vnfm.outbound import Destinations, Outbound
from vnfm.outbound.credentials import NoCredentials

URI = "http://nfvo.example/n"
Handler = Callable[[httpx.Request], httpx.Response]


def callbacks(handler: Handler, **rules: Any) -> Callbacks:
    resolve = lambda host: ["192.0.2.1"] if host == "nfvo.example" else [host]  # noqa: E731 (a table of one)
    outbound = Outbound(
        Destinations(**rules), transport=httpx.MockTransport(handler), resolve=resolve, patience=None
    )
    return Callbacks(outbound, 10.0)


def answering(status: int, **more: Any) -> Handler:
    return lambda request: httpx.Response(status, **more)


def failing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    ("status", "is_taken"),
    [
        (204, True),
        (200, True),
        (202, True),
        (301, False),
        (303, False),
        (400, False),
        (404, False),
        (503, False),
    ],
)
def test_any_2xx_takes_a_notification(status: int, is_taken: bool) -> None:
    outcome = callbacks(answering(status)).notify(URI, NoCredentials(), "2.1.0", b"{}")
    assert outcome.status == status
    assert (outcome.problem is None) is is_taken


def test_no_answer_is_no_status() -> None:
    outcome = callbacks(failing).notify(URI, NoCredentials(), "2.1.0", b"{}")
    assert outcome.status is None
    assert "cannot be reached" in (outcome.problem or "")


def test_many_failures_close_no_door() -> None:
    calls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        raise httpx.ConnectError("refused")

    door = callbacks(handler)
    for _ in range(12):
        door.notify(URI, NoCredentials(), "2.1.0", b"{}")
    assert len(calls) == 12


@pytest.mark.parametrize(
    "uri",
    [
        "http://169.254.169.254/latest",
        "http://127.0.0.1:27017/",
        "http://[::1]/",
        "http://user:secret@nfvo.example/",
        "ftp://nfvo.example/",
        "nonsense",
    ],
)
def test_some_addresses_are_not_called_whoever_asks(uri: str) -> None:
    called: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(204)

    door = callbacks(handler)
    assert Probe(door, []).refusal(uri, NONE) is not None
    assert door.notify(uri, NoCredentials(), "2.1.0", b"{}").problem is not None
    token = Way(AuthType.OAUTH2, {"clientId": "c", "clientPassword": "p", "tokenEndpoint": uri})
    assert Probe(door, []).refusal(URI, token) is not None
    assert called == []


@pytest.mark.parametrize(
    ("status", "tolerated", "passes"),
    [(204, [], True), (405, [405], True), (405, [], False), (200, [405], False), (401, [405], False)],
)
def test_what_passes_the_test_of_an_endpoint(status: int, tolerated: list[int], passes: bool) -> None:
    assert (Probe(callbacks(answering(status)), tolerated).refusal(URI, NONE) is None) is passes


def test_what_a_subscriber_repeats_of_our_secrets_is_not_told() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"detail": f"not {request.headers['Authorization']}"})

    door = callbacks(echo)
    shown = door.credentials(Way(AuthType.BASIC, {"userName": "u", "password": "canary"}))
    outcome = door.notify(URI, shown, "2.1.0", b"{}")
    assert outcome.problem == "the subscriber answered 403: not Basic ***"


def test_a_token_endpoint_that_refuses_is_told() -> None:
    door = callbacks(answering(401, json={"error": "invalid_client"}))
    way = Way(AuthType.OAUTH2, {"clientId": "c", "clientPassword": "canary", "tokenEndpoint": URI})
    reason = Probe(door, [405]).refusal(URI, way)
    assert reason is not None
    assert "token endpoint" in reason
    assert "invalid_client" in reason
    assert "canary" not in reason


def test_after_a_401_a_new_token_is_tried_once() -> None:
    calls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": f"t{len(calls)}"})
        return httpx.Response(401)

    door = callbacks(handler)
    token = "http://nfvo.example/token"
    shown = door.credentials(
        Way(AuthType.OAUTH2, {"clientId": "c", "clientPassword": "p", "tokenEndpoint": token})
    )
    assert door.notify(URI, shown, "2.1.0", b"{}").status == 401
    assert calls == ["/token", "/n", "/token", "/n"]
    calls.clear()
    basic = door.credentials(Way(AuthType.BASIC, {"userName": "u", "password": "p"}))
    assert door.notify(URI, basic, "2.1.0", b"{}").status == 401
    assert calls == ["/n"]
