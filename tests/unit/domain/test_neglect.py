"""What is passed over in external links, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.domain import neglect


def addresses(*groups: dict[str, Any]) -> dict[str, Any]:
    data = {"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": {"ipAddresses": list(groups)}}
    return {"cpProtocolData": [data]}


RANGE = {"minAddress": "10.0.0.1", "maxAddress": "10.0.0.9"}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, ""),
        ({}, ""),
        (addresses({"type": "IPV4", "fixedAddresses": ["10.0.0.1"]}), ""),
        (addresses({"type": "IPV4", "numDynamicAddresses": 1}), ""),
        ({"linkPortId": "p"}, "linkPortId"),
        (addresses({"type": "IPV4", "addressRange": RANGE, "subnetId": "s"}), "addressRange, subnetId"),
        (addresses({"type": "IPV4", "numDynamicAddresses": 2}), "numDynamicAddresses beyond 1"),
        (addresses({"fixedAddresses": ["10.0.0.1", "10.0.0.2"]}), "all addresses but the first"),
        (
            addresses({"fixedAddresses": ["10.0.0.1"]}, {"fixedAddresses": ["::1"]}),
            "all addresses but the first",
        ),
        ({"cpProtocolData": [{}, {}]}, "all cpProtocolData but the first"),
    ],
)
def test_words(config: Any, words: str) -> None:
    link = {"id": "vl", "resourceId": "n", "extCps": [{"cpdId": "cp", "cpConfig": {"one": config}}]}
    told = [f"external link vl, cp, configuration one: without effect: {words}"] if words else []
    assert neglect.of_links([link]) == told


def test_ports_made_beforehand() -> None:
    (said,) = neglect.of_links([{"id": "vl", "extCps": [], "extLinkPorts": [{"id": "p"}]}])
    assert "extLinkPorts" in said
