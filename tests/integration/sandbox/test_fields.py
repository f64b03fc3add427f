"""Commands the adapter uses that no replayed section covers: they work, with fields CloudStack has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox.client import Caller
from vnfm.sandbox.cloudstack import catalogue

KNOWN = catalogue.load()


def unknown_fields(command: str, answer: Any) -> set[str]:
    entry = KNOWN.commands[command]
    fields = KNOWN.objects[entry.raw["fields"]]
    return {name for row in answer[entry.object] for name in row} - set(fields) - {"jobid", "jobstatus"}


@pytest.fixture
def vm(alice: Caller) -> str:
    submitted = alice("deployVirtualMachine", **alice.order("field"))
    alice.wait(submitted["jobid"])
    return str(submitted["id"])


def test_lists_send_catalogued_fields(alice: Caller, vm: str) -> None:
    filters: dict[str, dict[str, object]] = {
        "listNics": {"virtualmachineid": vm},
        "listProjects": {},
        "listPublicIpAddresses": {},
        "listVirtualMachines": {},
        "listNetworks": {},
        "listVolumes": {},
        "listNetworkOfferings": {},
    }
    for command, params in filters.items():
        assert not unknown_fields(command, alice(command, **params)), command


def test_lists_of_rules_and_snapshots_send_catalogued_fields(alice: Caller, vm: str) -> None:
    network = alice("listNetworks", keyword="demo-mgmt")["network"][0]["id"]
    address = alice("associateIpAddress", networkid=network)["id"]
    alice("createVMSnapshot", virtualmachineid=vm, name="s")
    alice("createEgressFirewallRule", networkid=network, protocol="icmp")
    ports = {"publicport": 80, "privateport": 80}
    lead = {"protocol": "tcp", "ipaddressid": address, "virtualmachineid": vm}
    alice("createPortForwardingRule", **lead, **ports)
    more = {"publicport": 81, "privateport": 81, "description": "told"}
    balancer = alice("createLoadBalancerRule", name="b", publicipid=address, algorithm="source", **more)["id"]
    alice.job("assignToLoadBalancerRule", id=balancer, virtualmachineids=vm)
    alice.door("measure")
    filters: dict[str, dict[str, object]] = {
        "listVMSnapshot": {},
        "listFirewallRules": {},
        "listEgressFirewallRules": {},
        "listPortForwardingRules": {},
        "listLoadBalancerRules": {},
        "listLoadBalancerRuleInstances": {"id": balancer, "lbvmips": "true"},
        "listSecurityGroups": {},
        "listEvents": {},
        "listVirtualMachinesMetrics": {},
        "listVirtualMachinesUsageHistory": {},
    }
    for command, params in filters.items():
        assert not unknown_fields(command, alice(command, **params)), command


def test_domains_are_for_administrators(alice: Caller, admin: Caller) -> None:
    assert alice("listDomains")["errorcode"] == 432
    assert not unknown_fields("listDomains", admin("listDomains"))


def test_address_is_taken_and_released_once(alice: Caller, vm: str) -> None:
    network = alice("listNetworks", keyword="demo-mgmt")["network"][0]["id"]
    taken = alice("associateIpAddress", networkid=network)
    record = alice.wait(taken["jobid"])
    assert record["jobresult"]["ipaddress"]["state"] == "Allocating"
    assert alice("listPublicIpAddresses", id=taken["id"])["publicipaddress"][0]["state"] == "Allocated"
    assert alice.job("disassociateIpAddress", id=taken["id"])["jobstatus"] == 1
    assert alice("disassociateIpAddress", id=taken["id"])["errorcode"] == 530


def test_a_vm_in_a_project_belongs_to_the_project(alice: Caller) -> None:
    project = alice("listProjects")["project"][0]["id"]
    zone = alice.order("p")["zoneid"]
    offering = alice("listNetworkOfferings", name="DefaultL2NetworkOffering")["networkoffering"][0]["id"]
    made = alice("createNetwork", name="pn", zoneid=zone, networkofferingid=offering, projectid=project)
    order = alice.order("pvm") | {"networkids": made["network"]["id"], "projectid": project}
    vm = alice.job("deployVirtualMachine", **order)["jobresult"]["virtualmachine"]
    assert "account" not in vm
    assert vm["projectid"] == project
    assert alice("listVirtualMachines", id=vm["id"]) == {}
    assert alice("listVirtualMachines", id=vm["id"], projectid=project)["count"] == 1
