"""CHANGE_VNFPKG (SOL003 5.4.11a): a standing VNF becomes what another version of its package describes.

VNFCs that stay get the new image one after the other (``additionalParams.batchSize`` side by side).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import DeploymentError, pick_flavour
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.vnfd import PackageChange, Vnfd
from vnfm.lcm import reshape

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1
#: Kinds of components whose ids must stay: the record and the VIM know them by these.
_FIXED = ("vdu", "cp", "virtual_link", "virtual_storage")


def plan(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any], destination: Vnfd
) -> list[StepEntry]:
    """The steps for a ChangeCurrentVnfPkgRequest; DeploymentError names what does not fit."""
    if destination.id == vnfd.id:
        raise DeploymentError(f"vnfdId: the VNF is of VNFD {vnfd.id} already")
    old = standing.flavour_of(instance, vnfd)
    change = find_change(vnfd, destination, old.id)
    new = pick_flavour(destination, change.destination_flavour_id if change else old.id)
    renamed = change.renamed("scaling_aspect") if change else {}
    _check_names(change)
    levels = {renamed.get(a, a): level for a, level in standing.scale_levels(instance).items()}
    levels = {aspect: level for aspect, level in levels.items() if aspect in new.aspects}
    numbers = standing.count(instance)
    return reshape.plan(operation_id, instance, old, new, levels, numbers, params, batch=_batch(params))


def find_change(vnfd: Vnfd, destination: Vnfd, flavour_id: str) -> PackageChange | None:
    """The way the VNFDs declare; none declared at all: same flavour and same names are taken for granted."""
    declared = [*destination.package_changes, *vnfd.package_changes]
    for change in declared:
        if change.applies(vnfd.id, destination.id, flavour_id):
            return change
    if declared:
        raise DeploymentError(
            f"vnfdId: no package change leads from VNFD {vnfd.id}, flavour {flavour_id}, to {destination.id}"
        )
    return None


def _check_names(change: PackageChange | None) -> None:
    pairs = {(kind, *pair) for kind in _FIXED if change for pair in change.renamed(kind).items()}
    for kind, source, goal in sorted(pairs):
        if source != goal:
            raise DeploymentError(
                f"vnfdId: the package change maps {kind} {source!r} to {goal!r}; this VNFM keeps VNFCs only "
                "under the same names"
            )


def _batch(params: Mapping[str, Any]) -> int:
    size = (params.get("additionalParams") or {}).get("batchSize", 1)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise DeploymentError(f"additionalParams.batchSize: {size!r} is no number of VNFCs")
    return size


def package_facts(vnfd: Vnfd) -> Mapping[str, str]:
    """What the instance repeats of its package."""
    return {
        "vnfd_id": vnfd.id,
        "vnf_provider": vnfd.provider,
        "vnf_product_name": vnfd.product_name,
        "vnf_software_version": vnfd.software_version,
        "vnfd_version": vnfd.version,
    }
