"""HEAL (SOL003 5.4.9): a ladder of reboot, rebuild in place, and re-creation; VNFC after VNFC.

Which rung a VNFC needs is found out by ``diagnose_vnfc`` before the grant is asked for; the steps of the
rungs not taken do nothing (``skipped``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import OperationsConfiguration, Vnfd
from vnfm.lcm import reservations
from vnfm.lcm.steps.repair import asked_action

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1

#: What additionalParams.action may say, and the rungs whose steps are then planned.
LADDER: Mapping[str, tuple[str, ...]] = {
    "reboot": ("reboot",),
    "rebuild": ("rebuild",),
    "recreate": ("recreate",),
    "auto": ("reboot", "recreate"),
}
#: Stages between one VNFC and the next.
_STRIDE = 6


def plan(operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]) -> list[StepEntry]:
    """The steps for a HealVnfRequest; DeploymentError names what does not fit."""
    _check_cause(params.get("cause"), standing.flavour_of(instance, vnfd).operations)
    rungs = LADDER[_action(params)]
    chosen = standing.named(instance, params)
    vnfcs = standing.vnfcs(instance) if chosen is None else chosen
    remaking = sorted({vnfc.vdu for vnfc in vnfcs}) if "recreate" in rungs else []
    steps = [
        *(StepEntry("diagnose_vnfc", vnfc.key, -3) for vnfc in vnfcs),
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        *(StepEntry("choose_compute", vdu, 1) for vdu in remaking),
    ]
    stage = 2
    for vnfc in vnfcs:
        for rung in rungs:
            steps += _rung(rung, vnfc, stage)
        if "recreate" in rungs:
            steps += reservations.again(instance, vnfc.key, stage + 4)
        if standing.vnfc_state(instance, vnfc.id) == "STOPPED":
            steps.append(StepEntry("halt_vnfc", vnfc.key, stage + _STRIDE - 1))
        stage += _STRIDE
    return [*steps, StepEntry("finalise_heal", "", stage)]


def _rung(rung: str, vnfc: StandingVnfc, stage: int) -> list[StepEntry]:
    if rung != "recreate":
        return [StepEntry(f"{rung}_vnfc", vnfc.key, stage)]
    disks = [f"{vnfc.key}/{storage}" for storage in sorted(vnfc.volumes)]
    return [
        *(StepEntry("detach_volume", disk, stage + 1) for disk in disks),
        StepEntry("remove_body", vnfc.key, stage + 2),
        StepEntry("recreate_vnfc", vnfc.key, stage + 3),
        *(StepEntry("reattach_volume", disk, stage + 4) for disk in disks),
    ]


def _action(params: Mapping[str, Any]) -> str:
    action = asked_action(params)
    if action not in LADDER:
        known = ", ".join(LADDER)
        raise DeploymentError(f"additionalParams.action: {action!r} is not one of {known}")
    return action


def _check_cause(cause: str | None, rules: OperationsConfiguration) -> None:
    if cause is not None and rules.heal_causes and cause not in rules.heal_causes:
        known = ", ".join(rules.heal_causes)
        raise DeploymentError(f"cause: {cause!r} is none the VNFD knows; it has: {known}")
