"""CREATE_SNAPSHOT and REVERT_TO_SNAPSHOT (SOL003 vnflcm v2): the VIM's snapshots of all VNFCs at one time.

How they are taken is additionalParams.mode:

* ``stop`` (default) – all VNFCs are stopped, then taken without memory, then started again. Consistent across
  VNFCs, and the only way that every hypervisor knows.
* ``memory`` – those that run are taken with their memory while they run; consistent within each VNFC only.
* ``quiesce`` – they run on, without memory, and the guests are asked to flush their disks first.

CloudStack takes a running server back only to a snapshot with memory, a stopped one only to one without: the
VNFCs are started or stopped for it, and afterwards are as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import DeploymentError
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.vnfd import Vnfd

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1

MODES = ("stop", "memory", "quiesce")


def mode_of(params: Mapping[str, Any]) -> str:
    """How the snapshots are to be taken; DeploymentError if there is no such way."""
    mode = (params.get("additionalParams") or {}).get("mode", MODES[0])
    if mode not in MODES:
        raise DeploymentError(f"additionalParams.mode: {mode!r} is not one of {', '.join(MODES)}")
    return str(mode)


def plan_create(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """The steps of a CreateVnfSnapshotRequest; all are stopped before the first is taken."""
    keys = [vnfc.key for vnfc in standing.vnfcs(instance)]
    stopped = keys if mode_of(params) == "stop" else []
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        StepEntry("check_snapshot", "", 1),
        *(StepEntry("quiet_vnfc", key, 2) for key in stopped),
        *(StepEntry("take_snapshot", key, 3) for key in keys),
        *(StepEntry("wake_vnfc", key, 4) for key in stopped),
        StepEntry("finalise_create_snapshot", "", 5),
    ]


def plan_revert(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """The steps of a RevertToVnfSnapshotRequest; all are in the state that it needs before the first goes."""
    keys = [vnfc.key for vnfc in standing.vnfcs(instance)]
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        StepEntry("check_snapshot", "", 1),
        *(StepEntry("quiet_vnfc", key, 2) for key in keys),
        *(StepEntry("revert_vnfc", key, 3) for key in keys),
        *(StepEntry("wake_vnfc", key, 4) for key in keys),
        StepEntry("finalise_revert", "", 5),
    ]
