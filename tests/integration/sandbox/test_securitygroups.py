"""Security groups of the emulator: in a zone that has them, and in one that has not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox.client import Caller

SEED = {
    "zones": [{"name": "guarded", "securitygroups": True, "vlans": [1000, 1099]}],
    "hosts": [{"name": "g1", "zone": "guarded", "cpunumber": 64, "cpuspeed": 8000, "memory": 274877906944}],
    "networks": [
        {
            "name": name,
            "account": "admin",
            "zone": "guarded",
            "offering": "DefaultSharedNetworkOfferingWithSGService",
            "cidr": f"10.{number}.0.0/24",
            "startip": f"10.{number}.0.10",
            "endip": f"10.{number}.0.99",
            "vlan": number,
        }
        for name, number in (("flat", 91), ("flat2", 92))
    ],
}


@pytest.fixture
def guarded(alice: Caller) -> Caller:
    alice.door("seed", **SEED)
    return alice


def order(caller: Caller, name: str, *networks: str, **more: object) -> dict[str, object]:
    """A deploy in the guarded zone."""
    zones = {zone["name"]: zone for zone in caller("listZones")["zone"]}
    assert zones["guarded"]["securitygroupsenabled"] is True
    assert zones["Sandbox-simulator"]["securitygroupsenabled"] is False
    ids = [caller("listNetworks", keyword=one)["network"][-1]["id"] for one in networks]
    place = {"zoneid": zones["guarded"]["id"], "networkids": ",".join(ids)}
    return {**caller.order(name), **place, **more}


def make(caller: Caller, name: str) -> str:
    return str(caller("createSecurityGroup", name=name)["securitygroup"]["id"])


def members(caller: Caller, group: str) -> Any:
    return caller("listSecurityGroups", id=group)["securitygroup"][0]["virtualmachineids"]


def test_a_server_is_a_member_until_it_is_expunged(guarded: Caller, admin: Caller) -> None:
    group = make(guarded, "web")
    vm = guarded.job("deployVirtualMachine", **order(guarded, "v", "flat", securitygroupids=group))
    vm_id = vm["jobresult"]["virtualmachine"]["id"]
    assert vm["jobresult"]["virtualmachine"]["securitygroup"] == [{"id": group, "name": "web"}]
    assert members(guarded, group) == [vm_id]
    refused = guarded("deleteSecurityGroup", id=group)
    assert (refused["errorcode"], refused["errortext"][:19]) == (536, "Cannot delete group")
    guarded.job("destroyVirtualMachine", id=vm_id)
    assert guarded("deleteSecurityGroup", id=group)["errorcode"] == 536, "Destroyed is not gone"
    admin.job("expungeVirtualMachine", id=vm_id)
    assert guarded("deleteSecurityGroup", id=group) == {"success": "true"}
    assert guarded("deleteSecurityGroup", id=group)["errorcode"] == 431


def test_without_a_wish_it_is_the_default_group(guarded: Caller) -> None:
    vm = guarded.job("deployVirtualMachine", **order(guarded, "v", "flat"))["jobresult"]["virtualmachine"]
    assert [group["name"] for group in vm["securitygroup"]] == ["default"]


@pytest.mark.parametrize(
    ("networks", "text"),
    [
        (("flat", "flat2"), "Only support one network per VM"),
        (("demo-shared",), "doesn't belong to zone"),
    ],
)
def test_networks_that_do_not_do(guarded: Caller, networks: tuple[str, ...], text: str) -> None:
    group = make(guarded, "web")
    asked = order(guarded, "v", *networks, securitygroupids=group)
    refused = guarded("deployVirtualMachine", **asked)
    assert refused["errorcode"] == 431
    assert text in refused["errortext"]


def test_a_network_without_the_service(guarded: Caller) -> None:
    zone = order(guarded, "v", "flat")["zoneid"]
    offering = guarded("listNetworkOfferings", name="DefaultL2NetworkOffering")["networkoffering"][0]["id"]
    made = guarded("createNetwork", name="plain", zoneid=zone, networkofferingid=offering)["network"]["id"]
    asked = order(guarded, "v", "flat") | {"networkids": made}
    refused = guarded("deployVirtualMachine", **asked, securitygroupids=make(guarded, "web"))
    assert "Network is not security group enabled" in refused["errortext"]
    vm = guarded.job("deployVirtualMachine", **asked)["jobresult"]["virtualmachine"]
    assert vm["securitygroup"] == []


def test_a_zone_without_them(alice: Caller) -> None:
    group = make(alice, "web")
    refused = alice("deployVirtualMachine", **alice.order("v"), securitygroupids=group)
    assert "not enabled per zone" in refused["errortext"]


def test_names_are_unique_and_default_is_reserved(alice: Caller) -> None:
    make(alice, "web")
    assert alice("createSecurityGroup", name="web")["errorcode"] == 431
    groups = {row["name"]: row["id"] for row in alice("listSecurityGroups")["securitygroup"]}
    assert "reserved" in alice("deleteSecurityGroup", id=groups["default"])["errortext"]
    assert list(groups) == ["default", "web"]
    assert [row["name"] for row in alice("listSecurityGroups", keyword="we")["securitygroup"]] == ["web"]


def test_a_rule_is_there_once_and_can_be_revoked(alice: Caller) -> None:
    group = make(alice, "web")
    rule = {"securitygroupid": group, "protocol": "TCP", "startport": 443, "endport": 443}
    made = alice.job("authorizeSecurityGroupIngress", **rule, cidrlist="0.0.0.0/0")
    (shown,) = made["jobresult"]["securitygroup"]["ingressrule"]
    assert (shown["protocol"], shown["startport"], shown["endport"], shown["cidr"]) == (
        "tcp",
        443,
        443,
        "0.0.0.0/0",
    )
    again = alice.job("authorizeSecurityGroupIngress", **rule, cidrlist="0.0.0.0/0")
    assert again["jobresult"]["errortext"] == "Failed to authorize security group ingress rule(s)"
    assert alice.job("authorizeSecurityGroupEgress", **rule, cidrlist="::/0")["jobstatus"] == 1
    (row,) = alice("listSecurityGroups", id=group)["securitygroup"]
    assert [len(row[kind]) for kind in ("ingressrule", "egressrule")] == [1, 1]
    assert alice("revokeSecurityGroupEgress", id=shown["ruleid"])["errorcode"] == 431
    alice.job("revokeSecurityGroupIngress", id=shown["ruleid"])
    assert alice("listSecurityGroups", id=group)["securitygroup"][0]["ingressrule"] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"protocol": "tcp", "startport": 1, "endport": 2}, "At least one cidr"),
        ({"protocol": "tcp", "cidrlist": "0.0.0.0/0"}, "Invalid port range"),
        ({"protocol": "tcp", "startport": 9, "endport": 2, "cidrlist": "0.0.0.0/0"}, "Invalid port range"),
        ({"protocol": "icmp", "cidrlist": "0.0.0.0/0"}, "Invalid ICMP type/code"),
        ({"protocol": "all", "startport": 1, "cidrlist": "0.0.0.0/0"}, "Cannot specify startPort"),
        ({"protocol": "sctp", "cidrlist": "0.0.0.0/0"}, "Invalid protocol sctp"),
        ({"protocol": "all", "cidrlist": "here"}, "Invalid cidr here"),
    ],
)
def test_rules_that_are_refused(alice: Caller, rule: dict[str, object], text: str) -> None:
    refused = alice("authorizeSecurityGroupIngress", securitygroupid=make(alice, "web"), **rule)
    assert refused["errorcode"] == 431
    assert text in refused["errortext"]
