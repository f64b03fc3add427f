"""OPERATE (SOL003 5.4.10): start or stop the VNFCs of a VNF, VDU by VDU; stopping goes the other way round.

All of them, or those that ``additionalParams.vnfcInstanceIds`` names (SOL002: ``vnfcInstanceId``).

Each step looks before it acts, so a VNF that is in the requested state already is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import OperationsConfiguration, Vnfd

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan(operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]) -> list[StepEntry]:
    """The steps for an OperateVnfRequest; DeploymentError names what does not fit."""
    check_request(params, standing.flavour_of(instance, vnfd).operations)
    wanted = params["changeStateTo"]
    step = "start_vnfc" if wanted == "STARTED" else "halt_vnfc"
    chosen = standing.named(instance, params)
    vnfcs = standing.vnfcs(instance) if chosen is None else chosen
    vdus = sorted({vnfc.vdu for vnfc in vnfcs}, reverse=wanted == "STOPPED")
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        *(StepEntry(step, vnfc.key, 1 + vdus.index(vnfc.vdu)) for vnfc in vnfcs),
        StepEntry("finalise_operate", wanted, 1 + len(vdus)),
    ]


def check_request(params: Mapping[str, Any], rules: OperationsConfiguration) -> None:
    """What of an OperateVnfRequest goes together, and the VNFD's least time for a graceful stop."""
    stop_type, timeout = params.get("stopType"), params.get("gracefulStopTimeout")
    if params["changeStateTo"] == "STARTED" and (stop_type is not None or timeout is not None):
        raise DeploymentError("stopType, gracefulStopTimeout: only with changeStateTo STOPPED")
    if timeout is None:
        return
    if stop_type != "GRACEFUL":
        raise DeploymentError("gracefulStopTimeout: only with stopType GRACEFUL")
    least = rules.min_graceful_stop_timeout or 0
    if timeout < least:
        raise DeploymentError(f"gracefulStopTimeout: {timeout} s; the VNFD wants at least {least:g} s")
