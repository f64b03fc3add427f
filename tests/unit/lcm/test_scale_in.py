"""Which VNFCs a scale-in takes: those that are named, else the youngest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import make_flavour, make_vnfd
from tests.unit.lcm.stand import standing
from vnfm.domain.outside import DeploymentError
from vnfm.domain.scaling import ScalingError
from vnfm.lcm import scale

PAIR = make_flavour(initial_vnfcs={"fw": 2})
VNFD = make_vnfd(replace(PAIR, vdus={"fw": replace(PAIR.vdus["fw"], max_instances=4)}))
#: In the order in which they joined: index 1 was given again last.
ORDER = (0, 2, 3, 1)


def removals(named: Any = None, steps: int = 1, kind: str = "SCALE_IN") -> list[str]:
    params: dict[str, Any] = {"type": kind, "aspectId": "size", "numberOfSteps": steps}
    if named is not None:
        params["additionalParams"] = {"vnfcInstanceIds": named}
    present = ORDER if kind == "SCALE_IN" else ORDER[:2]
    entries = scale.plan_scale("op", standing(present), VNFD, params)
    return [entry.target for entry in entries if entry.name == "remove"]


@pytest.mark.parametrize(
    ("named", "steps", "gone"),
    [
        (None, 1, ["SERVER/vm-1"]),
        (None, 2, ["SERVER/vm-1", "SERVER/vm-3"]),
        (["vnfc-0"], 1, ["SERVER/vm-0"]),
        (["vnfc-2"], 2, ["SERVER/vm-2", "SERVER/vm-1"]),
        (["vnfc-1"], 2, ["SERVER/vm-1", "SERVER/vm-3"]),
        (["vnfc-3", "vnfc-0"], 2, ["SERVER/vm-0", "SERVER/vm-3"]),
    ],
)
def test_who_goes(named: Any, steps: int, gone: list[str]) -> None:
    assert removals(named, steps) == gone


@pytest.mark.parametrize(
    ("named", "kind", "refused", "says"),
    [
        (["vnfc-9"], "SCALE_IN", DeploymentError, "vnfc-9 is no VNFC of this VNF; it has: vnfc-0"),
        ("vnfc-1", "SCALE_IN", DeploymentError, "a list of ids"),
        ([], "SCALE_IN", DeploymentError, "a list of ids"),
        (["vnfc-0", "vnfc-1"], "SCALE_IN", ScalingError, r"vnfc-1 \(fw-1\): this request takes 1 VNFCs of"),
        (["vnfc-0"], "SCALE_OUT", ScalingError, r"vnfc-0 \(fw-0\): this request takes 0 VNFCs of VDU 'fw'"),
    ],
)
def test_who_cannot_go(named: Any, kind: str, refused: type[Exception], says: str) -> None:
    with pytest.raises(refused, match=says):
        removals(named, kind=kind)
