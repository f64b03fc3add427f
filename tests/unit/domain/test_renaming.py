"""Component mappings: what of the old VNFD is what of the new, in record, inventory and flavour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import make_flavour, make_vnfd
from vnfm.domain.outside import DeploymentError
from vnfm.domain.renaming import Renaming, find_way
from vnfm.domain.vnfd import ComponentMapping, Flavour, PackageChange, PackageSelector, Vnfd

OLD = make_flavour()
NAMES = {
    "vdu": {"fw": "wall"},
    "cp": {"fw_in": "wall_in", "fw_out": "wall_out"},
    "virtual_link": {"int": "inner"},
    "virtual_storage": {"logs": "journal"},
    "scaling_aspect": {"size": "width"},
}
INFO: dict[str, Any] = {
    "scaleStatus": [{"aspectId": "size", "scaleLevel": 1}],
    "vnfcResourceInfo": [
        {
            "vduId": "fw",
            "vnfcCpInfo": [{"id": "fw", "cpdId": "fw_in"}],
            "metadata": {"vnfcKey": "fw-1"},
        },
        {"vduId": "mgr", "metadata": {"vnfcKey": "mgr-0"}},
    ],
    "extCpInfo": [{"id": "e", "cpdId": "fw_out"}],
    "extVirtualLinkInfo": [
        {"id": "int", "currentVnfExtCpData": [{"cpdId": "fw_out", "cpConfig": {"fw": {}}}]}
    ],
    "vnfVirtualLinkResourceInfo": [{"vnfVirtualLinkDescId": "int"}],
    "virtualStorageResourceInfo": [{"virtualStorageDescId": "logs"}],
}
INVENTORY = [
    {"kind": "SERVER", "id": "1", "target": "fw-1"},
    {"kind": "VOLUME", "id": "2", "target": "fw-1/logs"},
    {"kind": "NETWORK", "id": "3", "target": "int"},
    {"kind": "AFFINITY_GROUP", "id": "4", "target": "apart"},
]


def test_the_record_goes_by_the_new_names_and_back() -> None:
    renaming = Renaming(NAMES)
    info = renaming.record(INFO)
    assert info["scaleStatus"] == [{"aspectId": "width", "scaleLevel": 1}]
    first, second = info["vnfcResourceInfo"]
    assert (first["vduId"], first["metadata"]["vnfcKey"]) == ("wall", "wall-1")
    assert first["vnfcCpInfo"] == [{"id": "fw", "cpdId": "wall_in"}]
    assert second == INFO["vnfcResourceInfo"][1]
    assert info["extVirtualLinkInfo"][0]["id"] == "int"
    assert info["extVirtualLinkInfo"][0]["currentVnfExtCpData"] == [
        {"cpdId": "wall_out", "cpConfig": {"fw": {}}}
    ]
    assert info["vnfVirtualLinkResourceInfo"] == [{"vnfVirtualLinkDescId": "inner"}]
    assert info["virtualStorageResourceInfo"] == [{"virtualStorageDescId": "journal"}]
    assert renaming.reversed().record(info) == INFO


def test_the_inventory_goes_by_the_new_names_and_back() -> None:
    renaming = Renaming(NAMES)
    found = renaming.resources(INVENTORY)
    assert [item["target"] for item in found] == ["wall-1", "wall-1/journal", "inner", "apart"]
    assert renaming.reversed().resources(found) == INVENTORY


def test_the_flavour_goes_by_the_new_names() -> None:
    found = Renaming(NAMES).flavour(OLD)
    wall = found.vdus["wall"]
    assert (wall.id, set(found.vdus)) == ("wall", {"wall", "mgr"})
    assert {(cp.id, cp.vdu, cp.virtual_link, cp.external_cpd) for cp in wall.connection_points} == {
        ("wall_in", "wall", "inner", None),
        ("wall_out", "wall", None, "wall_out"),
    }
    assert found.vdus["mgr"].storages == ("journal",)
    assert found.storages["journal"].id == "journal"
    assert found.virtual_links["inner"].id == "inner"
    assert found.affinity_rules[0].targets == ("wall",)


def next_vnfd(flavour: Flavour, *mappings: ComponentMapping) -> Vnfd:
    selector = PackageSelector("d1", "d2", "pair")
    change = PackageChange("step", (selector,), "up", flavour.id, mappings)
    return replace(make_vnfd(flavour), id="d2", package_changes=(change,))


def mapping(kind: str, source: str, destination: str) -> ComponentMapping:
    return ComponentMapping(kind, source, destination)


def test_a_declared_way_names_flavour_and_components() -> None:
    new = replace(Renaming(NAMES).flavour(OLD), id="double")
    pairs = [mapping(kind, *pair) for kind in ("vdu", "cp", "virtual_link") for pair in NAMES[kind].items()]
    found = find_way(make_vnfd(OLD), next_vnfd(new, *pairs, mapping("instantiation_level", "a", "b")), OLD)
    assert found.flavour is new
    assert found.renaming.of("vdu", "fw") == "wall"
    assert found.renaming.of("vdu", "mgr") == "mgr"


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([mapping("vdu", "gone", "fw")], "the vdu 'gone', which is not in flavour pair of the present"),
        ([mapping("cp", "fw_in", "nowhere")], "the cp 'nowhere', which is not in flavour pair of the new"),
        ([mapping("vdu", "fw", "mgr")], "makes one vdu, 'mgr', of several"),
    ],
    ids=["source", "destination", "two of one"],
)
def test_a_mapping_that_cannot_be_meant(pairs: list[ComponentMapping], named: str) -> None:
    with pytest.raises(DeploymentError, match=named):
        find_way(make_vnfd(OLD), next_vnfd(OLD, *pairs), OLD)


def test_two_components_may_swap_names() -> None:
    both = [mapping("vdu", "fw", "mgr"), mapping("vdu", "mgr", "fw")]
    renaming = find_way(make_vnfd(OLD), next_vnfd(OLD, *both), OLD).renaming
    assert renaming.reversed().record(renaming.record(INFO)) == INFO


def test_no_way_at_all_is_declared() -> None:
    found = find_way(make_vnfd(OLD), replace(make_vnfd(OLD), id="d2"), OLD)
    assert (found.flavour, found.renaming, found.change) == (OLD, Renaming(), None)


def test_a_way_to_the_old_vnfd_forbids_none_away_from_it() -> None:
    after = replace(make_vnfd(OLD), id="d3")
    assert find_way(next_vnfd(OLD), after, OLD).change is None
    with pytest.raises(DeploymentError, match="no package change leads from VNFD d1"):
        find_way(replace(next_vnfd(OLD), id="d1"), after, OLD)


def test_another_way_is_declared() -> None:
    other = replace(OLD, id="other")
    with pytest.raises(DeploymentError, match="no package change leads from VNFD d1, flavour other"):
        find_way(make_vnfd(other), next_vnfd(OLD), other)
