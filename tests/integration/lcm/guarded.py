"""A zone with security groups, and a VNF that has rules for all its connection points."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.stage import Stage
from vnfm.sandbox.packages.catalogue import pack, read_sample

#: The load balancer with security rules, in up to four instances.
GUARDED = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b10a1"
LATER = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b10a2"
_LOAD_BALANCER = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1001"
_POLICIES = """
    - aspects:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            size: { name: size, description: More, max_scale_level: 3, step_deltas: [ one ] }
    - initial:
        type: tosca.policies.nfv.VduInitialDelta
        targets: [ haproxy ]
        properties: { initial_delta: { number_of_instances: 1 } }
    - deltas:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        targets: [ haproxy ]
        properties: { aspect: size, deltas: { one: { number_of_instances: 1 } } }
    - clients:
        type: tosca.policies.nfv.SecurityGroupRule
        targets: [ lb_ext ]
        properties: { protocol: tcp, port_range_min: 443, port_range_max: 443 }
    - ping:
        type: tosca.policies.nfv.SecurityGroupRule
        targets: [ lb_ext ]
        properties: { ether_type: ipv6, protocol: icmp }
    - names:
        type: tosca.policies.nfv.SecurityGroupRule
        targets: [ lb_ext ]
        properties: { direction: egress, protocol: udp, port_range_min: 53, port_range_max: 53 }
"""
#: What they come to: egress or not, protocol, ports or ICMP's type and code, CIDR.
RULES = [
    [False, "tcp", [443, 443], "0.0.0.0/0"],
    [False, "icmp", [-1, -1], "::/0"],
    [True, "udp", [53, 53], "0.0.0.0/0"],
]
WORLD: dict[str, Any] = {
    "zones": [{"name": "guarded", "securitygroups": True, "vlans": [1000, 1099]}],
    "hosts": [{"name": "g1", "zone": "guarded", "cpunumber": 64, "cpuspeed": 8000, "memory": 2**38}],
    "templates": [{"name": "guarded-image", "zone": "guarded"}],
    "networks": [
        {
            "name": name,
            "account": "admin",
            "zone": "guarded",
            "offering": offering,
            "cidr": f"10.{number}.0.0/24",
            "startip": f"10.{number}.0.10",
            "endip": f"10.{number}.0.99",
            "vlan": number,
        }
        for name, number, offering in (
            ("flat", 91, "DefaultSharedNetworkOfferingWithSGService"),
            ("open", 92, "DefaultSharedNetworkOffering"),
        )
    ],
}


def package(later: str = "") -> bytes:
    """The VNF package; ``later``: another version of it, whose only VDU is called so and is none of the first
    one's."""
    files = read_sample("haproxy-lb")
    main = "Definitions/haproxy_lb.yaml"
    vnfd_id = (LATER if later else GUARDED).encode()
    files = {path: data.replace(_LOAD_BALANCER.encode(), vnfd_id) for path, data in files.items()}
    text = files[main].decode().replace("max_number_of_instances: 1", "max_number_of_instances: 4")
    text = text.rstrip("\n") + _POLICIES
    if later:
        for place in ("    {}:\n      type", "virtual_binding: {}\n", "targets: [ {} ]\n"):
            assert place.format("haproxy") in text
            text = text.replace(place.format("haproxy"), place.format(later))
    return pack({**files, main: text.encode()})


def prepare(stage: Stage) -> None:
    """Make the zone, and have the NFVO place VNFs there."""
    stage.door("seed", WORLD)
    stage.remember()
    image = next(one["id"] for one in stage.world()["templates"] if one["name"] == "guarded-image")
    grants = stage.nfvo.nfvo.grants
    grants.policy = dataclasses.replace(grants.policy, zone="guarded", images={"*": image})


def request(stage: Stage, network: str = "flat") -> dict[str, Any]:
    """An InstantiateVnfRequest on one of the zone's networks."""
    found = next(one["id"] for one in stage.world()["networks"] if one["name"] == network)
    link = {"id": "vl", "resourceId": found, "extCps": [{"cpdId": "lb_ext", "cpConfig": {}}]}
    return {"flavourId": "simple", "extVirtualLinks": [link]}


def groups(stage: Stage) -> list[dict[str, Any]]:
    """The security groups there are, but for the accounts' default ones."""
    return [row for row in stage.world()["securitygroups"] if row["name"] != "default"]
