"""Public addresses: taken, mapped to servers, and opened. What undoes each is in ``removal``."""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import jobs
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Address, Finished, Outcome, PortSpec

_NOT_OURS = frozenset({"Free", "Releasing"})
#: All types and codes of ICMP.
_ANY = -1


def acquire(site: Site, network_id: str) -> Outcome:
    """Take an address for a network; there is nothing to name it by."""
    params: dict[str, Value] = {"networkid": network_id, **site.place().owner}
    return jobs.submit(site.client, "associateIpAddress", params)


def find(site: Site, network_id: str) -> Sequence[Address]:
    """The addresses held on a network, oldest first."""
    rows = _addresses(site, associatednetworkid=network_id)
    rows = [row for row in rows if row.get("state") not in _NOT_OURS]
    return [_address(row) for row in sorted(rows, key=lambda row: str(row.get("allocated", "")))]


def map_to(
    site: Site, address_id: str, server_id: str, network_id: str | None, guest_address: str | None
) -> Outcome:
    """Static NAT, or ``Finished`` at once: CloudStack calls the same mapping again an error, and its text
    does not tell the same from another."""
    for row in _addresses(site, id=address_id):
        has = _address(row)
        if has.is_router:
            raise Permanent(
                f"The address {has.address} is used by its network's router itself: acquire another",
                vimCommand="enableStaticNat",
            )
        if has.mapped_server_id == server_id and guest_address in (None, has.mapped_address):
            return Finished(address_id)
        if has.mapped_server_id is not None:
            raise Permanent(
                f"The address {has.address} leads to the server {has.mapped_server_id} already "
                f"({has.mapped_address}): remove that mapping first",
                vimCommand="enableStaticNat",
            )
    params: dict[str, Value] = {
        "ipaddressid": address_id,
        "virtualmachineid": server_id,
        "networkid": network_id,
        "vmguestip": guest_address,
    }
    return jobs.submit(site.client, "enableStaticNat", params, address_id)


def open_port(site: Site, address_id: str, spec: PortSpec) -> Outcome:
    """A firewall rule; for networks of their own, not for tiers of a VPC."""
    icmp = _ANY if spec.protocol.lower() == "icmp" else None
    params: dict[str, Value] = {
        "ipaddressid": address_id,
        "protocol": spec.protocol.lower(),
        "startport": spec.first,
        "endport": spec.last if spec.last is not None else spec.first,
        "cidrlist": list(spec.cidrs) or None,
        "icmptype": icmp,
        "icmpcode": icmp,
    }
    return jobs.submit(site.client, "createFirewallRule", params)


def find_ports(site: Site, address_id: str, spec: PortSpec) -> Sequence[str]:
    """Ids of the firewall rules that are exactly this one."""
    rows = site.listed("listFirewallRules", "firewallrule", ipaddressid=address_id)
    return [str(row["id"]) for row in rows if _signature(row) == _wanted(spec)]


def _signature(row: Row) -> tuple[str, int, int, frozenset[str]]:
    cidrs = (cidr.strip() for cidr in str(row.get("cidrlist", "")).split(","))
    first, last = number(row.get("startport"), 0), number(row.get("endport"), 0)
    return str(row.get("protocol")).lower(), first, last, frozenset(cidrs) - {""}


def _wanted(spec: PortSpec) -> tuple[str, int, int, frozenset[str]]:
    first = spec.first or 0
    return spec.protocol.lower(), first, spec.last or first, frozenset(spec.cidrs)


def _address(row: Row) -> Address:
    mapped = row.get("isstaticnat") is True
    return Address(
        id=str(row["id"]),
        address=str(row.get("ipaddress", "")),
        network_id=row.get("associatednetworkid"),
        is_router=row.get("issourcenat") is True,
        mapped_server_id=row.get("virtualmachineid") if mapped else None,
        mapped_address=row.get("vmipaddress") if mapped else None,
    )


def _addresses(site: Site, **of: Value) -> Sequence[Row]:
    return site.listed("listPublicIpAddresses", "publicipaddress", **of)
