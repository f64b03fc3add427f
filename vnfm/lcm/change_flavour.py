"""CHANGE_FLAVOUR (SOL003 5.4.7): a standing VNF becomes another deployment flavour of its VNFD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import pick_flavour, pick_level
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import Vnfd
from vnfm.lcm import reshape

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan(operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]) -> list[StepEntry]:
    """The steps for a ChangeVnfFlavourRequest; DeploymentError names what does not fit."""
    old, new = standing.flavour_of(instance, vnfd), pick_flavour(vnfd, params["newFlavourId"])
    if old.id == new.id:
        raise DeploymentError(f"newFlavourId: the VNF is in flavour {new.id} already; use scale_to_level")
    level = pick_level(new, params.get("instantiationLevelId"))
    return reshape.plan(operation_id, instance, old, new, dict(level.scale_levels), level.vnfcs, params)
