"""Which addresses may be called: a guard against requests that somebody makes us send (OWASP API7)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpx

Resolve = Callable[[str], Iterable[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Metadata services of clouds outside the link-local range (Alibaba, AWS over IPv6, Oracle).
METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("100.100.100.200", "fd00:ec2::254", "192.0.0.192")
)


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
        return judge(url, rules, resolve or look_up)
    except OSError:
        return "the name has no address"


def judge(url: str, rules: Destinations, resolve: Resolve) -> str | None:
    """As ``refusal``; an ``OSError`` says that the name cannot be looked up now."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host.rstrip(".").lower()
    except (httpx.InvalidURL, UnicodeError):  # the latter of a host that begins with xn--
        return "the address is not a URL"
    if parsed.scheme not in ("http", "https") or not host:
        return "the address is not an http or https URL"
    if parsed.port is not None and not 0 < parsed.port < 65_536:
        return f"there is no port {parsed.port}"
    if parsed.userinfo:
        return "the address must not carry a user or a password"
    if any(names(entry, host) for entry in rules.deny):
        return f"{host} is on the deny list"
    return judge_addresses(host, resolve(host), rules)


def judge_addresses(host: str, addresses: Iterable[str], rules: Destinations) -> str | None:
    """Say why ``host`` may not be called if these are its addresses, or None if it may."""
    named = any(names(entry, host) for entry in rules.allow)
    for text in addresses:
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


def look_up(host: str) -> list[str]:
    try:
        return [str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)]
    except UnicodeError as exc:
        raise OSError(f"not a host name: {exc}") from exc


def _unmapped(address: Address) -> Address:
    """::ffff:127.0.0.1 is 127.0.0.1 in disguise."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def names(entry: str, host: str) -> bool:
    """Whether ``entry`` of a list means ``host`` by name: itself, or as ``*.domain``."""
    entry = entry.lower()
    return entry == host or (entry.startswith("*.") and host.endswith(entry[1:]))


def _covers(entry: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False  # a host name
