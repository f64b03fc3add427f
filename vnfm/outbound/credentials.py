"""How this VNFM proves to others who it is: HTTP Basic, or an OAuth2 bearer token (SOL013 8).

A token is fetched once, shared by all threads, renewed a little before it ends and after a 401. RFC 6749
section 4.4 with the client authenticated by a Basic header.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from vnfm.errors import Permanent, Temporary
from vnfm.outbound import exchange
from vnfm.outbound.lines import Line
from vnfm.outbound.network import remaining

#: Life assumed of a token whose answer names none, and the part of its life that is not used.
_DEFAULT_LIFE = 300.0
_MARGIN = 0.1
_ANSWER_LIMIT = 64 * 1024


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


class Credentials(Protocol):
    """Makes the Authorization header. Thread-safe."""

    def header(self) -> str | None:
        """The header's value now; None to send none."""
        ...

    def refused(self, header: str | None) -> bool:
        """The other side answered 401 to ``header``; True if another try with a new one makes sense."""
        ...

    def redact(self, text: str) -> str:
        """``text`` without anything secret that the other side may have echoed."""
        ...


class NoCredentials:
    """For those that know us by our TLS certificate."""

    def header(self) -> str | None:
        """Nothing to send."""
        return None

    def refused(self, header: str | None) -> bool:
        """There is nothing else to offer."""
        return False

    def redact(self, text: str) -> str:
        """There is no secret."""
        return text


class Basic:
    """User name and password in every request."""

    def __init__(self, user: str, password: str) -> None:
        self._password = password
        self._header = _basic(user, password)

    def header(self) -> str | None:
        """Always the same."""
        return self._header

    def refused(self, header: str | None) -> bool:
        """The same again would be refused again."""
        return False

    def redact(self, text: str) -> str:
        """Without the password and the header made of it."""
        return exchange.strike_out(text, self._password, self._header.removeprefix("Basic "))


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    good_until: float


class ClientCredentials:
    """OAuth2 client credentials grant with a cached token."""

    def __init__(
        self,
        line: Line,
        token_url: str,
        client_id: str,
        secret: str,
        clock: Callable[[], float] = time.monotonic,
        whom: str = "the NFVO",
    ) -> None:
        self._line = line
        self._whom = f"{whom}'s token endpoint"
        self._url = token_url
        self._id = client_id
        self._secret = secret
        self._clock = clock
        self._lock = threading.Lock()
        self._token: _Token | None = None

    def header(self) -> str | None:
        """``Bearer …``; ``Temporary`` or ``Permanent`` if the token endpoint gives none, or none by the
        deadline."""
        left = remaining()
        if not self._lock.acquire(timeout=-1 if left is None else left):
            raise Temporary(f"{self._whom} is still being asked by another request")
        try:
            if self._token is None or self._clock() >= self._token.good_until:
                self._token = self._fetch()
            return f"Bearer {self._token.value}"
        finally:
            self._lock.release()

    def refused(self, header: str | None) -> bool:
        """Forget the token unless another thread has replaced it already."""
        with self._lock:
            if self._token is not None and header == f"Bearer {self._token.value}":
                self._token = None
        return True

    def redact(self, text: str) -> str:
        """Without client secret and token."""
        token = self._token
        return exchange.strike_out(text, self._secret, token.value if token else "")

    def _fetch(self) -> _Token:
        asked_at = self._clock()
        reply = exchange.exchange(
            self._line,
            self._line.client.build_request(
                "POST",
                self._url,
                data={"grant_type": "client_credentials"},
                headers={
                    # RFC 6749 2.3.1: id and secret are form-encoded before they go into the Basic header.
                    "Authorization": _basic(quote(self._id, safe=""), quote(self._secret, safe="")),
                    "Accept": "application/json",
                },
            ),
            _ANSWER_LIMIT,
            self._whom,
        )
        exchange.require_served(reply, self._whom, self.redact)
        body = exchange.read_object(reply, self._whom)
        value = body.get("access_token")
        if reply.status != 200 or not isinstance(value, str) or not value:
            raise Permanent(
                f"{self._whom} gave client {self._id!r} no token: "
                + self.redact(_oauth_error(body, reply.status)),
                status=reply.status,
            )
        kind = str(body.get("token_type", "bearer"))
        if kind.lower() != "bearer":
            raise Permanent(f"{self._whom} gave a token of the unknown type {kind!r}")
        return _Token(value, asked_at + _life(body) * (1 - _MARGIN))


def _life(body: Mapping[str, Any]) -> float:
    try:
        return max(0.0, float(body.get("expires_in", _DEFAULT_LIFE)))
    except (TypeError, ValueError):
        return _DEFAULT_LIFE


def _oauth_error(body: Mapping[str, Any], status: int) -> str:
    words = [str(body[key]) for key in ("error", "error_description", "detail") if body.get(key)]
    return ": ".join(words)[:300] or f"status {status}"
