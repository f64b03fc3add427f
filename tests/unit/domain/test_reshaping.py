"""What becomes of a standing VNF when its description changes: a table of differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import IMAGE, LOGS, cp, make_flavour
from tests.unit.lcm.test_operate_heal import standing
from vnfm.domain import reshaping
from vnfm.domain.deployment import DeploymentError
from vnfm.domain.vnfd import Flavour

NUMBERS = {"fw": 2, "mgr": 1}
OLD = make_flavour(initial_vnfcs=NUMBERS)
AT = {"size": 0}


def with_manager(**changes: Any) -> Flavour:
    manager = replace(OLD.vdus["mgr"], **changes)
    return replace(OLD, id="next", vdus={**OLD.vdus, "mgr": manager})


def with_logs(size: int) -> Flavour:
    return replace(OLD, id="next", storages={**OLD.storages, "logs": replace(LOGS, size=size)})


def keys(found: Any) -> list[str]:
    return [item if isinstance(item, str) else item.key for item in found]


@pytest.mark.parametrize(
    ("new", "levels", "field", "wanted"),
    [
        (OLD, {"size": 1}, "added", ["fw-2"]),
        (with_manager(memory=2**31), AT, "resized", ["mgr-0"]),
        (with_manager(image=replace(IMAGE, version="2.0")), AT, "upgraded", ["mgr-0"]),
        (with_manager(image=replace(IMAGE, path="elsewhere")), AT, "upgraded", []),
        (with_logs(20 * 2**30), AT, "grown", ["mgr-0/logs"]),
    ],
    ids=["more", "larger", "image", "same image", "disk"],
)
def test_what_changes(new: Flavour, levels: dict[str, int], field: str, wanted: list[str]) -> None:
    roomy = replace(new, vdus={k: replace(v, max_instances=9) for k, v in new.vdus.items()})
    assert keys(getattr(reshaping.compare(standing(), OLD, roomy, levels, NUMBERS), field)) == wanted


def test_vdus_that_no_aspect_scales_follow_the_level() -> None:
    roomy = replace(OLD, vdus={k: replace(v, max_instances=9) for k, v in OLD.vdus.items()})
    found = reshaping.compare(standing(), OLD, roomy, AT, {"fw": 7, "mgr": 3, "gone": 1})
    assert found.added == ["mgr-1", "mgr-2"]


@pytest.mark.parametrize(
    ("new", "named"),
    [
        (with_manager(connection_points=(cp("other", "mgr", 0, "int"),)), "other connection points"),
        (with_manager(storages=()), "other data disks"),
        (with_logs(2**30), "'logs' would shrink"),
    ],
    ids=["legs", "disks", "shrink"],
)
def test_what_cannot_change_under_a_vnfc_that_stays(new: Flavour, named: str) -> None:
    roomy = replace(new, vdus={k: replace(v, max_instances=9) for k, v in new.vdus.items()})
    with pytest.raises(DeploymentError, match=named):
        reshaping.compare(standing(), OLD, roomy, AT, NUMBERS)
