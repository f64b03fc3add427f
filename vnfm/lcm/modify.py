"""MODIFY_INFO (SOL003 5.4.3.3.4): a merge patch of what the instance says of itself. No VIM, no grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import access, patch, standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, StepEntry, StepState
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import Vnfd

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1

#: Attribute of VnfInfoModificationRequest → field of ``Instance``. What is not here cannot be modified.
FIELDS: Mapping[str, str] = {
    "vnfInstanceName": "name",
    "vnfInstanceDescription": "description",
    "metadata": "metadata",
    "extensions": "extensions",
    "vnfConfigurableProperties": "vnf_configurable_properties",
    "vimConnectionInfo": "vim_connection_info",
    "vnfcInfoModifications": "vnfc_properties",
}
#: Removing one of these makes it empty.
_MAPS = (
    "metadata",
    "extensions",
    "vnfConfigurableProperties",
    "vimConnectionInfo",
    "vnfcInfoModifications",
)


def plan(operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]) -> list[StepEntry]:
    """Compare, then write: its first state is PROCESSING, so there is no negative stage."""
    _check_connections(instance, patched(shown(instance), params)["vimConnectionInfo"])
    _check_vnfcs(instance, params)
    return [StepEntry("compare_info", "", 0), StepEntry("finalise_modify", "", 1)]


def _check_connections(instance: Instance, after: Mapping[str, Any]) -> None:
    for connection_id, info in after.items():
        if not isinstance(info.get("vimType"), str):
            raise DeploymentError(
                f"vimConnectionInfo: the connection {connection_id!r} would have no vimType"
            )
    gone = sorted(set(instance.vim_connection_info) - set(after))
    if gone and instance.resources:
        raise DeploymentError(
            f"vimConnectionInfo: {gone[0]!r} cannot be removed while the VNF has resources in a VIM"
        )


def _check_vnfcs(instance: Instance, params: Mapping[str, Any]) -> None:
    known = {vnfc.id for vnfc in standing.vnfcs(instance)}
    strangers = sorted(set(params.get("vnfcInfoModifications") or {}) - known)
    if strangers:
        raise DeploymentError(
            f"vnfcInfoModifications: {strangers[0]!r} is no VNFC of this VNF; it has: "
            f"{', '.join(sorted(known)) or 'none'}"
        )


def shown(instance: Instance) -> dict[str, Any]:
    """The attributes that can be modified, as they are."""
    values = {name: getattr(instance, field) for name, field in FIELDS.items()}
    return {name: value for name, value in values.items() if value is not None}


def patched(before: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The same after the request, of accessInfo only what is no secret: the rest lies behind its door."""
    wanted = {name: value for name, value in params.items() if name in FIELDS}
    after: dict[str, Any] = {**{name: {} for name in _MAPS}, **patch.apply(before, wanted)}
    after["vimConnectionInfo"] = {
        connection_id: access.without_secrets(info)
        for connection_id, info in after["vimConnectionInfo"].items()
    }
    return after


def changed_info(operation: Operation) -> Mapping[str, Any]:
    """changedInfo (SOL003 5.5.2.12a) as the journal has it: {} before it is written, and once taken back."""
    done = {entry.key for entry in operation.steps if entry.state is StepState.DONE}
    undone = {entry.key for entry in operation.undo if entry.state is StepState.DONE}
    if "finalise_modify" not in done - undone:
        return {}
    changed: Mapping[str, Any] = operation.step("compare_info").result["changed"]
    return changed
