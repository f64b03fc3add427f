"""Public addresses; the rows are those of recording nat."""

from typing import Any

import pytest

from tests.unit.vim.api import UNKNOWN, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import Address, Finished, PortSpec, Started

ROUTER = {
    "id": "a-0", "ipaddress": "192.168.2.4", "issourcenat": True, "isstaticnat": False, "state": "Allocated",
    "associatednetworkid": "n-1", "allocated": "2026-11-22T14:19:35+0000",
}  # fmt: skip
FREE = {**ROUTER, "id": "a-1", "issourcenat": False, "allocated": "2026-11-22T14:19:38+0000"}
MAPPED = {
    **FREE, "id": "a-2", "isstaticnat": True, "virtualmachineid": "vm-1", "vmipaddress": "10.1.1.153",
    "allocated": "2026-11-22T14:19:39+0000",
}  # fmt: skip
GOING = {**FREE, "id": "a-3", "state": "Releasing"}


def cloud(*rows: dict[str, Any]) -> FakeApi:
    return ready().on("listPublicIpAddresses", listing("publicipaddress", *rows))


def test_one_is_taken() -> None:
    api = cloud().on("associateIpAddress", {"id": "a-1", "jobid": "j"})
    api.on("listDomains", listing("domain", {"id": "d-1", "name": "tenants"}))
    assert api.connect(account="carol", domain="d-1").acquire_address("n-1") == Started(
        "associateIpAddress j a-1", "a-1"
    )
    assert api.sent("associateIpAddress") == {"networkid": "n-1", "account": "carol", "domainid": "d-1"}


def test_those_of_a_network_oldest_first() -> None:
    api = cloud(MAPPED, GOING, FREE, ROUTER)
    assert api.connect().find_addresses("n-1") == [
        Address("a-0", "192.168.2.4", "n-1", is_router=True),
        Address("a-1", "192.168.2.4", "n-1", is_router=False),
        Address("a-2", "192.168.2.4", "n-1", False, "vm-1", "10.1.1.153"),
    ]
    assert api.sent("listPublicIpAddresses") == {"associatednetworkid": "n-1", "listall": "true"}
    assert cloud().on("listPublicIpAddresses", UNKNOWN).connect().find_addresses("n-9") == []


@pytest.mark.parametrize("rows", [[FREE], []])
def test_a_mapping(rows: list[dict[str, Any]]) -> None:
    api = cloud(*rows).on("enableStaticNat", {"success": True})
    assert api.connect().map_address("a-1", "vm-1", "n-1", "10.1.1.153") == Finished("a-1")
    assert api.sent("enableStaticNat") == {
        "ipaddressid": "a-1",
        "virtualmachineid": "vm-1",
        "networkid": "n-1",
        "vmguestip": "10.1.1.153",
    }


@pytest.mark.parametrize("guest_address", [None, "10.1.1.153"])
def test_the_same_mapping_again_is_done_at_once(guest_address: str | None) -> None:
    assert cloud(MAPPED).connect().map_address("a-2", "vm-1", None, guest_address) == Finished("a-2")


@pytest.mark.parametrize(
    ("row", "server_id", "guest_address", "text"),
    [
        (MAPPED, "vm-2", None, "leads to the server vm-1 already"),
        (MAPPED, "vm-1", "10.1.1.9", r"leads to the server vm-1 already \(10.1.1.153"),
        (ROUTER, "vm-1", None, "its network's router itself"),
    ],
)
def test_what_cannot_be_mapped_is_refused_before_the_call(
    row: dict[str, Any], server_id: str, guest_address: str | None, text: str
) -> None:
    api = cloud(row)
    with pytest.raises(Permanent, match=text):
        api.connect().map_address("a", server_id, None, guest_address)
    assert api.count("enableStaticNat") == 0


@pytest.mark.parametrize(
    ("spec", "sent"),
    [
        (
            PortSpec("TCP", 22, 22, ("10.0.0.0/8", "192.168.0.0/16")),
            {"protocol": "tcp", "startport": "22", "endport": "22", "cidrlist": "10.0.0.0/8,192.168.0.0/16"},
        ),
        (
            PortSpec("udp", 500),
            {"protocol": "udp", "startport": "500", "endport": "500", "cidrlist": "0.0.0.0/0"},
        ),
        (
            PortSpec("icmp"),
            {"protocol": "icmp", "icmptype": "-1", "icmpcode": "-1", "cidrlist": "0.0.0.0/0"},
        ),
    ],
)
def test_a_port_is_opened(spec: PortSpec, sent: dict[str, str]) -> None:
    api = ready().on("createFirewallRule", {"id": "f-1", "jobid": "j"})
    assert api.connect().open_port("a-1", spec) == Started("createFirewallRule j f-1", "f-1")
    assert api.sent("createFirewallRule") == {"ipaddressid": "a-1", **sent}


def test_a_port_that_is_open_already_is_refused_and_found() -> None:
    api = ready().on("createFirewallRule", Refusal(537, "The range specified, 22-22, conflicts with rule x"))
    with pytest.raises(Permanent, match="open already"):
        api.connect().open_port("a-1", PortSpec("tcp", 22))
    rows = [
        {"id": "f-2", "protocol": "icmp", "icmptype": -1, "icmpcode": -1, "cidrlist": "0.0.0.0/0"},
        {
            "id": "f-1",
            "protocol": "tcp",
            "startport": 22,
            "endport": 22,
            "cidrlist": "10.0.0.0/8,10.9.0.0/16",
        },
    ]
    api.on("listFirewallRules", listing("firewallrule", *rows))
    vim = api.connect()
    assert vim.find_ports("a-1", PortSpec("tcp", 22, None, ("10.9.0.0/16", "10.0.0.0/8"))) == ["f-1"]
    assert vim.find_ports("a-1", PortSpec("tcp", 22)) == []
    assert vim.find_ports("a-1", PortSpec("tcp", 22, 23, ("10.9.0.0/16", "10.0.0.0/8"))) == []
    assert vim.find_ports("a-1", PortSpec("ICMP")) == ["f-2"]
