"""CHANGE_EXT_CONN (SOL003 5.4.11): VNFCs are re-plugged one after the other, each until it is as wanted.

What the request leaves out stays as it is. Everything is checked before the first NIC is touched, and the
record follows VNFC by VNFC, so that it is right whenever the operation stops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing, wiring
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.vnfd import Vnfd

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan(operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]) -> list[StepEntry]:
    """The steps; DeploymentError names CP, configuration or link that does not fit."""
    flavour = standing.flavour_of(instance, vnfd)
    asked = wiring.rewire(operation_id, instance, flavour, params["extVirtualLinks"])
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        StepEntry("check_wiring", "", 1),
        *(StepEntry("rewire_vnfc", key, 2) for key in asked.touched),
        StepEntry("finalise_ext_conn", "", 3),
    ]
