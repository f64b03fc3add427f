"""Security groups as the adapter asks for them; parameters are checked by the 4.22 catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.vim.api import ZONE, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import Failed, Finished, GroupRule, Kind, Outcome, Resource, Started, Trace

NETWORK = {"id": "n-1", "name": "flat", "service": [{"name": "Dhcp"}, {"name": "SecurityGroup"}]}
WEB = GroupRule(False, "tcp", 443, 443, "0.0.0.0/0")
PING = GroupRule(True, "icmp", None, None, "::/0")
ROW = {
    "id": "g-1",
    "name": "web",
    "ingressrule": [
        {"ruleid": "r-1", "protocol": "tcp", "startport": 443, "endport": 443, "cidr": "0.0.0.0/0"}
    ],
    "egressrule": [
        {"ruleid": "r-2", "protocol": "icmp", "icmptype": -1, "icmpcode": -1, "cidr": "::/0"},
        {"ruleid": "r-3", "protocol": "all", "cidr": "0.0.0.0/0"},
    ],
}


def guarded() -> FakeApi:
    return ready().on("listZones", listing("zone", {**ZONE, "securitygroupsenabled": True}))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (NETWORK, None),
        ({**NETWORK, "service": [{"name": "Dhcp"}]}, "the network 'flat' has no security groups"),
        (None, "the network 'n-1' has no security groups"),
    ],
)
def test_a_network_in_a_zone_that_has_them(row: dict[str, Any] | None, why: str | None) -> None:
    api = guarded().on("listNetworks", listing("network", *([row] if row else [])))
    assert api.connect().why_unguarded(["n-1"]) == why


def test_a_zone_without_them() -> None:
    assert ready().connect().why_unguarded(["n-1"]) == "the zone 'Sandbox' has no security groups"


def test_a_group_is_made_at_once() -> None:
    api = guarded().on("createSecurityGroup", {"securitygroup": ROW})
    assert api.connect().create_security_group("web", "VNF fw") == Finished("g-1")
    assert api.sent("createSecurityGroup") == {"name": "web", "description": "VNF fw"}


def test_only_a_group_of_just_that_name_is_found() -> None:
    rows = listing("securitygroup", {"id": "g-0", "name": "web2"}, ROW)
    assert guarded().on("listSecurityGroups", rows).connect().find(Trace(Kind.SECURITY_GROUP, "web")) == [
        "g-1"
    ]


@pytest.mark.parametrize(
    ("rule", "command", "sent"),
    [
        (
            WEB,
            "authorizeSecurityGroupIngress",
            {"protocol": "tcp", "startport": "443", "endport": "443", "cidrlist": "0.0.0.0/0"},
        ),
        (
            PING,
            "authorizeSecurityGroupEgress",
            {"protocol": "icmp", "icmptype": "-1", "icmpcode": "-1", "cidrlist": "::/0"},
        ),
        (
            GroupRule(True, "all", None, None, "0.0.0.0/0"),
            "authorizeSecurityGroupEgress",
            {"protocol": "all", "cidrlist": "0.0.0.0/0"},
        ),
    ],
)
def test_a_rule_is_a_job(rule: GroupRule, command: str, sent: dict[str, str]) -> None:
    api = guarded().on(command, {"jobid": "j"})
    assert api.connect().permit("g-1", rule) == Started(f"{command} j g-1", "g-1")
    assert api.sent(command) == {"securitygroupid": "g-1", **sent}


def test_what_the_group_lacks() -> None:
    api = guarded().on("listSecurityGroups", listing("securitygroup", ROW))
    other = GroupRule(True, "tcp", 443, 443, "0.0.0.0/0")
    everything = GroupRule(True, "all", None, None, "0.0.0.0/0")
    assert api.connect().find_missing("g-1", [WEB, other, PING, everything]) == [other]


def test_a_group_that_is_not_to_be_seen() -> None:
    with pytest.raises(Permanent, match="no security group g-1"):
        guarded().on("listSecurityGroups", {}).connect().find_missing("g-1", [WEB])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"success": "true"}, Finished("g-1")),
        (Refusal(431, "Unable to execute; entity does not exist"), Finished("g-1")),
        (
            Refusal(536, "in use"),
            Failed(536, "in use", "deleteSecurityGroup", explanation="the object is in use"),
        ),
    ],
)
def test_it_goes_when_no_server_is_its_member(answer: Any, outcome: Outcome) -> None:
    api = guarded().on("deleteSecurityGroup", answer)
    assert api.connect().remove(Resource(Kind.SECURITY_GROUP, "g-1")) == outcome
