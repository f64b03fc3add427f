"""What becomes of a standing VNF when its description changes: a table of differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import BOOT, IMAGE, LOGS, cp, make_flavour
from tests.unit.lcm.test_operate_heal import standing
from vnfm.domain import reshaping
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import AffinityRule, Flavour

NUMBERS = {"fw": 2, "mgr": 1}
OLD = make_flavour(initial_vnfcs=NUMBERS)
AT = {"size": 0}


def with_manager(**changes: Any) -> Flavour:
    manager = replace(OLD.vdus["mgr"], **changes)
    return replace(OLD, id="next", vdus={**OLD.vdus, "mgr": manager})


def with_logs(size: int) -> Flavour:
    return replace(OLD, id="next", storages={**OLD.storages, "logs": replace(LOGS, size=size)})


def with_boot(size: int) -> Flavour:
    return replace(OLD, id="next", storages={**OLD.storages, "boot": replace(BOOT, size=size)})


def grouped() -> Instance:
    """The VNF that stands, with the group of its firewalls."""
    found = standing()
    group = {"kind": "AFFINITY_GROUP", "id": "g-apart", "target": "apart"}
    return replace(found, resources=[*found.resources, group])


APART = OLD.affinity_rules[0]
JOINED = replace(APART, targets=("fw", "mgr"))
ALONE = AffinityRule("alone", True, "nfvi_node", ("mgr",))


def with_rules(*rules: AffinityRule) -> Flavour:
    """With these rules; one that is left out is gone, except that ``apart`` stays beside ``alone``."""
    kept = (APART,) if ALONE in rules else ()
    return replace(OLD, id="next", affinity_rules=(*kept, *rules))


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
        (with_manager(connection_points=(cp("mgr_in", "mgr", 5, "int"),)), AT, "replugged", []),
        (with_manager(connection_points=(cp("mgr_in", "mgr", 0, "other"),)), AT, "replugged", ["mgr-0"]),
        (with_manager(connection_points=(cp("mgr_in", "mgr", 0),)), AT, "replugged", ["mgr-0"]),
        (with_manager(storages=("logs", "more")), AT, "new_disks", ["mgr-0/more"]),
        (with_manager(storages=("logs", "boot")), AT, "new_disks", []),
        (with_manager(storages=()), AT, "dropped_disks", ["disk"]),
        (with_boot(3 * 2**30), AT, "deepened", ["fw-0", "fw-1"]),
        (with_rules(JOINED), AT, "regrouped", ["mgr-0"]),
        (with_rules(JOINED), AT, "new_groups", []),
        (with_rules(ALONE), AT, "regrouped", ["mgr-0"]),
        (with_rules(ALONE), AT, "new_groups", ["alone"]),
        (with_rules(), AT, "regrouped", []),
        (with_rules(), AT, "dropped_groups", ["g-apart"]),
    ],
)
def test_what_changes(new: Flavour, levels: dict[str, int], field: str, wanted: list[str]) -> None:
    more = {**new.storages, "more": replace(LOGS, id="more")}
    vdus = {k: replace(v, max_instances=9) for k, v in new.vdus.items()}
    roomy = replace(new, vdus=vdus, storages=more)
    assert keys(getattr(reshaping.compare(grouped(), OLD, roomy, levels, NUMBERS), field)) == wanted


def test_vdus_that_no_aspect_scales_follow_the_level() -> None:
    roomy = replace(OLD, vdus={k: replace(v, max_instances=9) for k, v in OLD.vdus.items()})
    found = reshaping.compare(grouped(), OLD, roomy, AT, {"fw": 7, "mgr": 3, "gone": 1})
    assert found.added == ["mgr-1", "mgr-2"]


@pytest.mark.parametrize(
    ("new", "named"),
    [
        (with_logs(2**30), "'logs' of VDU 'mgr' would shrink"),
        (with_boot(2**30), "root disk of VDU 'fw' would shrink"),
        (with_rules(replace(APART, anti=False)), "'apart' would turn"),
    ],
    ids=["disk", "root disk", "rule"],
)
def test_what_cannot_change_under_a_vnfc_that_stays(new: Flavour, named: str) -> None:
    roomy = replace(new, vdus={k: replace(v, max_instances=9) for k, v in new.vdus.items()})
    with pytest.raises(DeploymentError, match=named):
        reshaping.compare(grouped(), OLD, roomy, AT, NUMBERS)
