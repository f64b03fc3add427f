"""What an operation leaves when it is given up, from journals by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import make_flavour, make_vnfd
from tests.unit.lcm.stand import context, done, journal, standing
from vnfm.domain.operation import OperationType, StepEntry, StepState
from vnfm.lcm import aftermath

NICS = [
    {"id": "nic-o", "networkId": "net-1", "macAddress": "02:00:00:00:01:00", "address": None},
    {"id": "nic-i", "networkId": "net-int", "macAddress": "02:00:00:00:01:01", "address": None},
]
VNFD = make_vnfd(make_flavour(initial_vnfcs={"fw": 2}))


def given_up(*steps: StepEntry, numbers: tuple[int, ...] = (0, 1), **changes: Any) -> Any:
    plain: dict[str, Any] = {"type": OperationType.SCALE, "params": {}}
    ctx = context(journal(done("check_plan"), *steps, **{**plain, **changes}), standing(numbers))
    ctx.source_vnfd = VNFD
    ctx.vnfd = replace(VNFD, id=ctx.op.params.get("vnfdId", "d1"))
    return aftermath.given_up(ctx)


def vnfcs(left: Any) -> list[str]:
    infos = left["instantiated_vnf_info"]["vnfcResourceInfo"]
    return [item["computeResource"]["resourceId"] for item in infos]


def level(left: Any) -> int:
    (status,) = left["instantiated_vnf_info"]["scaleStatus"]
    return int(status["scaleLevel"])


def inventory(left: Any) -> list[str]:
    return [f"{item['kind']}/{item['id']}" for item in left["resources"]]


JOINED = (done("check_vim", zone_id="z"), done("deploy_vnfc", "fw-2", 3, id="vm-2", nics=NICS))
HALF = StepEntry("deploy_vnfc", "fw-3", 3, state=StepState.FAILED, memo={"id": "vm-3"})


def test_who_is_whole_has_joined_and_who_is_not_is_in_the_inventory_only() -> None:
    left = given_up(*JOINED, HALF)
    assert vnfcs(left) == ["vm-0", "vm-1", "vm-2"]
    assert level(left) == 1
    assert inventory(left) == [f"SERVER/vm-{n}" for n in range(4)]
    (link,) = left["instantiated_vnf_info"]["extVirtualLinkInfo"]
    assert [port["resourceHandle"]["resourceId"] for port in link["extLinkPorts"]][2:] == ["nic-o"]


def test_what_a_failed_rollback_has_taken_back_is_not_there() -> None:
    undone = [StepEntry("deploy_vnfc", "fw-2", 0, state=StepState.DONE)]
    left = given_up(*JOINED, HALF, undo=undone)
    assert (vnfcs(left), level(left)) == (["vm-0", "vm-1"], 0)
    assert inventory(left) == ["SERVER/vm-0", "SERVER/vm-1", "SERVER/vm-3"]


@pytest.mark.parametrize(("purged", "kept"), [({"gone": True}, False), ({"left": "awaits its purge"}, True)])
def test_who_is_gone_has_left_and_what_lingers_is_in_the_inventory(purged: Any, kept: bool) -> None:
    left = given_up(
        done("remove", "SERVER/vm-2", 6, **purged),
        StepEntry("remove", "SERVER/vm-1", 6, state=StepState.FAILED),
        numbers=(0, 1, 2),
    )
    assert (vnfcs(left), level(left)) == (["vm-0", "vm-1"], 0)
    assert ("SERVER/vm-2" in inventory(left)) is kept


def test_a_network_that_is_gone_has_left_too() -> None:
    left = given_up(done("remove", "NETWORK/net-int", 6), type=OperationType.CHANGE_FLAVOUR)
    assert "vnfVirtualLinkResourceInfo" not in left["instantiated_vnf_info"]


def test_a_vnfc_with_the_next_image_says_whose_it_is() -> None:
    upgraded = done("upgrade_vnfc", "fw-1", 6, id="vm-1")
    left = given_up(upgraded, type=OperationType.CHANGE_VNFPKG, params={"vnfdId": "d2"})
    infos = left["instantiated_vnf_info"]["vnfcResourceInfo"]
    assert [item["vnfdId"] for item in infos] == ["d1", "d2"]
