"""Clients for the outside: one ``Line`` per endpoint, an httpx client and the breaker that guards it."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from dataclasses import dataclass, field

import httpcore
import httpx

from vnfm import errors
from vnfm.outbound.breaker import FAILURES_TO_OPEN, Breaker, Clock
from vnfm.outbound.destinations import Destinations, Resolve, judge, judge_addresses, look_up
from vnfm.outbound.network import Network, Transport

CONNECT_SECONDS = 3.0
POOL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A client for one endpoint and the breaker that guards it."""

    client: httpx.Client
    breaker: Breaker


def _host(url: str) -> str:
    return f"{(parsed := httpx.URL(url)).scheme}://{parsed.host}"


@dataclass(slots=True)
class Outbound:
    """Makes clients and keeps one line per endpoint. Thread-safe; one per process.

    ``ca_bundle`` is the path of a PEM file that replaces the built-in trust store. ``transport`` and
    ``resolve`` are the seams for tests.
    """

    rules: Destinations = field(default_factory=Destinations)
    ca_bundle: str | None = None
    transport: httpx.BaseTransport | None = None
    resolve: Resolve | None = None
    #: Failures in a row until an endpoint is left in peace; None: never.
    patience: int | None = FAILURES_TO_OPEN
    #: Seconds that the other side may take to be written to, and to be read from.
    limit: float = 30.0
    #: Connections of one endpoint at a time.
    connections: int = 32
    #: Paths of certificate and key, PEM, shown to whoever asks for a client certificate.
    identity: tuple[str, str] | None = None
    clock: Clock = time.monotonic
    _lines: dict[tuple[str, str | None], Line] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        # httpx writes every URL at INFO, and CloudStack's hold a key and a signature.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def vet(self, url: str) -> None:
        """Raise ``Permanent`` if ``url`` may not be called, ``Temporary`` if its name cannot be looked up."""
        try:
            reason = judge(url, self.rules, self.resolve or look_up)
        except OSError as exc:
            raise errors.Temporary(f"The host name of {_host(url)} cannot be looked up", 5.0) from exc
        if reason is not None:
            raise errors.Permanent(f"This address may not be called: {reason}")

    def _addresses(self, host: str) -> list[str]:
        """The addresses to connect to, vetted here, so that no later look-up can name another one."""
        try:
            found = list(dict.fromkeys((self.resolve or look_up)(host)))
        except OSError as exc:
            raise httpcore.ConnectError("the name cannot be looked up") from exc
        reason = judge_addresses(host.rstrip(".").lower(), found, self.rules)
        if reason is not None:
            raise errors.Permanent(f"This address may not be called: {reason}")
        return found

    def line(self, url: str, ca_certificate: str | None = None) -> Line:
        """The shared line to the endpoint of ``url``; ``ca_certificate`` (PEM) is trusted in addition."""
        self.vet(url)
        return self.open(url, ca_certificate)

    def open(self, url: str, ca_certificate: str | None = None) -> Line:
        """As ``line``, for an endpoint whose name need not be known yet: every connection is vetted."""
        parsed = httpx.URL(url)
        origin = f"{parsed.scheme}://{parsed.netloc.decode()}"
        key = (origin, ca_certificate)
        with self._lock:
            if key not in self._lines:
                self._lines[key] = Line(
                    self.make_client(ca_certificate), Breaker(origin, self.clock, self.patience)
                )
            return self._lines[key]

    def make_client(self, ca_certificate: str | None = None) -> httpx.Client:
        """A client of its own; prefer ``line``."""
        return httpx.Client(
            timeout=httpx.Timeout(self.limit, connect=min(self.limit, CONNECT_SECONDS), pool=POOL_SECONDS),
            follow_redirects=False,
            trust_env=False,
            transport=self.transport or self._transport(ca_certificate),
        )

    def _transport(self, ca_certificate: str | None) -> Transport:
        return Transport(Network(self._addresses), self._tls(ca_certificate), self.connections)

    def _tls(self, ca_certificate: str | None) -> ssl.SSLContext:
        if self.ca_bundle:
            context = ssl.create_default_context(cafile=self.ca_bundle)
        else:
            context = httpx.create_ssl_context(trust_env=False)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.identity:
            try:
                context.load_cert_chain(*self.identity)
            except (ssl.SSLError, OSError) as exc:
                raise errors.Permanent(f"The client certificate cannot be read: {exc}") from exc
        if ca_certificate:
            try:
                context.load_verify_locations(cadata=ca_certificate)
            except (ssl.SSLError, ValueError) as exc:
                raise errors.Permanent("The CA certificate of the connection is not valid PEM") from exc
        return context

    def close(self) -> None:
        """Close all clients."""
        with self._lock:
            for line in self._lines.values():
                line.client.close()
            self._lines.clear()
