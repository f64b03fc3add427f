"""Whatever a subscriber or its token endpoint does, a try ends: one deadline for everything together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.villain import ENDLESS, SILENT, Manner, villain
from vnfm.domain.authentication import NONE, AuthType, Way
from vnfm.notify.callback import Callbacks, Probe
from vnfm.outbound import Destinations, Outbound

#: Seconds for a try. A villain goes on for much longer, and never pauses that long.
LIMIT = 0.3
#: More than the buffers between two sockets hold.
LARGE = b" " * 16 * 1024 * 1024


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    outbound = Outbound(Destinations(loopback=True), patience=None, limit=LIMIT)
    yield Callbacks(outbound, LIMIT)
    outbound.close()


@contextmanager
def at(manner: Manner, scheme: str = "http") -> Iterator[str]:
    with villain(manner) as url:
        yield url.replace("http:", f"{scheme}:") + "/n"


def oauth(url: str) -> Way:
    return Way(AuthType.OAUTH2, {"clientId": "c", "clientPassword": "canary-5d", "tokenEndpoint": url})


@pytest.mark.parametrize("name", SILENT)
@pytest.mark.parametrize("body", [b"{}", LARGE], ids=["small", "large"])
def test_one_that_does_not_come_to_an_answer_has_not_answered(
    callbacks: Callbacks, name: str, body: bytes
) -> None:
    with at(SILENT[name]) as uri:
        outcome = callbacks.notify(uri, callbacks.credentials(NONE), "2.1.0", body)
    assert outcome.status is None
    assert outcome.problem


@pytest.mark.parametrize("name", ENDLESS)
def test_the_status_is_the_answer_though_the_body_never_ends(callbacks: Callbacks, name: str) -> None:
    with at(ENDLESS[name]) as uri:
        outcome = callbacks.notify(uri, callbacks.credentials(NONE), "2.1.0", b"{}")
    assert (outcome.status, outcome.problem) == (200, None)


def test_tls_that_never_begins(callbacks: Callbacks) -> None:
    with at(SILENT["is deaf"], "https") as uri:
        assert callbacks.notify(uri, callbacks.credentials(NONE), "2.1.0", b"{}").status is None


@pytest.mark.parametrize("name", [*SILENT, *ENDLESS])
def test_a_token_endpoint_without_end(callbacks: Callbacks, name: str) -> None:
    manner = {**SILENT, **ENDLESS}[name]
    with at(manner) as token, at(SILENT["is deaf"]) as uri:
        reason = Probe(callbacks, []).refusal(uri, oauth(token))
    assert reason is not None
    assert "token endpoint" in reason
