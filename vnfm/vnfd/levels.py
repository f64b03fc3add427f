"""Instantiation levels, checked against the scaling aspects (SOL001 6.10.1, 6.10.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vnfm.domain.scaling import total
from vnfm.domain.vnfd import InstantiationLevel, ScalingAspect, Vdu
from vnfm.vnfd import limits
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Topology

_NOTHING = Node("", 0, "", {})

#: The level of a VNFD that defines none, so that whoever instantiates needs no second way.
ONLY_LEVEL = "default"


@dataclass(frozen=True, slots=True)
class Start:
    """Where levels start from: the aspects, the numbers at scale level 0, and the VDUs any aspect touches."""

    aspects: Mapping[str, ScalingAspect]
    initial: Mapping[str, int]
    scaled: Collection[str]


def read_numbers(topology: Topology, vdus: Mapping[str, Vdu]) -> dict[str, dict[str, Node]]:
    """VDU, then level, to where its number is stated."""
    found: dict[str, dict[str, Node]] = {}
    for policy in topology.policies("VduInstantiationLevels"):
        for vdu in policy.targets_among(vdus):
            for level, node in policy.properties.need("levels").mapping().items():
                if level in found.setdefault(vdu, {}):
                    raise node.fail("duplicate-level", f"the level '{level}' of '{vdu}' is defined twice")
                found[vdu][level] = node.need("number_of_instances")
    return found


def read(
    topology: Topology,
    vdus: Mapping[str, Vdu],
    start: Start,
    explicit: Mapping[str, Mapping[str, Node]],
) -> tuple[dict[str, InstantiationLevel], str | None]:
    """The levels by name, and the default one. A VNFD that defines none gets one of its initial numbers."""
    levels: dict[str, InstantiationLevel] = {}
    default: Node | None = None
    at: Node = topology.root
    for policy in topology.policies("InstantiationLevels"):
        at, default = policy.node, policy.properties.get("default_level") or default
        for name, node in policy.properties.need("levels").mapping().items():
            scale = _scale(node, start.aspects)
            numbers = _numbers(name, node, vdus, start, scale, explicit)
            levels[name] = InstantiationLevel(name, node.optional_text("description") or "", numbers, scale)
    _check_level_names(levels, explicit)
    if not levels:
        levels[ONLY_LEVEL] = InstantiationLevel(
            ONLY_LEVEL, "", start.initial, dict.fromkeys(start.aspects, 0)
        )
    return levels, _default(levels, default, at)


def _check_level_names(
    levels: Mapping[str, InstantiationLevel], explicit: Mapping[str, Mapping[str, Node]]
) -> None:
    for vdu, stated in explicit.items():
        for name, node in stated.items():
            if name not in levels:
                raise node.fail(
                    "unknown-level",
                    f"'{vdu}' has a number for the level '{name}', which no "
                    "InstantiationLevels policy defines",
                )


def _scale(node: Node, aspects: Mapping[str, ScalingAspect]) -> dict[str, int]:
    """Scale level of each aspect; one that is not named is at 0."""
    scale = dict.fromkeys(aspects, 0)
    for name, info in (node.get("scale_info") or _NOTHING).mapping().items():
        if name not in aspects:
            raise info.fail("unknown-aspect", f"scale_info names the aspect '{name}', which is not defined")
        scale[name] = info.need("scale_level").integer()
        if scale[name] > aspects[name].max_level:
            raise info.fail(
                "scale-level",
                f"scale level {scale[name]} of '{name}' is above its maximum {aspects[name].max_level}",
            )
    return scale


def _numbers(
    level: str,
    at: Node,
    vdus: Mapping[str, Vdu],
    start: Start,
    scale: Mapping[str, int],
    explicit: Mapping[str, Mapping[str, Node]],
) -> dict[str, int]:
    """VNFCs of each VDU at a level; for a VDU that scales, what is stated must be what its deltas give."""
    computed = total(start.initial, start.aspects, scale)
    numbers: dict[str, int] = {}
    for name, vdu in vdus.items():
        stated = explicit.get(name, {}).get(level)
        numbers[name] = stated.integer(0, limits.MAX_INSTANCES) if stated is not None else computed[name]
        if name in start.scaled and numbers[name] != computed[name]:
            raise (stated or at).fail(
                "level-disagrees",
                f"the level '{level}' states {numbers[name]} instances of "
                f"'{name}', but its scale levels give {computed[name]}",
            )
        if not vdu.min_instances <= numbers[name] <= vdu.max_instances:
            raise (stated or at).fail(
                "instances",
                f"the level '{level}' has {numbers[name]} instances of '{name}', "
                f"outside {vdu.min_instances} to {vdu.max_instances}",
            )
    return numbers


def _default(levels: Mapping[str, InstantiationLevel], default: Node | None, at: Node) -> str | None:
    if default is not None:
        if default.text() not in levels:
            raise default.fail("unknown-level", f"default_level '{default.text()}' is not defined")
        return default.text()
    if len(levels) > 1:
        raise at.fail("default-level", "several instantiation levels need a default_level")
    return next(iter(levels), None)
