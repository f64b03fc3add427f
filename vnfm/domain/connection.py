"""Connection points, virtual links and what may pass between them, as a VNFD has them (SOL001 6.8).

Part of ``domain.vnfd``, which other rooms import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectionPoint:
    """A VduCp: one NIC. ``virtual_link`` None means it is open to the outside (external CP).

    ``external_cpd`` is the cpdId under which the outside knows it: its own id, or that of a VnfExtCp
    re-exposing an internal one. ``fixed_addresses`` come from the VNFD's address data.
    """

    id: str
    vdu: str
    order: int
    virtual_link: str | None
    external_cpd: str | None = None
    layer_protocols: tuple[str, ...] = ()
    vnic_type: str = "normal"
    mac_address: str | None = None
    fixed_addresses: tuple[str, ...] = ()
    description: str = ""
    #: Trunk ports carry tagged traffic of sub-ports.
    trunk: bool = False
    #: ``protocol`` as the VNFD has it: address data per layer protocol (CpProtocolData).
    protocol_data: tuple[Mapping[str, Any], ...] = ()
    #: Addresses it may use besides its own (allowed_address_data), as the VNFD has them.
    allowed_addresses: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class VirtualIpCp:
    """A VipCp: one address that several NICs share. ``targets`` are the ids of their connection points.

    ``function`` is high_availability or load_balance. ``virtual_link`` None means it is external, and then
    ``external_cpd`` is the cpdId the outside uses. ``dedicated`` False lets it use an address of a target.
    """

    id: str
    function: str
    targets: tuple[str, ...]
    virtual_link: str | None
    external_cpd: str | None = None
    layer_protocols: tuple[str, ...] = ()
    fixed_addresses: tuple[str, ...] = ()
    dedicated: bool = True
    description: str = ""
    protocol_data: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """Traffic that may pass (SecurityGroupRule). ``targets`` are ids of connection points of VDUs."""

    id: str
    targets: tuple[str, ...]
    direction: str = "ingress"
    ether_type: str = "ipv4"
    protocol: str = "tcp"
    port_min: int = 0
    port_max: int = 65535
    description: str = ""


@dataclass(frozen=True, slots=True)
class VirtualLink:
    """An internal virtual link (VnfVirtualLink) with what its protocol data says of layer 3.

    ``cidr`` None and ``dhcp`` False together mean a pure layer-2 link.
    """

    id: str
    description: str = ""
    layer_protocols: tuple[str, ...] = ()
    ip_version: str | None = None
    cidr: str | None = None
    gateway: str | None = None
    dhcp: bool = False
    allocation_pools: tuple[tuple[str, str], ...] = ()
    mtu: int | None = None
    segmentation_id: str | None = None

    @property
    def is_layer2(self) -> bool:
        """True when nobody hands out addresses on this link."""
        return self.cidr is None and not self.dhcp and self.ip_version is None
