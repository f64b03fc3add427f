"""The one door out: every HTTP client is made here, and every foreign address is vetted here.

``Outbound`` hands out one ``Line`` per endpoint for the whole process: an httpx client with explicit
timeouts, TLS verification that cannot be switched off, no redirects and no proxy from the environment,
together with the endpoint's circuit breaker. ``refusal`` says why an address may not be called.

Not guaranteed yet: the vetted name is looked up again by the client (no pinning of the address).
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

from vnfm import errors

TIMEOUT = httpx.Timeout(connect=3.0, read=30.0, write=30.0, pool=5.0)
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=10.0)
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0

Clock = Callable[[], float]
Resolve = Callable[[str], Iterable[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Metadata services of clouds outside the link-local range (Alibaba, AWS over IPv6, Oracle).
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("100.100.100.200", "fd00:ec2::254", "192.0.0.192")
)


class Breaker:
    """Stops calling an endpoint that does not answer: 5 failures in a row, 30 s of silence, 1 probe.

    Only failures of the transport count. A refusal is an answer, so it closes the breaker.
    """

    def __init__(self, endpoint: str, clock: Clock = time.monotonic) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until: float | None = None
        self._cause: errors.VnfmError | None = None

    def admit(self) -> None:
        """Let one call pass, or raise ``Temporary`` with the time still to wait."""
        with self._lock:
            if self._closed_until is None:
                return
            wait = self._closed_until - self._clock()
            if wait > 0:
                raise self._silence(wait)
            # This caller is the probe; the others wait as if the endpoint had failed once more.
            self._closed_until = self._clock() + OPEN_SECONDS

    def succeed(self) -> None:
        """An answer came, whatever it said."""
        with self._lock:
            self._failures = 0
            self._closed_until = self._cause = None

    def _silence(self, wait: float) -> errors.Temporary:
        text = f"{self._endpoint} does not answer; next try in {wait:.0f} s"
        if self._cause is None:
            return errors.Temporary(text, wait)
        return errors.Temporary(f"{text} (last: {self._cause.detail})", wait, **self._cause.facts)

    def fail(self, cause: errors.VnfmError | None = None) -> None:
        """No answer came, or one that shows that the service behind it is broken: ``cause`` tells it."""
        with self._lock:
            self._failures += 1
            self._cause = cause or self._cause
            if self._failures >= FAILURES_TO_OPEN:
                self._closed_until = self._clock() + OPEN_SECONDS


@dataclass(frozen=True, slots=True)
class Line:
    """A client for one endpoint and the breaker that guards it."""

    client: httpx.Client
    breaker: Breaker


@dataclass(frozen=True, slots=True)
class Destinations:
    """Which addresses may be called. ``allow`` and ``deny`` hold host names (``*.example.org`` for a
    whole domain) and networks in CIDR notation. An empty ``allow`` admits all that is not denied."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    loopback: bool = False


def refusal(url: str, rules: Destinations, resolve: Resolve | None = None) -> str | None:
    """Say why ``url`` may not be called, or None if it may. Looks the name up; every address must pass."""
    try:
        return _judge(url, rules, resolve or _look_up)
    except OSError:
        return "the name has no address"


def _judge(url: str, rules: Destinations, resolve: Resolve) -> str | None:
    """As ``refusal``; an ``OSError`` says that the name cannot be looked up now."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "the address is not a URL"
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return "the address is not an http or https URL"
    if parsed.userinfo:
        return "the address must not carry a user or a password"
    host = parsed.host.rstrip(".").lower()
    if any(_names(entry, host) for entry in rules.deny):
        return f"{host} is on the deny list"
    named = any(_names(entry, host) for entry in rules.allow)
    for text in resolve(host):
        reason = _address_refusal(_unmapped(ipaddress.ip_address(text)), rules, named)
        if reason is not None:
            return f"{host}: {reason}"
    return None


def _address_refusal(address: Address, rules: Destinations, named: bool) -> str | None:
    if address.is_loopback and not rules.loopback:
        return f"{address} is a loopback address"
    if not address.is_loopback and _never(address):
        return f"{address} is a link-local, metadata, multicast or reserved address"
    if any(_covers(entry, address) for entry in rules.deny):
        return f"{address} is on the deny list"
    if rules.allow and not named and not any(_covers(entry, address) for entry in rules.allow):
        return f"{address} is not on the allow list"
    return None


def _never(address: Address) -> bool:
    special = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return special or address in METADATA


def _host(url: str) -> str:
    return f"{(parsed := httpx.URL(url)).scheme}://{parsed.host}"


def _look_up(host: str) -> list[str]:
    try:
        return [str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)]
    except UnicodeError as exc:
        raise OSError(f"not a host name: {exc}") from exc


def _unmapped(address: Address) -> Address:
    """::ffff:127.0.0.1 is 127.0.0.1 in disguise."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _names(entry: str, host: str) -> bool:
    entry = entry.lower()
    return entry == host or (entry.startswith("*.") and host.endswith(entry[1:]))


def _covers(entry: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False  # a host name


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
            reason = _judge(url, self.rules, self.resolve or _look_up)
        except OSError as exc:
            raise errors.Temporary(f"The host name of {_host(url)} cannot be looked up", 5.0) from exc
        if reason is not None:
            raise errors.Permanent(f"This address may not be called: {reason}")

    def line(self, url: str, ca_certificate: str | None = None) -> Line:
        """The shared line to the endpoint of ``url``; ``ca_certificate`` (PEM) is trusted in addition."""
        self.vet(url)
        parsed = httpx.URL(url)
        origin = f"{parsed.scheme}://{parsed.netloc.decode()}"
        key = (origin, ca_certificate)
        with self._lock:
            if key not in self._lines:
                self._lines[key] = Line(self.make_client(ca_certificate), Breaker(origin, self.clock))
            return self._lines[key]

    def make_client(self, ca_certificate: str | None = None) -> httpx.Client:
        """A client of its own; prefer ``line``."""
        return httpx.Client(
            timeout=TIMEOUT,
            limits=LIMITS,
            verify=self._tls(ca_certificate),
            follow_redirects=False,
            trust_env=False,
            transport=self.transport,
        )

    def _tls(self, ca_certificate: str | None) -> ssl.SSLContext:
        if self.ca_bundle:
            context = ssl.create_default_context(cafile=self.ca_bundle)
        else:
            context = httpx.create_ssl_context(trust_env=False)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
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
