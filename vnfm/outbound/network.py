"""Connections as this door makes them: to addresses that were vetted, and for no longer than a deadline.

httpx limits each read and each write, so one who sends a byte now and then could hold a thread for ever. Here
everything that is done inside ``deadline`` ends with it, whatever comes in meanwhile: connecting, TLS, the
request, the answer. The look-up of a name alone ends when the host's resolver gives up.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

#: Says which addresses a host has; raises if one of them may not be called.
Addresses = Callable[[str], Sequence[str]]

#: When the work of this thread must have ended, by the monotonic clock.
_end: ContextVar[float | None] = ContextVar("outbound_end", default=None)

#: Bytes written between two looks at the clock.
_PIECE = 16 * 1024


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Whatever this thread sends and receives inside ends after so many seconds."""
    token = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(token)


def remaining() -> float | None:
    """Seconds until the deadline, not below 0; None if there is none."""
    end = _end.get()
    return None if end is None else max(0.0, end - time.monotonic())


def _within(seconds: float | None, late: type[Exception]) -> float | None:
    """The shorter of a limit and what remains; ``late`` if nothing does."""
    left = remaining()
    if left is None:
        return seconds
    if left == 0.0:
        raise late("the time for the whole request is over")
    return left if seconds is None else min(seconds, left)


class _Stream(httpcore.NetworkStream):
    """A connection that keeps the deadline of whoever uses it now."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._inner.write(piece, _within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """Connects to the addresses that ``addresses`` admits and to no other, one after the other."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self._addresses(host):
            limit = _within(timeout, httpcore.ConnectTimeout)
            try:
                made = self._inner.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
            else:
                return _Stream(made)
        raise failure


class Transport(httpx.HTTPTransport):
    """HTTP over ``Network``. httpx has no parameter for that, so its pool is made here."""

    def __init__(self, network: Network, context: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=16,
            keepalive_expiry=10.0,
            network_backend=network,
        )
