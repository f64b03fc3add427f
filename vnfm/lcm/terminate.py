"""TERMINATE (SOL003 5.4.8): all the instance has made goes, in the order in which the VIM lets it go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.standing import UNSEEN
from vnfm.domain.vnfd import OperationsConfiguration
from vnfm.vim.port import Kind

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1

#: Servers first: they hold the rest. A network goes when nothing is left on it.
_STAGES: Mapping[Kind, int] = {
    Kind.RULE: 1,
    Kind.NIC_ADDRESS: 1,
    Kind.EGRESS_RULE: 1,
    Kind.SERVER: 2,
    Kind.VOLUME: 3,
    Kind.VOLUME_SNAPSHOT: 3,
    Kind.ADDRESS: 3,
    Kind.NETWORK: 4,
    Kind.AFFINITY_GROUP: 4,
    Kind.SECURITY_GROUP: 4,
}


def check_request(params: Mapping[str, Any], rules: OperationsConfiguration) -> None:
    """The VNFD's least time for a graceful termination; DeploymentError names it."""
    timeout, least = params.get("gracefulTerminationTimeout"), rules.min_graceful_termination_timeout or 0
    if timeout is not None and timeout < least:
        raise DeploymentError(f"gracefulTerminationTimeout: {timeout} s; the VNFD wants at least {least:g} s")


def plan(instance: Instance, params: Mapping[str, Any]) -> list[StepEntry]:
    """The steps for the inventory of ``instance``; GRACEFUL stops the VNFCs before they are destroyed."""
    servers = [item["id"] for item in instance.resources if item["kind"] == Kind.SERVER]
    graceful = params["terminationType"] == "GRACEFUL"
    return [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
        *(StepEntry("stop_vnfc", server, 1) for server in servers if graceful),
        *(
            StepEntry(name, target, _STAGES[kind])
            for name, target, kind in dict.fromkeys(_removal(item) for item in instance.resources)
            if kind is not Kind.SNAPSHOT  # it goes with its server
        ),
        StepEntry("finalise_terminate", "", 5),
    ]


def _removal(item: Mapping[str, Any]) -> tuple[str, str, Kind]:
    """Step, target and kind for an entry of the inventory."""
    if item["kind"] == UNSEEN:
        return "remove_unseen", str(item["id"]), Kind(item["id"].partition("/")[0])
    return "remove", f"{item['kind']}/{item['id']}", Kind(item["kind"])
