"""VnfInstance in SOL003 v2 spelling (5.5.2.2), with the links that can be followed now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import OperationType
from vnfm.wire.links import Links
from vnfm.wire.screen import Document, passed, present

#: Link → the last segment of its path and the operation it starts. The specification has no other tasks.
TASK_LINKS: Mapping[str, tuple[str, OperationType]] = {
    "instantiate": ("instantiate", OperationType.INSTANTIATE),
    "scale": ("scale", OperationType.SCALE),
    "scaleToLevel": ("scale_to_level", OperationType.SCALE_TO_LEVEL),
    "changeFlavour": ("change_flavour", OperationType.CHANGE_FLAVOUR),
    "terminate": ("terminate", OperationType.TERMINATE),
    "heal": ("heal", OperationType.HEAL),
    "operate": ("operate", OperationType.OPERATE),
    "changeExtConn": ("change_ext_conn", OperationType.CHANGE_EXT_CONN),
    "createSnapshot": ("create_snapshot", OperationType.CREATE_SNAPSHOT),
    "revertToSnapshot": ("revert_to_snapshot", OperationType.REVERT_TO_SNAPSHOT),
}


@lru_cache(maxsize=256)
def tasks(
    state: InstantiationState, *, half_made: bool, ruled_out: frozenset[str] = frozenset()
) -> Mapping[str, str]:
    """Link → segment of what an instance in such a state permits (``Instance.refusal``), and its VNFD."""
    example = Instance("", "", "", "", "", "", "", state=state, resources=[{}] * half_made)
    return {
        name: segment
        for name, (segment, kind) in TASK_LINKS.items()
        if example.refusal(kind) is None and str(kind) not in ruled_out
    }


@lru_cache(maxsize=256)
def _tails(state: InstantiationState, half_made: bool, ruled_out: tuple[str, ...]) -> list[tuple[str, str]]:
    """Link → what follows the instance's own address: found out once, for every entry of a list has it."""
    possible = tasks(state, half_made=half_made, ruled_out=frozenset(ruled_out))
    return [*((name, f"/{segment}") for name, segment in possible.items()), ("self", "")]


def _links(instance: Instance, links: Links) -> Document:
    """What the instance's own state and VNFD permit; whether an operation holds it just now is not looked
    up."""
    here = links.instance(instance.id)
    tails = _tails(instance.state, instance.is_half_made, tuple(instance.ruled_out))
    return {name: {"href": here + tail} for name, tail in tails}


def _info(instance: Instance) -> Document | None:
    """instantiatedVnfInfo with vnfcInfo (SOL002 5.5.2.2), which repeats what SOL003 has elsewhere."""
    info: Document | None = passed(instance.instantiated_vnf_info)
    if not info or not info.get("vnfcResourceInfo"):
        return info
    vnfcs = [
        present(
            id=vnfc["id"],
            vduId=vnfc["vduId"],
            vnfcResourceInfoId=vnfc["id"],
            vnfcState=instance.vnfc_states.get(vnfc["id"], info["vnfState"]),
            vnfcConfigurableProperties=instance.vnfc_properties.get(vnfc["id"]),
        )
        for vnfc in info["vnfcResourceInfo"]
    ]
    return {**info, "vnfcInfo": vnfcs}


def complete(instance: Instance, links: Links) -> Document:
    """VnfInstance, as far as the instance is known."""
    return present(
        id=instance.id,
        vnfInstanceName=instance.name,
        vnfInstanceDescription=instance.description,
        vnfdId=instance.vnfd_id,
        vnfProvider=instance.vnf_provider,
        vnfProductName=instance.vnf_product_name,
        vnfSoftwareVersion=instance.vnf_software_version,
        vnfdVersion=instance.vnfd_version,
        vnfPkgId=instance.vnf_pkg_id,
        vnfConfigurableProperties=instance.vnf_configurable_properties,
        vimConnectionInfo=passed(instance.vim_connection_info),
        instantiationState=instance.state.value,
        instantiatedVnfInfo=_info(instance),
        metadata=instance.metadata,
        extensions=instance.extensions,
        _links=_links(instance, links),
    )
