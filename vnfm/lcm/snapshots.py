"""CREATE_SNAPSHOT and REVERT_TO_SNAPSHOT (SOL003 vnflcm v2): the VIM's snapshots of all VNFCs at one time.

How they are taken is additionalParams.mode:

* ``stop`` (default) – all VNFCs are stopped, then taken without memory, then started again. Consistent across
  VNFCs. Where the VIM has no snapshots of a server, its disks are taken one by one (additionalParams.fallback
  ``none`` forbids it): at rest they are as good.
* ``memory`` – those that run are taken with their memory while they run; consistent within each VNFC only.
* ``quiesce`` – they run on, without memory, and the guests are asked to flush their disks first.
* ``volumes`` – all are stopped, and their disks taken one by one; NICs and disks can be changed afterwards.

CloudStack takes a running server back only to a snapshot with memory, a stopped one only to one without, and
a disk only while its server is stopped: the VNFCs are started or stopped for it, and afterwards are as they
were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import Vnfd

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 2

MODES = ("stop", "memory", "quiesce", "volumes")
FALLBACKS = ("volumes", "none")
#: The disk that a VNFC boots from, in the place of a storage's name; no name in a VNFD begins so.
ROOT = "@root"


def mode_of(params: Mapping[str, Any]) -> str:
    """How the snapshots are to be taken; DeploymentError if there is no such way."""
    return _policy(params, "mode", MODES, MODES[0])


def may_fall_back(params: Mapping[str, Any]) -> bool:
    """Whether disks may be taken where the VIM refuses a snapshot of their server; DeploymentError if that is
    asked for while the VNFCs run, because disks taken one after the other would not fit together."""
    at_rest = mode_of(params) == "stop"
    chosen = _policy(params, "fallback", FALLBACKS, "volumes" if at_rest else "none")
    if chosen == "volumes" and not at_rest:
        raise DeploymentError("additionalParams.fallback: 'volumes' is for the mode 'stop' only")
    return chosen == "volumes"


def _policy(params: Mapping[str, Any], name: str, known: tuple[str, ...], default: str) -> str:
    chosen = (params.get("additionalParams") or {}).get(name, default)
    if chosen not in known:
        raise DeploymentError(f"additionalParams.{name}: {chosen!r} is not one of {', '.join(known)}")
    return str(chosen)


def disks(vnfc: StandingVnfc) -> list[str]:
    """Its disks by name: the root disk, and the data disks by storage."""
    return [ROOT, *sorted(vnfc.volumes)]


def plan_create(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """The steps of a CreateVnfSnapshotRequest; all are stopped before the first is taken."""
    mode, falls_back = mode_of(params), may_fall_back(params)
    vnfcs = standing.vnfcs(instance)
    stopped = vnfcs if mode in {"stop", "volumes"} else []
    whole = vnfcs if mode != "volumes" else []
    by_disk = vnfcs if mode == "volumes" or falls_back else []
    return [
        *_begin(),
        *(StepEntry("quiet_vnfc", vnfc.key, 2) for vnfc in stopped),
        *(StepEntry("take_snapshot", vnfc.key, 3) for vnfc in whole),
        *(StepEntry("take_disk", f"{vnfc.key}/{disk}", 4) for vnfc in by_disk for disk in disks(vnfc)),
        *(StepEntry("wake_vnfc", vnfc.key, 5) for vnfc in stopped),
        StepEntry("finalise_create_snapshot", "", 6),
    ]


def plan_revert(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """The steps of a RevertToVnfSnapshotRequest; all are in the state that it needs before the first goes."""
    keys = [vnfc.key for vnfc in standing.vnfcs(instance)]
    return [
        *_begin(),
        *(StepEntry("quiet_vnfc", key, 2) for key in keys),
        *(StepEntry("revert_vnfc", key, 3) for key in keys),
        *(StepEntry("wake_vnfc", key, 4) for key in keys),
        StepEntry("finalise_revert", "", 5),
    ]


def _begin() -> list[StepEntry]:
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        StepEntry("check_snapshot", "", 1),
    ]
