"""A small VNFD by hand: two VDUs, an internal link, a disk, two levels, one rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vnfm.domain.vnfd import (
    AffinityRule,
    ConnectionPoint,
    Flavour,
    InstantiationLevel,
    ScalingAspect,
    SoftwareImage,
    Vdu,
    VirtualLink,
    VirtualStorage,
    Vnfd,
)

IMAGE = SoftwareImage("fw", "firewall", "1.0")
BOOT = VirtualStorage("boot", 2 * 2**30, IMAGE)
LOGS = VirtualStorage("logs", 10 * 2**30)


def cp(name: str, vdu: str, order: int, link: str | None = None, **changes: Any) -> ConnectionPoint:
    """A connection point; open to the outside without ``link``."""
    external = name if link is None else None
    return ConnectionPoint(name, vdu, order, link, **{"external_cpd": external, **changes})


def make_flavour(**changes: Any) -> Flavour:
    """Firewalls with an outside and an inside leg (given out of order), a manager with a disk."""
    firewall = Vdu(
        "fw",
        "firewall",
        "",
        1,
        2**29,
        None,
        connection_points=(cp("fw_in", "fw", 1, "int"), cp("fw_out", "fw", 0)),
        storages=("boot",),
    )
    manager = Vdu(
        "mgr",
        "manager",
        "",
        1,
        2**29,
        IMAGE,
        connection_points=(cp("mgr_in", "mgr", 0, "int", fixed_addresses=("10.0.0.5",)),),
        storages=("logs",),
    )
    plain: dict[str, Any] = {
        "id": "pair",
        "description": "",
        "vdus": {"fw": firewall, "mgr": manager},
        "virtual_links": {"int": VirtualLink("int", cidr="10.0.0.0/24", dhcp=True)},
        "storages": {"boot": BOOT, "logs": LOGS},
        "aspects": {"size": ScalingAspect("size", "size", "", 2, ({"fw": 1}, {"fw": 1}))},
        "levels": {
            "small": InstantiationLevel("small", "", {"fw": 2, "mgr": 1}, {"size": 0}),
            "large": InstantiationLevel("large", "", {"fw": 4, "mgr": 1}, {"size": 2}),
        },
        "default_level": "small",
        "affinity_rules": (
            AffinityRule("apart", True, "nfvi_node", ("fw",)),
            AffinityRule("same-zone", False, "zone", ("fw", "mgr")),
        ),
    }
    return Flavour(**{**plain, **changes})


def make_vnfd(flavour: Flavour | None = None, **changes: Any) -> Vnfd:
    """A VNFD of that one flavour."""
    chosen = flavour or make_flavour(**changes)
    return Vnfd("d1", "1", "acme", "fw", "1.0", None, "", (), {chosen.id: chosen})


def with_points(flavour: Flavour, vdu: str, *points: ConnectionPoint) -> Flavour:
    """The flavour with other connection points on one VDU."""
    return replace(flavour, vdus={**flavour.vdus, vdu: replace(flavour.vdus[vdu], connection_points=points)})


def outside(*configs: dict[str, Any], cpd: str = "fw_out") -> dict[str, Any]:
    """A request that connects ``cpd`` to the external link vl-1, with one cpConfig per argument."""
    named = {f"cfg-{index}": config for index, config in enumerate(configs)}
    link = {"id": "vl-1", "resourceId": "net-1", "extCps": [{"cpdId": cpd, "cpConfig": named}]}
    return {"flavourId": "pair", "extVirtualLinks": [link]}


def fixed(address: str | None = None, mac: str | None = None) -> dict[str, Any]:
    """A VnfExtCpConfig with a fixed address, a MAC, or both."""
    ethernet: dict[str, Any] = {"macAddress": mac} if mac else {}
    if address:
        ethernet["ipAddresses"] = [{"type": "IPV4", "fixedAddresses": [address]}]
    return {"cpProtocolData": [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": ethernet}]}
