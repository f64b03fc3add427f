"""Addresses that NICs hold besides their own: virtual IPs (VipCp) and allowed addresses of the VNFD (SOL001).

An address has one holder in the VIM, so that nobody else is given it. Which VNFC answers for it at a given
time is for the VNF to settle (VRRP and the like); the VIM does not filter by address except in zones with
security groups.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnfm.domain.vnfd import ConnectionPoint, Flavour, VirtualIpCp

VIP, ALLOWED = "vip", "allowed"


@dataclass(frozen=True, slots=True)
class Reservation:
    """``key`` is vip:<VipCp> or allowed:<address>; the NIC of connection point ``cp`` (its VNFD id) of the
    VNFC ``vnfc`` (its key) holds it. ``address`` None takes any of the network."""

    key: str
    vnfc: str
    cp: str
    address: str | None

    @property
    def virtual_ip(self) -> str | None:
        """The VipCp it is of; None for an allowed address."""
        kind, _, name = self.key.partition(":")
        return name if kind == VIP else None


def lay_out(
    flavour: Flavour, members: Iterable[tuple[str, str]], asked: Mapping[str, str]
) -> Sequence[Reservation]:
    """All reservations of a flavour with these VNFCs (key, VDU): each with the first VNFC that can hold it.

    ``asked`` are the addresses that the request fixes, by VipCp; they come before those of the VNFD.
    """
    legs = [(key, cp) for key, vdu in members for cp in flavour.vdus[vdu].connection_points]
    found: dict[tuple[str, str], Reservation] = {}
    for vip in virtual_ips(flavour):
        holder = next(((key, cp) for key, cp in legs if cp.id in vip.targets), None)
        if holder is None:
            continue
        key, cp = holder
        address = asked.get(vip.id) or next(filter(_is_ipv4, vip.fixed_addresses), None)
        found[(_place(cp), address or vip.id)] = Reservation(f"{VIP}:{vip.id}", key, cp.id, address)
    for key, cp in legs:
        for address in allowed_addresses(cp):
            reservation = Reservation(f"{ALLOWED}:{address}", key, cp.id, address)
            found.setdefault((_place(cp), address), reservation)
    return list(found.values())


def virtual_ips(flavour: Flavour) -> list[VirtualIpCp]:
    """The VipCps that need an address of their own; the others use one of a target."""
    return [vip for _, vip in sorted(flavour.virtual_ips.items()) if vip.dedicated]


def allowed_addresses(cp: ConnectionPoint) -> list[str]:
    """Single IPv4 addresses a connection point may use besides its own, without ranges and IPv6."""
    return [one for one in _stated(cp) if _is_ipv4(one)]


def without_effect(flavour: Flavour) -> Iterator[str]:
    """Sentences on what the VNFD wants of addresses and NICs and the VIM cannot give."""
    for vip in virtual_ips(flavour):
        for address in vip.fixed_addresses:
            if not _is_ipv4(address):
                yield f"virtual IP {vip.id}: {address} is not reserved: only IPv4 addresses can be"
    for _, vdu in sorted(flavour.vdus.items()):
        for cp in vdu.connection_points:
            yield from _not_given(cp)


def _not_given(cp: ConnectionPoint) -> Iterator[str]:
    if cp.trunk:
        yield f"connection point {cp.id}: CloudStack has no trunk ports; it is an ordinary NIC"
    stated = _stated(cp)
    if cp.allowed_addresses and not stated:
        yield f"connection point {cp.id}: allowed_address_data names no address; nothing is reserved"
    for address in stated:
        if not _is_ipv4(address):
            yield f"connection point {cp.id}: allowed address {address} is no single IPv4 address"


def keys(flavour: Flavour) -> set[str]:
    """The keys of all reservations a flavour can have."""
    points = (cp for vdu in flavour.vdus.values() for cp in vdu.connection_points)
    allowed = {f"{ALLOWED}:{address}" for cp in points for address in allowed_addresses(cp)}
    return allowed | {f"{VIP}:{vip.id}" for vip in virtual_ips(flavour)}


def holds(flavour: Flavour, cp: ConnectionPoint) -> bool:
    """Whether the NIC of a connection point can be the holder of a reservation."""
    return bool(allowed_addresses(cp)) or any(cp.id in vip.targets for vip in virtual_ips(flavour))


def _stated(cp: ConnectionPoint) -> list[str]:
    """The addresses of allowed_address_data: fixed_ip_address of the layer-3 data, one or a list."""
    found: list[str] = []
    for entry in cp.allowed_addresses:
        data: Mapping[str, Any] = entry.get("l3_address_data") or {}
        fixed = data.get("fixed_ip_address") or []
        found += [str(one) for one in (fixed if isinstance(fixed, list) else [fixed])]
    return found


def _is_ipv4(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 4
    except ValueError:
        return False


def _place(cp: ConnectionPoint) -> str:
    """Addresses of one link are one another's rivals; external CPs may be on different ones."""
    return cp.virtual_link or f"external:{cp.external_cpd or cp.id}"
