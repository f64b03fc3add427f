"""What lives look like outside: no more than the types of each dialect have, and every id leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.integration.lcm.play import grant_request
from tests.integration.lcm.play import play as run
from tests.stage import (
    FIREWALL,
    FIREWALL_NEXT,
    LOAD_BALANCER,
    LOAD_BALANCER_NEXT,
    WEB_TIER,
    Stage,
    WorkerPool,
)
from tests.unit.wire.makeup import faults
from vnfm.domain.operation import Operation, OperationState
from vnfm.wire.dialect import DIALECTS, SOL003_V2
from vnfm.wire.screen import VERBATIM

BASE = "https://vnfm.example"
VRRP = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1005"
Node = Mapping[str, Any]
_OUT = {"type": "SCALE_OUT", "numberOfSteps": 1}
#: Sample, and what is done with it until it is terminated.
LIVES: Mapping[str, tuple[str, list[tuple[str, dict[str, Any]]]]] = {
    "firewall": (FIREWALL, [("HEAL", {"cause": "x"}), ("CHANGE_VNFPKG", {"vnfdId": FIREWALL_NEXT})]),
    "web tier": (
        WEB_TIER,
        [
            ("SCALE", {**_OUT, "aspectId": "web_aspect"}),
            ("CHANGE_FLAVOUR", {"newFlavourId": "premium"}),
            ("MODIFY_INFO", {"vnfInstanceName": "other", "metadata": {"a": "b"}}),
        ],
    ),
    "load balancer": (
        LOAD_BALANCER,
        [("CHANGE_VNFPKG", {"vnfdId": LOAD_BALANCER_NEXT}), ("OPERATE", {"changeStateTo": "STOPPED"})],
    ),
    "vrrp pair": (VRRP, [("SCALE", {**_OUT, "aspectId": "size"})]),
}


def inside(value: Any, name: str) -> Iterator[Any]:
    """Every value that an attribute of that name has, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == name:
                yield item
            yield from inside(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from inside(item, name)


def empties(value: Any, path: str = "") -> Iterator[str]:
    """Where there is null or an empty array or object; what people wrote may have them."""
    if value is None or value in ([], {}):
        yield path
    for key, item in value.items() if isinstance(value, Mapping) else ():
        if key not in {*VERBATIM, "operationParams"}:
            yield from empties(item, f"{path}/{key}")
    for item in value if isinstance(value, list) else ():
        yield from empties(item, f"{path}[]")


def ids(items: Any, key: str = "id") -> set[str]:
    return {item[key] for item in items or []}


def loose(instance: Node) -> dict[str, set[str]]:
    """Ids in an instance that nothing in it has, by the attribute that refers."""
    info = instance["instantiatedVnfInfo"]
    cps = ids(item for row in inside(info, "vnfcCpInfo") for item in row)
    ext_cps, vips = ids(info.get("extCpInfo")), ids(info.get("vipCpInfo"), "cpInstanceId")
    leads = {
        "storageResourceIds": ids(info.get("virtualStorageResourceInfo")),
        "vnfExtCpId": ext_cps,
        "associatedVnfcCpId": cps,
        "associatedVnfcCpIds": cps,
        "associatedVipCpId": vips,
        "cpInstanceId": cps | ext_cps | vips,
        "extLinkPortId": ids(item for row in inside(info, "extLinkPorts") for item in row),
        "vnfLinkPortId": ids(item for row in inside(info, "vnfLinkPorts") for item in row),
        "vimConnectionId": set(instance["vimConnectionInfo"]),
    }
    said = {name: list(inside(info, name)) for name in leads}
    flat = {n: {x for one in v for x in (one if isinstance(one, list) else [one])} for n, v in said.items()}
    return {name: flat[name] - leads[name] for name in leads if flat[name] - leads[name]}


#: Where what an operation affected is in the record of the instance.
_SECTIONS = {
    "affectedVnfcs": ("vnfcResourceInfo",),
    "affectedVirtualLinks": ("vnfVirtualLinkResourceInfo", "extManagedVirtualLinkInfo"),
    "affectedVirtualStorages": ("virtualStorageResourceInfo",),
}


def check_affected(instance: Node, occurrence: Node, granted: set[str]) -> None:
    """What was added or modified is there, what was removed is not; and each is somewhere."""
    info = instance.get("instantiatedVnfInfo", {})
    for name, sections in _SECTIONS.items():
        there = {item["id"]: item for section in sections for item in info.get(section, ())}
        for entry in occurrence.get("resourceChanges", {}).get(name, ()):
            assert (entry["id"] in there) is (entry["changeType"] != "REMOVED") or "PORT" in entry[
                "changeType"
            ]
            assert entry["zoneId"] == there.get(entry["id"], entry)["zoneId"]
            assert entry.get("resourceDefinitionId") in {None, *granted}
            if entry["changeType"] == "ADDED":
                assert "resourceDefinitionId" in entry


def check(stage: Stage, operation: Operation) -> None:
    """One operation that has come to its end, and its instance, in every dialect."""
    assert operation.state is OperationState.COMPLETED, operation.error
    instance = stage.instance(operation.vnf_instance_id)
    for dialect in DIALECTS.values():
        file = "-".join(["sol002" if "sol002" in dialect.path else "sol003", *dialect.path.split("/")[-2:]])
        seen = {"VnfInstance": dialect.instance(instance, BASE)}
        if operation.type not in dialect.hidden:
            seen["VnfLcmOpOcc"] = dialect.operation(operation, BASE)
        for name, document in seen.items():
            assert faults(f"{file}.yaml", name, document) == []
            assert list(empties(document)) == []
    whole, told = SOL003_V2.instance(instance, BASE), SOL003_V2.operation(operation, BASE)
    assert ("instantiatedVnfInfo" in whole) is (whole["instantiationState"] == "INSTANTIATED")
    if "instantiatedVnfInfo" in whole:
        assert loose(whole) == {}
    asked = grant_request(stage, operation) if operation.grant_id else {}
    names = ("addResources", "updateResources", "removeResources")
    check_affected(whole, told, {one["id"] for name in names for one in asked.get(name, ())})


@pytest.mark.parametrize("life", LIVES)
def test_a_life_as_it_is_told(stage: Stage, pool: WorkerPool, life: str) -> None:
    vnfd_id, acts = LIVES[life]
    stage.door("settings", {"sandbox.addresses": "first"})
    if vnfd_id == VRRP:
        cps: list[Any] = [{"cpdId": cpd, "cpConfig": {}} for cpd in ("gw_out", "vip_out")]
        link = {"id": "vl-out", "resourceId": stage.networks["outside"], "extCps": cps}
        request: dict[str, Any] = {"flavourId": "pair", "extVirtualLinks": [link]}
    else:
        request = stage.request(vnfd_id)
    instance_id = stage.create(vnfd_id).id
    check(stage, run(stage, pool, instance_id, "INSTANTIATE", **request))
    for kind, body in [*acts, ("TERMINATE", {"terminationType": "FORCEFUL"})]:
        check(stage, run(stage, pool, instance_id, kind, **body))
    assert not any(stage.ours(stage.world()).values())
