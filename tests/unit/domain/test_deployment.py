"""What a request comes to: every VNFC, NIC, disk, link and group, with its name and id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import cp, fixed, make_flavour, make_vnfd, outside, with_points
from vnfm.domain.deployment import Deployment, lay_out, pick_flavour, pick_level
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import AffinityRule, Vnfd


def plan(
    request: dict[str, Any], vnfd: Vnfd | None = None, op: str = "op-1", final: bool = True
) -> Deployment:
    return lay_out(op, vnfd or make_vnfd(), request, "edge", final=final)


def everything(deployment: Deployment) -> list[str]:
    """Every id and name made up."""
    found = [item for group in deployment.groups for item in (group.name,)]
    for link in deployment.links:
        found += [link.id, link.name]
    for vnfc in deployment.vnfcs:
        found += [vnfc.id, vnfc.name, vnfc.custom_id(0), vnfc.custom_id(1)]
        found += [item for disk in vnfc.storages for item in (disk.id, disk.name)]
        found += [item for point in vnfc.cps for item in (point.id, point.link_port_id)]
        found += [point.ext_cp_id for point in vnfc.cps if point.ext_cp_id]
    return found


def test_the_whole_of_it() -> None:
    whole = plan(outside({}))
    assert [vnfc.key for vnfc in whole.vnfcs] == ["fw-0", "fw-1", "mgr-0"]
    assert [[point.cpd.id for point in vnfc.cps] for vnfc in whole.vnfcs] == [
        ["fw_out", "fw_in"],
        ["fw_out", "fw_in"],
        ["mgr_in"],
    ], "NICs come in the order of the VNFD's `order`, whatever stands first"
    assert whole.vnfc("fw-0").cps[0].network == ("external", "vl-1")
    assert whole.vnfc("fw-0").cps[1].network == ("internal", "int")
    assert [disk.key for vnfc in whole.vnfcs for disk in vnfc.storages] == ["mgr-0/logs"], "no boot disk"
    assert whole.link("int").managed is None
    assert [(group.key, group.anti, list(group.members)) for group in whole.groups] == [
        ("apart", True, ["fw-0", "fw-1"])
    ], "only rules about hosts become groups"


def test_names_and_ids_are_the_same_for_an_operation_and_differ_between_operations() -> None:
    first, again, other = (everything(plan(outside({}), op=op)) for op in ("op-1", "op-1", "op-2"))
    assert first == again
    assert len(set(first)) == len(first)
    assert set(first).isdisjoint(other)


def test_flavours() -> None:
    assert pick_flavour(make_vnfd(), "pair").id == "pair"
    with pytest.raises(DeploymentError, match="flavourId: 'big' is not in VNFD d1; it has: pair"):
        plan({"flavourId": "big"})


@pytest.mark.parametrize(
    ("changes", "asked", "chosen"),
    [
        ({}, None, "small"),
        ({}, "large", "large"),
        ({"default_level": None}, "large", "large"),
        ({"default_level": None, "levels": {"only": make_flavour().levels["small"]}}, None, "small"),
    ],
)
def test_levels(changes: dict[str, Any], asked: str | None, chosen: str) -> None:
    assert pick_level(make_flavour(**changes), asked).id == chosen


@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({}, "huge", "'huge' is not in flavour pair; it has: large, small"),
        ({"default_level": None}, None, "must be given: there is no default in flavour pair; it has: large"),
        ({"default_level": None, "levels": {}}, None, "it has: none"),
        ({"default_level": "lost"}, None, "'lost' is not in flavour pair"),
    ],
)
def test_wrong_levels(changes: dict[str, Any], asked: str | None, reason: str) -> None:
    with pytest.raises(DeploymentError, match=f"instantiationLevelId: .*{reason}"):
        pick_level(make_flavour(**changes), asked)


def test_a_level_says_how_many() -> None:
    whole = plan({**outside({}), "instantiationLevelId": "large"})
    assert [vnfc.key for vnfc in whole.vnfcs] == ["fw-0", "fw-1", "fw-2", "fw-3", "mgr-0"]


def test_an_unknown_cpd_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        DeploymentError, match=r"extVirtualLinks\[0\].extCps.cpdId: 'nowhere' .* it has: fw_out"
    ):
        plan(outside({}, cpd="nowhere"))
    with pytest.raises(DeploymentError, match="'fw_in' is no external CP"):
        plan(outside({}, cpd="fw_in"))


def test_an_external_cp_left_open_waits_for_the_grant_and_no_longer() -> None:
    early = plan({"flavourId": "pair"}, final=False)
    assert early.vnfc("fw-0").cps[0].network == ("external", "")
    with pytest.raises(DeploymentError, match="external CP 'fw_out' of VDU 'fw' is left unconnected"):
        plan({"flavourId": "pair"})
    ids = [point.id for point in plan(outside({})).vnfc("fw-0").cps]
    assert [point.id for point in early.vnfc("fw-0").cps] == ids, "the grant changes networks, not ids"


@pytest.mark.parametrize("count", [0, 1])
def test_one_configuration_or_none_serves_all_instances(count: int) -> None:
    whole = plan(outside(*[{}] * count))
    configs = [vnfc.cps[0].config_id for vnfc in whole.vnfcs[:2]]
    assert configs == (["cfg-0", "cfg-0"] if count else ["fw_out-0", "fw_out-1"])


def test_fixed_addresses_go_to_one_instance_each() -> None:
    whole = plan(outside(fixed("192.0.2.1"), fixed("192.0.2.2", "02:00:00:00:00:02")))
    points = [vnfc.cps[0] for vnfc in whole.vnfcs[:2]]
    assert [(p.config_id, p.address, p.mac_address) for p in points] == [
        ("cfg-0", "192.0.2.1", None),
        ("cfg-1", "192.0.2.2", "02:00:00:00:00:02"),
    ]


@pytest.mark.parametrize("config", [fixed("192.0.2.1"), fixed(mac="02:00:00:00:00:01")])
def test_a_fixed_address_is_not_given_to_two(config: dict[str, Any]) -> None:
    with pytest.raises(
        DeploymentError, match=r"'fw_out' needs a configuration for each .* instance 1 has none"
    ):
        plan(outside(config))


def test_addresses_of_the_vnfd_go_by_instance_and_a_mac_to_the_first() -> None:
    inside = cp("fw_in", "fw", 1, "int", fixed_addresses=("10.0.0.7",), mac_address="02:00:00:00:00:07")
    flavour = with_points(make_flavour(), "fw", cp("fw_out", "fw", 0), inside)
    whole = plan(outside({}), make_vnfd(flavour))
    points = [vnfc.cps[1] for vnfc in whole.vnfcs[:2]]
    assert [(p.address, p.mac_address) for p in points] == [("10.0.0.7", "02:00:00:00:00:07"), (None, None)]
    assert [vnfc.has_fixed_address for vnfc in whole.vnfcs] == [True, False, True]


def test_an_address_of_the_request_goes_before_the_vnfds() -> None:
    point = cp("fw_out", "fw", 0, fixed_addresses=("192.0.2.7", "192.0.2.8"))
    flavour = with_points(make_flavour(), "fw", point)
    whole = plan(outside(fixed("192.0.2.1"), {}), make_vnfd(flavour))
    assert [vnfc.cps[0].address for vnfc in whole.vnfcs[:2]] == ["192.0.2.1", "192.0.2.8"]


def test_an_internal_cp_shown_outside_is_on_the_internal_link_and_has_an_external_id() -> None:
    flavour = with_points(make_flavour(), "mgr", cp("mgr_in", "mgr", 0, "int", external_cpd="mgmt"))
    (point,) = plan(outside({}), make_vnfd(flavour)).vnfc("mgr-0").cps
    assert point.network == ("internal", "int")
    assert point.ext_cp_id is not None


def test_a_managed_link_is_taken_as_it_is() -> None:
    given = {"id": "m-1", "vnfVirtualLinkDescId": "int", "resourceId": "net-9"}
    assert plan({**outside({}), "extManagedVirtualLinks": [given]}).link("int").managed == given
    wrong = {**given, "vnfVirtualLinkDescId": "ext"}
    with pytest.raises(
        DeploymentError, match=r"extManagedVirtualLinks\[0\].*'ext' is no virtual link .*: int"
    ):
        plan({**outside({}), "extManagedVirtualLinks": [wrong]})


def test_a_rule_over_several_vdus_holds_all_their_vnfcs_and_a_rule_on_links_none() -> None:
    rules = (
        AffinityRule("near", False, "NFVI_NODE", ("fw", "mgr")),
        AffinityRule("links", True, "nfvi_node", ("int",)),
    )
    whole = plan(outside({}), make_vnfd(replace(make_flavour(), affinity_rules=rules)))
    assert [(group.key, group.anti, list(group.members)) for group in whole.groups] == [
        ("near", False, ["fw-0", "fw-1", "mgr-0"])
    ]


def test_a_new_generation_is_another_id() -> None:
    vnfc = plan(outside({})).vnfc("fw-0")
    assert vnfc.custom_id(0) != vnfc.custom_id(1)
