"""SCALE and SCALE_TO_LEVEL (SOL003 5.4.5, 5.4.6): VNFCs come or go by the deltas of the VNFD's aspects.

All VDUs an aspect touches are scaled together. Scale-in takes the VNFCs that
additionalParams.vnfcInstanceIds names, and beyond them the youngest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain import scaling, standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import Flavour, Vnfd
from vnfm.lcm import looking, reservations
from vnfm.vim.port import Kind

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan_scale(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """ScaleVnfRequest: ``numberOfSteps`` (default 1) up or down one aspect; ScalingError names its limits."""
    flavour = standing.flavour_of(instance, vnfd)
    steps = params.get("numberOfSteps", 1)
    rules = flavour.operations
    if steps > 1 and "scale" in rules.configured and not rules.scaling_by_more_than_one_step_supported:
        raise scaling.ScalingError(f"numberOfSteps: {steps}: this VNF scales by one step at a time")
    current = standing.scale_levels(instance)
    levels = scaling.scale_by(flavour, current, params["aspectId"], steps, scaling.Direction(params["type"]))
    return _plan(operation_id, instance, vnfd, levels, params)


def plan_scale_to_level(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    """ScaleVnfToLevelRequest: an instantiation level, or scale levels of chosen aspects."""
    flavour = standing.flavour_of(instance, vnfd)
    level_id, info = params.get("instantiationLevelId"), params.get("scaleInfo")
    if (level_id is None) == (not info):
        raise scaling.ScalingError("give either instantiationLevelId or scaleInfo")
    if level_id is not None:
        scaling.level_vnfcs(flavour, level_id)
        levels = dict(flavour.levels[level_id].scale_levels)
    else:
        wanted = {item["aspectId"]: item["scaleLevel"] for item in info or []}
        levels = {**standing.scale_levels(instance), **wanted}
        rules = flavour.operations
        if "scale_to_level" in rules.configured and not rules.arbitrary_target_levels_supported:
            _require_named_level(flavour, levels)
    return _plan(operation_id, instance, vnfd, levels, params)


def _require_named_level(flavour: Flavour, levels: Mapping[str, int]) -> None:
    if all(dict(level.scale_levels) != dict(levels) for level in flavour.levels.values()):
        known = ", ".join(sorted(flavour.levels))
        raise scaling.ScalingError(f"scaleInfo: this VNF only scales to its instantiation levels: {known}")


def _plan(
    operation_id: str, instance: Instance, vnfd: Vnfd, levels: Mapping[str, int], params: Mapping[str, Any]
) -> list[StepEntry]:
    flavour = standing.flavour_of(instance, vnfd)
    present = standing.count(instance)
    scaling.check_levels(flavour, levels, present)
    wanted = scaling.vnfcs_at(flavour, levels, present)
    added: list[str] = []
    removed: list[StandingVnfc] = []
    named = standing.named(instance, params) or []
    for vdu in sorted(flavour.vdus):
        change = wanted.get(vdu, 0) - present.get(vdu, 0)
        added += standing.next_keys(instance, vdu, max(change, 0))
        removed += _leaving(instance, vdu, max(-change, 0), [vnfc for vnfc in named if vnfc.vdu == vdu])
    deployment = standing.grow(operation_id, vnfd, instance, added, instance.name or "vnf")
    return [
        *looking.begin(vnfc.vdu.id for vnfc in deployment.vnfcs),
        *(StepEntry("deploy_vnfc", vnfc.key, 3) for vnfc in deployment.vnfcs if vnfc.has_fixed_address),
        *(StepEntry("deploy_vnfc", vnfc.key, 4) for vnfc in deployment.vnfcs if not vnfc.has_fixed_address),
        *(StepEntry("add_volume", disk.key, 5) for vnfc in deployment.vnfcs for disk in vnfc.storages),
        *remove_vnfcs(removed, 6),
        *reservations.moves(instance, flavour, removed, 8),
        StepEntry(
            "finalise_scale", ",".join(f"{aspect}={level}" for aspect, level in sorted(levels.items())), 9
        ),
    ]


def _leaving(
    instance: Instance, vdu: str, number: int, named: Sequence[StandingVnfc]
) -> Sequence[StandingVnfc]:
    """The VNFCs of a VDU that go: those named, then the youngest."""
    if len(named) > number:
        kept = ", ".join(f"{vnfc.id} ({vnfc.key})" for vnfc in named)
        raise scaling.ScalingError(
            f"additionalParams.vnfcInstanceIds: {kept}: this request takes {number} VNFCs of VDU {vdu!r}"
        )
    rest = [one for one in standing.youngest(instance, vdu, len(named) + number) if one not in named]
    return [*named, *rest[: number - len(named)]]


def remove_vnfcs(gone: list[StandingVnfc], stage: int) -> list[StepEntry]:
    """Stop, remove, and remove the data disks: stages ``stage`` to ``stage`` + 2."""
    return [
        *(StepEntry("stop_vnfc", vnfc.server, stage) for vnfc in gone),
        *(StepEntry("remove", f"{Kind.SERVER}/{vnfc.server}", stage + 1) for vnfc in gone),
        *(
            StepEntry("remove", f"{Kind.VOLUME}/{volume}", stage + 2)
            for vnfc in gone
            for volume in vnfc.volumes.values()
        ),
    ]
