"""How many VNFCs of each VDU a flavour has at which scale levels (SOL001 6.10.4 to 6.10.8).

Scale levels are ``aspectId`` to a level from 0 to the aspect's maximum; an aspect that is not named is at 0.
A VDU that no aspect touches does not change by scaling: give its number in ``present``, or its initial
number is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from vnfm.domain.vnfd import Flavour, ScalingAspect


class ScalingError(ValueError):
    """The flavour cannot be scaled so; the message names the aspect or VDU and its limits."""


class Direction(StrEnum):
    """ScaleVnfRequest.type (SOL003 5.5.2.5)."""

    OUT = "SCALE_OUT"
    IN = "SCALE_IN"


def total(
    initial: Mapping[str, int], aspects: Mapping[str, ScalingAspect], levels: Mapping[str, int]
) -> dict[str, int]:
    """The initial VNFCs per VDU and what each step up to the levels adds; the levels are taken as checked."""
    numbers = dict(initial)
    for name, level in levels.items():
        for step in aspects[name].steps[:level]:
            for vdu, added in step.items():
                numbers[vdu] += added
    return numbers


def scaled_vdus(flavour: Flavour) -> frozenset[str]:
    """The VDUs that any step of any aspect adds to."""
    return frozenset(vdu for aspect in flavour.aspects.values() for step in aspect.steps for vdu in step)


def vnfcs_at(
    flavour: Flavour, levels: Mapping[str, int], present: Mapping[str, int] | None = None
) -> Mapping[str, int]:
    """VNFCs per VDU at these levels; ``ScalingError`` if an aspect is unknown or beyond its maximum."""
    _check_aspects(flavour, levels)
    kept = {vdu: number for vdu, number in (present or {}).items() if vdu not in scaled_vdus(flavour)}
    return {**total(flavour.initial_vnfcs, flavour.aspects, levels), **kept}


def level_vnfcs(flavour: Flavour, level_id: str) -> Mapping[str, int]:
    """VNFCs per VDU at an instantiation level; ``ScalingError`` lists the known ones."""
    if level_id not in flavour.levels:
        known = ", ".join(sorted(flavour.levels)) or "none"
        raise ScalingError(f"{level_id!r} is no instantiation level of flavour {flavour.id}; it has: {known}")
    return flavour.levels[level_id].vnfcs


def check_levels(
    flavour: Flavour, levels: Mapping[str, int], present: Mapping[str, int] | None = None
) -> None:
    """``ScalingError`` if an aspect, or a VDU by all aspects together, would leave its limits."""
    for name, number in vnfcs_at(flavour, levels, present).items():
        vdu = flavour.vdus[name]
        if not vdu.min_instances <= number <= vdu.max_instances:
            asked = ", ".join(f"{aspect} {level}" for aspect, level in sorted(levels.items())) or "none"
            raise ScalingError(
                f"the scale levels ({asked}) give {number} instances of VDU {name!r}, "
                f"which has {vdu.min_instances} to {vdu.max_instances}"
            )


def scale_by(
    flavour: Flavour, current: Mapping[str, int], aspect: str, steps: int, direction: Direction
) -> Mapping[str, int]:
    """The levels of every aspect after scaling one; ``ScalingError`` if that leaves the limits.

    Whether more than one step at a time is supported at all is for ``OperationsConfiguration`` to say.
    """
    if steps < 1:
        raise ScalingError(f"{steps} steps: scaling takes at least one")
    _check_aspects(flavour, {**current, aspect: current.get(aspect, 0)})
    levels = {**dict.fromkeys(flavour.aspects, 0), **current}
    levels[aspect] += steps if direction is Direction.OUT else -steps
    check_levels(flavour, levels)
    return levels


def reached(flavour: Flavour, levels: Mapping[str, int], present: Mapping[str, int]) -> Mapping[str, int]:
    """The levels that ``present`` VNFCs amount to, seen from ``levels``: down, aspect after aspect, until
    there are enough for them, then up as far as there are."""
    found = {name: level for name, level in levels.items() if name in flavour.aspects}
    for name in sorted(found):
        while found[name] > 0 and not _covers(flavour, name, found, present):
            found[name] -= 1
    for name in sorted(found):
        while _covers(flavour, name, {**found, name: found[name] + 1}, present):
            found[name] += 1
    return found


def _covers(flavour: Flavour, aspect: str, levels: Mapping[str, int], present: Mapping[str, int]) -> bool:
    """Whether there are enough VNFCs of all VDUs that the aspect scales."""
    steps = flavour.aspects[aspect].steps
    if not 0 <= levels[aspect] <= len(steps):
        return False
    needed = total(flavour.initial_vnfcs, flavour.aspects, levels)
    return all(present.get(vdu, 0) >= needed[vdu] for step in steps for vdu in step)


def _check_aspects(flavour: Flavour, levels: Mapping[str, int]) -> None:
    for name, level in levels.items():
        if name not in flavour.aspects:
            known = ", ".join(sorted(flavour.aspects)) or "none"
            raise ScalingError(f"{name!r} is no scaling aspect of flavour {flavour.id}; it has: {known}")
        most = flavour.aspects[name].max_level
        if not 0 <= level <= most:
            raise ScalingError(f"scaling aspect {name!r} has the levels 0 to {most}, not {level}")
