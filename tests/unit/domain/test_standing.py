"""What is read from a record: keys that are free, NICs that are there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lcm.stand import info
from tests.unit.lcm.stand import standing as stand
from vnfm.domain import standing


@pytest.mark.parametrize(
    ("numbers", "more", "keys"),
    [
        ((0, 1), [], ["fw-2", "fw-3"]),
        ((0, 2), [], ["fw-1", "fw-3"]),
        ((0, 1), [{"kind": "SERVER", "id": "half", "target": "fw-2"}], ["fw-3", "fw-4"]),
        ((0, 1), [{"kind": "VOLUME", "id": "half", "target": "fw-2/logs"}], ["fw-3", "fw-4"]),
        ((0, 1), [{"kind": "VOLUME_SNAPSHOT", "id": "s", "target": "fw-2/logs"}], ["fw-2", "fw-3"]),
        ((0, 1), [{"kind": "UNSEEN", "id": "SERVER//it", "target": "fw-2"}], ["fw-3", "fw-4"]),
        ((0, 1), [{"kind": "UNSEEN", "id": "NETWORK//it", "target": "fw-2"}], ["fw-2", "fw-3"]),
        ((0, 1), [{"kind": "SERVER", "id": "m", "target": "fw-mgr-2"}], ["fw-2", "fw-3"]),
    ],
)
def test_who_joins_gets_the_lowest_free_indexes(numbers: Any, more: Any, keys: list[str]) -> None:
    instance = stand(numbers)
    instance.resources = [*instance.resources, *more]
    assert standing.next_keys(instance, "fw", 2) == keys


def test_a_cp_that_is_disconnected_has_no_nic() -> None:
    record = info()
    record["extVirtualLinkInfo"] = []
    for cp in record["extCpInfo"]:
        del cp["extLinkPortId"]
    instance = stand(instantiated_vnf_info=record)
    assert standing.unplugged(instance) == {"fw_out"}
    nics = standing.cps(instance, standing.vnfc(instance, "fw-0"))
    assert [nic.info["id"] for nic in nics] == ["in-0"]
    assert standing.unplugged(stand()) == set()


@pytest.mark.parametrize("section", ["vnfcResourceInfo", "vnfVirtualLinkResourceInfo"])
def test_the_vim_is_known_as_long_as_anything_is_there(section: str) -> None:
    record = {section: info()[section]}
    assert standing.connections(stand(instantiated_vnf_info=record)) == {"cloud"}
