"""CHANGE_VNFPKG (SOL003 5.4.11a): a standing VNF becomes what another version of its package describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.renaming import find_way
from vnfm.domain.vnfd import Vnfd
from vnfm.lcm import reshape

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any], destination: Vnfd
) -> list[StepEntry]:
    """The steps for a ChangeCurrentVnfPkgRequest; DeploymentError names what does not fit."""
    if destination.id == vnfd.id:
        raise DeploymentError(f"vnfdId: the VNF is of VNFD {vnfd.id} already")
    old = standing.flavour_of(instance, vnfd)
    way = find_way(vnfd, destination, old)
    seen = way.renaming.instance(instance)
    reached = standing.scale_levels(seen).items()
    levels = {aspect: level for aspect, level in reached if aspect in way.flavour.aspects}
    return reshape.plan(
        operation_id,
        seen,
        way.renaming.flavour(old),
        way.flavour,
        levels,
        standing.count(seen),
        params,
    )


def package_facts(vnfd: Vnfd) -> Mapping[str, str | None]:
    """What the instance repeats of its package."""
    return {
        "vnfd_id": vnfd.id,
        "vnf_provider": vnfd.provider,
        "vnf_product_name": vnfd.product_name,
        "vnf_software_version": vnfd.software_version,
        "vnfd_version": vnfd.version,
        "vnf_pkg_id": vnfd.package_id,
    }
