"""The sample packages: what each offers, stated once more by hand."""

from __future__ import annotations

import hashlib
import json

import pytest

from vnfm.domain.vnfd import Attribute, VnfProfile
from vnfm.sandbox.packages import build_sample, list_samples
from vnfm.vnfd import read_package
from vnfm.vnfd.document import from_document, to_document

MIB = 2**20
NEXT = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1011"
#: What each asks for and does not get; the others get everything.
NOT_DONE = {
    "edge-firewall": ["operators", "tunnels", "fw_outside", "fw_inside"],
    "edge-firewall-next": ["operators", "tunnels", "fw_outside", "fw_inside"],
    "vrrp-pair": ["clients_come_in"],
    "web-tier": ["'web_load'", "'queue_length'"],
}
#: layout; flavour to: VDU to (image, version, MiB, NICs as id>link, volumes); links; level to VNFCs; default.
EXPECTED = {
    "haproxy-lb": (
        "tosca-metadata",
        {
            "simple": (
                {"haproxy": ("haproxy-lb", "2.8", 512, ["lb_ext>"], [])},
                {},
                {"default": {"haproxy": 1}},
                "default",
            ),
        },
    ),
    "haproxy-lb-next": (
        "tosca-metadata",
        {
            "simple": (
                {"haproxy": ("haproxy-lb", "2.9", 512, ["lb_ext>"], [])},
                {},
                {"default": {"haproxy": 1}},
                "default",
            ),
        },
    ),
    "vrrp-pair": (
        "root-template",
        {
            "pair": (
                {"gateway": ("gateway", "1.0", 512, ["gw_out>", "gw_in>inner"], [])},
                {"inner": ("10.20.0.0/24", True)},
                {"two": {"gateway": 2}},
                "two",
            ),
        },
    ),
    "vyos-router": (
        "root-template",
        {
            "simple": (
                {"router": ("vyos-router", "1.4", 1024, ["mgmt>", "ext_left>", "ext_right>"], [])},
                {},
                {"default": {"router": 1}},
                "default",
            ),
        },
    ),
    "edge-firewall": (
        "tosca-metadata",
        {
            "pair": (
                {
                    "firewall": (
                        "edge-firewall",
                        "3.1",
                        512,
                        ["fw_outside>", "fw_inside>", "firewall_int>internal_vl"],
                        [],
                    ),
                    "fw_manager": (
                        "fw-manager",
                        "3.1",
                        1024,
                        ["fw_mgmt>", "manager_int>internal_vl"],
                        ["fw_logs"],
                    ),
                },
                {"internal_vl": ("10.10.10.0/24", True)},
                {"default": {"firewall": 2, "fw_manager": 1}},
                "default",
            ),
        },
    ),
    "edge-firewall-next": (
        "tosca-metadata",
        {
            "pair": (
                {
                    "packet_filter": (
                        "edge-firewall",
                        "4.0",
                        512,
                        [
                            "fw_outside>",
                            "fw_inside>",
                            "filter_ctl>control_vl",
                            "filter_sync>sync_vl",
                        ],
                        ["filter_state"],
                    ),
                    "fw_manager": (
                        "fw-manager",
                        "3.1",
                        1024,
                        ["fw_mgmt>", "manager_ctl>control_vl"],
                        ["manager_logs"],
                    ),
                },
                {"control_vl": ("10.10.10.0/24", True), "sync_vl": ("10.10.20.0/24", True)},
                {"default": {"packet_filter": 2, "fw_manager": 1}},
                "default",
            ),
        },
    ),
    "web-tier": (
        "tosca-metadata",
        {
            flavour: (
                {
                    "web": ("web-tier", "1.0", memory, ["web_ext>", "web_int>backend_vl"], []),
                    "worker": ("web-tier", "1.0", 512, ["worker_int>backend_vl"], []),
                },
                {"backend_vl": ("10.20.0.0/24", True)},
                {
                    "small": {"web": 1, "worker": 1},
                    "medium": {"web": 3, "worker": 2},
                    "large": {"web": most, "worker": 4},
                },
                "small",
            )
            for flavour, memory, most in (("basic", 512, 5), ("premium", 1024, 7))
        },
    ),
}


def test_the_list_is_complete() -> None:
    assert list_samples() == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_what_it_says(name: str) -> None:
    layout, flavours = EXPECTED[name]
    package = read_package(build_sample(name))
    product = name.removesuffix("-next")
    assert (package.layout, package.vnfd.product_name) == (layout, product)
    assert package.metadata["vnf_product_name"] == product
    assert package.metadata.get("vnfd_id", package.vnfd.id) == package.vnfd.id
    for note, word in zip(package.notes, NOT_DONE.get(name, []), strict=True):
        assert word in note
    found = {}
    for flavour in package.vnfd.flavours.values():
        vdus = {}
        for vdu in flavour.vdus.values():
            assert vdu.image is not None
            points = [f"{cp.id}>{cp.virtual_link or ''}" for cp in vdu.connection_points]
            vdus[vdu.id] = (vdu.image.name, vdu.image.version, vdu.memory // MIB, points, list(vdu.storages))
            assert vdu.cpus == 1
            assert (vdu.user_data or "").startswith("#cloud-config\n")
        links = {link.id: (link.cidr, link.dhcp) for link in flavour.virtual_links.values()}
        levels = {level.id: level.vnfcs for level in flavour.levels.values()}
        found[flavour.id] = (vdus, links, levels, flavour.default_level)
    assert found == flavours


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_always_the_same_and_every_file_is_vouched_for(name: str) -> None:
    assert hashlib.sha256(build_sample(name)).digest() == hashlib.sha256(build_sample(name)).digest()
    package = read_package(build_sample(name))
    assert all(artifact.hash for artifact in package.artifacts)
    assert {"ChangeLog.txt", "Licenses/LICENSE.txt"} <= {artifact.path for artifact in package.artifacts}


def test_scaling_of_the_web_tier() -> None:
    flavours = read_package(build_sample("web-tier")).vnfd.flavours
    steps = {
        name: [step["web"] for step in flavour.aspects["web_aspect"].steps]
        for name, flavour in flavours.items()
    }
    assert steps == {"basic": [1, 1, 1, 1], "premium": [1, 1, 2, 2]}
    assert flavours["basic"].aspects["worker_aspect"].max_level == 3
    assert flavours["basic"].levels["medium"].scale_levels == {"web_aspect": 2, "worker_aspect": 1}
    (rule,) = flavours["premium"].affinity_rules
    assert (rule.anti, rule.scope, rule.targets) == (False, "zone", ("web", "worker"))


def test_the_firewall_uses_inputs_properties_and_nested_types() -> None:
    vnfd = read_package(build_sample("edge-firewall")).vnfd
    flavour = vnfd.flavours["pair"]
    assert vnfd.extensions == {"default_action": "drop", "log_retention_days": 14}
    assert flavour.storages["fw_logs"].size == 10 * 2**30
    assert flavour.vdus["fw_manager"].connection_points[1].fixed_addresses == ("10.10.10.5",)
    assert "peers = 10.10.10.0/24\\nlogs" in (flavour.vdus["fw_manager"].user_data or "")
    (rule,) = flavour.affinity_rules
    assert (rule.anti, rule.scope, rule.targets) == (True, "nfvi_node", ("firewall",))


def test_what_the_firewall_lets_pass_and_how_long_it_takes_to_stop() -> None:
    flavour = read_package(build_sample("edge-firewall")).vnfd.flavours["pair"]
    rules = [
        (rule.id, rule.targets, rule.direction, rule.protocol, rule.port_min, rule.port_max)
        for rule in flavour.security_rules
    ]
    assert rules == [
        ("operators", ("fw_mgmt",), "ingress", "tcp", 443, 443),
        ("tunnels", ("fw_outside",), "ingress", "udp", 4500, 4500),
        ("names", ("fw_outside", "fw_inside"), "egress", "udp", 53, 53),
    ]
    assert flavour.operations.min_graceful_stop_timeout == 10
    assert flavour.operations.max_recommended_graceful_stop_timeout == 90
    assert not flavour.operations.supports("scale")


def test_what_the_web_tier_says_of_its_operations_and_indicators() -> None:
    for flavour in read_package(build_sample("web-tier")).vnfd.flavours.values():
        operations = flavour.operations
        assert operations.configured == ("scale", "scale_to_level", "heal", "terminate")
        assert operations.unsupported == ()
        assert operations.scaling_by_more_than_one_step_supported
        assert operations.arbitrary_target_levels_supported
        assert operations.heal_causes == ("unreachable", "out_of_memory")
        assert operations.max_recommended_graceful_termination_timeout == 120
        assert {name: item.source for name, item in flavour.indicators.items()} == {
            "web_load": "vnf",
            "queue_length": "both_vnf_and_em",
        }
        assert set(flavour.indicators["web_load"].triggers) == {"too_busy", "too_idle"}
        assert flavour.profile == VnfProfile(1, 3, "small")


def test_the_newer_load_balancer_can_follow_the_older_one() -> None:
    older = read_package(build_sample("haproxy-lb")).vnfd
    newer = read_package(build_sample("haproxy-lb-next")).vnfd
    assert (newer.id, newer.product_name, newer.software_version) == (NEXT, older.product_name, "2.9")
    (change,) = newer.package_changes
    assert change.applies(older.id, newer.id, "simple")
    assert not change.applies(newer.id, older.id, "simple")
    assert (change.qualifier, change.destination_flavour_id) == ("up", "simple")
    assert change.renamed("vdu") == {"haproxy": "haproxy"}
    assert change.renamed("virtual_storage") == {}
    assert Attribute("http3", "boolean", default=False) in newer.extension_attributes


def test_an_unknown_sample_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        build_sample("../haproxy-lb")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_vnfd_survives_the_database(name: str) -> None:
    vnfd = read_package(build_sample(name)).vnfd
    stored = json.loads(json.dumps(to_document(vnfd)))
    assert from_document({**stored, "_id": "something of the store"}) == vnfd


def test_a_document_of_an_older_version_is_still_read() -> None:
    vnfd = read_package(build_sample("haproxy-lb")).vnfd
    stored = to_document(vnfd)
    del stored["package_changes"], stored["flavours"]["simple"]["operations"]
    del stored["extensions"], stored["flavours"]["simple"]["vdus"]["haproxy"]["user_data"]
    older = from_document(stored)
    assert (older.extensions, older.package_changes) == ({}, ())
    assert older.flavours["simple"].operations.supports("heal")
    assert older.flavours["simple"].vdus["haproxy"].user_data is None
