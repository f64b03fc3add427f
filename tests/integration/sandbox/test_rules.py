"""NAT, firewall and load balancer rules beyond the recordings: what goes when something else goes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox.client import Caller


@pytest.fixture
def vm(alice: Caller) -> str:
    submitted = alice("deployVirtualMachine", **alice.order("ruled"))
    alice.wait(submitted["jobid"])
    return str(submitted["id"])


@pytest.fixture
def address(alice: Caller, vm: str) -> str:
    network = alice("listNetworks", keyword="demo-mgmt")["network"][0]["id"]
    taken = alice("associateIpAddress", networkid=network)
    alice.wait(taken["jobid"])
    return str(taken["id"])


def forward(alice: Caller, address: str, vm: str, **more: object) -> Any:
    order = {"ipaddressid": address, "virtualmachineid": vm, "protocol": "tcp"}
    made = alice("createPortForwardingRule", **order, publicport=8080, privateport=80, **more)
    alice.wait(made["jobid"])
    return made["id"]


def test_static_nat_ends_with_its_firewall_rules(alice: Caller, vm: str, address: str) -> None:
    assert alice("enableStaticNat", ipaddressid=address, virtualmachineid=vm) == {"success": True}
    rule = alice(
        "createFirewallRule", ipaddressid=address, protocol="tcp", startport=22, cidrlist="10.0.0.0/8"
    )
    alice.wait(rule["jobid"])
    assert alice.job("disableStaticNat", ipaddressid=address)["jobresult"] == {"success": True}
    assert not alice("listPublicIpAddresses", id=address)["publicipaddress"][0]["isstaticnat"]
    assert alice("listFirewallRules", ipaddressid=address) == {}
    assert alice("disableStaticNat", ipaddressid=address)["errorcode"] == 431


def test_forwarding_opens_the_firewall_and_closes_it(alice: Caller, vm: str, address: str) -> None:
    rule = forward(alice, address, vm)
    assert alice("listFirewallRules", ipaddressid=address)["firewallrule"][0]["startport"] == 8080
    assert alice("enableStaticNat", ipaddressid=address, virtualmachineid=vm)["errorcode"] == 537
    assert alice.job("deletePortForwardingRule", id=rule)["jobresult"] == {"success": True}
    assert alice("listFirewallRules", ipaddressid=address) == {}
    assert alice("deletePortForwardingRule", id=rule)["errorcode"] == 431


def test_expunge_takes_what_led_to_the_vm(alice: Caller, admin: Caller, vm: str, address: str) -> None:
    forward(alice, address, vm, openfirewall="false")
    order = {"publicipid": address, "algorithm": "source", "name": "lb"}
    balancer = alice("createLoadBalancerRule", **order, publicport=443, privateport=443)["id"]
    assert alice.job("assignToLoadBalancerRule", id=balancer, virtualmachineids=vm)["jobstatus"] == 1
    admin.job("destroyVirtualMachine", id=vm, expunge="true")
    world = alice.world()
    assert world["portforwardings"] == []
    assert [row["vms"] for row in world["loadbalancers"]] == [[]]
    assert alice.job("deleteLoadBalancerRule", id=balancer)["jobstatus"] == 1
    assert alice.world()["loadbalancers"] == []


def test_egress_rule_is_not_deleted_as_a_firewall_rule(alice: Caller, vm: str) -> None:
    network = alice("listNetworks", keyword="demo-mgmt")["network"][0]["id"]
    rule = alice("createEgressFirewallRule", networkid=network, protocol="tcp", startport=1, endport=9)
    assert alice("deleteFirewallRule", id=rule["id"])["errorcode"] == 431
    assert alice.job("deleteEgressFirewallRule", id=rule["id"])["jobstatus"] == 1
    assert alice("listEgressFirewallRules", networkid=network) == {}


def test_nic_with_rules_is_not_removed(alice: Caller, vm: str, address: str) -> None:
    second = alice("listNetworks", keyword="demo-l2")["network"][0]["id"]
    added = alice.job("addNicToVirtualMachine", virtualmachineid=vm, networkid=second)
    first, other = added["jobresult"]["virtualmachine"]["nic"]
    forward(alice, address, vm)
    alice.job("updateDefaultNicForVirtualMachine", virtualmachineid=vm, nicid=other["id"])
    refused = alice.job("removeNicFromVirtualMachine", virtualmachineid=vm, nicid=first["id"])
    assert refused["jobresultcode"] == 431
