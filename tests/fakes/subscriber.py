"""Endpoints of subscribers: one server, a path for each, behaving as told; the log is the witness."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from tests.fakes.server import listening
from vnfm.domain.authentication import Way
from vnfm.services.deps import Probe


@dataclass(frozen=True)
class Received:
    """One request as it came, and how it was answered."""

    who: str
    method: str
    headers: dict[str, str]
    body: Any
    at: float
    status: int


#: What a subscriber does with a request: its status and the seconds it takes.
Manner = Callable[[str, Any], tuple[int, float]]


def good(method: str, body: Any) -> tuple[int, float]:
    """204 at once."""
    return 204, 0.0


@dataclass
class Subscribers:
    """An ASGI application. ``/n/<name>`` are endpoints, ``/token/<name>`` gives tokens."""

    manners: dict[str, Manner] = field(default_factory=dict)
    log: list[Received] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    #: Bearer tokens that are good now, and what an endpoint wants in its Authorization header.
    good_tokens: set[str] = field(default_factory=set)
    wants: dict[str, str] = field(default_factory=dict)
    url: str = ""
    #: What is done before a notification is answered.
    before_answer: Callable[[Any], None] | None = None

    def taken(self, who: str) -> list[Any]:
        """Notifications that ``who`` has answered with 204, in order, repetitions included."""
        return [one.body for one in self.log if (one.who, one.method, one.status) == (who, "POST", 204)]

    def answers(self) -> set[tuple[str, int]]:
        """Who has answered what."""
        return {(one.who, one.status) for one in self.log}

    def wait(self, enough: Callable[[], bool], seconds: float = 20) -> None:
        """Until ``enough``; AssertionError with the log's end if it never is."""
        deadline = time.monotonic() + seconds
        while not enough():
            if time.monotonic() > deadline:
                raise AssertionError(f"not enough: {[(r.who, r.method, r.status) for r in self.log[-20:]]}")
            time.sleep(0.01)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI entry."""
        raw = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":  # the sender died in the middle
                return
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        kind, _, who = scope["path"][1:].partition("/")
        answer, body = (self._token if kind == "token" else self._endpoint)(
            who, scope["method"], headers, raw
        )
        status, seconds = answer
        if kind != "token":
            read = json.loads(raw) if raw else None
            self.log.append(Received(who, scope["method"], headers, read, time.time(), status))
        if seconds:
            await asyncio.sleep(seconds)
        if kind != "token" and scope["method"] == "POST" and self.before_answer and status == 204:
            await asyncio.to_thread(self.before_answer, json.loads(raw))
        kind_of = [(b"content-type", b"application/json")] if body else []
        location = [(b"location", f"{self.url}/n/good".encode())] if status == 302 else []
        await send({"type": "http.response.start", "status": status, "headers": kind_of + location})
        await send({"type": "http.response.body", "body": body})

    def _endpoint(
        self, who: str, method: str, headers: dict[str, str], raw: bytes
    ) -> tuple[tuple[int, float], bytes]:
        wanted = self.wants.get(who)
        given = headers.get("authorization", "")
        is_token = wanted == "Bearer" and given.removeprefix("Bearer ") in self.good_tokens
        if wanted and given != wanted and not is_token:
            return (401, 0.0), json.dumps({"detail": f"not {given}"}).encode()
        return self.manners.get(who, good)(method, json.loads(raw) if raw else None), b""

    def _token(
        self, who: str, method: str, headers: dict[str, str], raw: bytes
    ) -> tuple[tuple[int, float], bytes]:
        name, _, secret = base64.b64decode(headers.get("authorization", "")[6:]).decode().partition(":")
        if secret != "token secret" and secret != "token%20secret":
            return (401, 0.0), b'{"error": "invalid_client"}'
        if parse_qs(raw.decode()).get("grant_type") != ["client_credentials"]:
            return (400, 0.0), b'{"error": "unsupported_grant_type"}'
        self.tokens[who] += 1
        token = f"{name}-{self.tokens[who]}"
        self.good_tokens.add(token)
        # RFC 6749 has a string here; ONAP sends a list.
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": ["write"]}
        return (200, 0.0), json.dumps(answer).encode()


@contextmanager
def receiving(**tls: Any) -> Iterator[Subscribers]:
    """Endpoints that serve while the block lasts; ``tls`` are uvicorn's options for https."""
    app = Subscribers()
    with listening() as (sock, url):
        app.url = url.replace("http:", "https:") if tls else url
        options: dict[str, Any] = {
            "log_level": "critical",
            "access_log": False,
            "lifespan": "off",
            "timeout_graceful_shutdown": 1,
            "ws": "none",
        }
        server = uvicorn.Server(uvicorn.Config(app, **options, **tls))
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass(frozen=True)
class LocalProbe:
    """Tests endpoints of this machine for good; made-up ones of elsewhere pass, and nobody calls them."""

    real: Probe

    def refusal(self, uri: str, way: Way) -> str | None:
        """As ``services.deps.Probe``."""
        return self.real.refusal(uri, way) if "127.0.0.1:" in uri else None
