"""What a request says of external links and this VNFM does nothing about (ExtVirtualLinkData of SOL003)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]


def of_links(links: Sequence[Node]) -> list[str]:
    """One sentence for people per configuration of a connection point, and per link."""
    said = []
    for link in links:
        if link.get("extLinkPorts"):
            said.append(f"external link {link['id']}: without effect: extLinkPorts; ports are made here")
        for point in link.get("extCps") or []:
            for name, config in (point.get("cpConfig") or {}).items():
                words = sorted(set(_words(config or {})))
                if words:
                    where = f"external link {link['id']}, {point['cpdId']}, configuration {name}"
                    said.append(f"{where}: without effect: {', '.join(words)}")
    return said


def _words(config: Node) -> Iterator[str]:
    """The attributes of a VnfExtCpConfig that are passed over. Of addresses, the first fixed one counts."""
    if config.get("linkPortId"):
        yield "linkPortId"
    protocols = config.get("cpProtocolData") or []
    if len(protocols) > 1:
        yield "all cpProtocolData but the first"
    for data in protocols[:1]:
        groups = (data.get("ipOverEthernet") or {}).get("ipAddresses") or []
        if sum(len(group.get("fixedAddresses") or [0]) for group in groups) > 1:
            yield "all addresses but the first"
        for group in groups:
            yield from (name for name in ("addressRange", "subnetId") if group.get(name))
            if (group.get("numDynamicAddresses") or 1) > 1:
                yield "numDynamicAddresses beyond 1"
