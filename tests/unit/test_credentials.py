"""Tokens of odd shapes, and who waits for one that does not come."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from vnfm.errors import Temporary
from vnfm.outbound import Breaker, Line
from vnfm.outbound.credentials import ClientCredentials
from vnfm.outbound.network import deadline

URL = "http://nfvo.example/token"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def line(handler: Any) -> Line:
    return Line(httpx.Client(transport=httpx.MockTransport(handler)), Breaker("nfvo"))


@pytest.mark.parametrize(
    ("answer", "life"),
    [
        ({"expires_in": 100}, 90.0),
        ({"expires_in": "100"}, 90.0),
        ({}, 270.0),
        ({"expires_in": None}, 270.0),
        ({"expires_in": "soon"}, 270.0),
        ({"expires_in": [100]}, 270.0),
        ({"expires_in": -1}, 0.0),
        ({"expires_in": 100, "scope": ["write", "read"], "token_type": "BEARER"}, 90.0),
    ],
)
def test_a_token_is_used_for_most_of_the_life_it_names(answer: dict[str, Any], life: float) -> None:
    given: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        given.append(f"t{len(given)}")
        return httpx.Response(200, json={"access_token": given[-1], **answer})

    clock = Clock()
    credentials = ClientCredentials(line(handler), URL, "c", "p", clock)
    assert credentials.header() == "Bearer t0"
    clock.now = max(0.0, life - 0.1)
    assert credentials.header() == ("Bearer t0" if life else "Bearer t1")
    clock.now = life
    before = len(given)
    credentials.header()
    assert len(given) == before + 1


def test_who_waits_for_another_s_token_waits_until_its_own_deadline() -> None:
    asked, answer = threading.Event(), threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        asked.set()
        assert answer.wait(20)
        return httpx.Response(200, json={"access_token": "t"})

    credentials = ClientCredentials(line(handler), URL, "c", "p")
    first = threading.Thread(target=credentials.header)
    first.start()
    assert asked.wait(10)
    with deadline(0.05), pytest.raises(Temporary, match="still being asked"):
        credentials.header()
    answer.set()
    first.join()
    assert credentials.header() == "Bearer t"
