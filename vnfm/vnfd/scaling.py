"""Scaling aspects, deltas and instantiation levels, checked against each other (SOL001 6.10.1 to 6.10.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vnfm.domain.vnfd import InstantiationLevel, ScalingAspect, Vdu
from vnfm.vnfd import limits
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Policy, Topology

_NOTHING = Node("", 0, "", {})

#: The level of a VNFD that defines none, so that whoever instantiates needs no second way.
ONLY_LEVEL = "default"

#: Delta sizes: aspect, then delta, then VDU to the VNFCs it adds. A delta only of bit rates has no VDU.
Deltas = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Everything a flavour says about numbers of VNFCs."""

    aspects: Mapping[str, ScalingAspect]
    levels: Mapping[str, InstantiationLevel]
    default_level: str | None
    initial: Mapping[str, int]


def read(topology: Topology, vdus: Mapping[str, Vdu]) -> Scaling:
    """Read all policies about numbers, and refuse contradictions among them."""
    stated = _read_aspects(topology)
    deltas = _read_deltas(topology, vdus, stated)
    aspects = {name: _aspect(name, node, deltas.get(name, {})) for name, node in stated.items()}
    explicit = _vdu_levels(topology, vdus)
    scaled = {vdu for aspect in aspects.values() for step in aspect.steps for vdu in step}
    initial = _initial(topology, vdus, scaled, explicit)
    _check_bounds(topology, vdus, aspects, initial)
    levels, default = _levels(topology, vdus, aspects, initial, explicit)
    return Scaling(aspects, levels, default, initial)


def _read_aspects(topology: Topology) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for policy in topology.policies("ScalingAspects"):
        for name, node in policy.properties.need("aspects").mapping().items():
            if name in found:
                raise node.fail("duplicate-aspect", f"the aspect '{name}' is defined twice")
            found[name] = node
    return found


def _read_deltas(topology: Topology, vdus: Mapping[str, Vdu], aspects: Mapping[str, Node]) -> Deltas:
    deltas: Deltas = {}
    for policy in topology.policies("VduScalingAspectDeltas"):
        known = deltas.setdefault(_aspect_of(policy, aspects), {})
        for vdu in _vdu_targets(policy, vdus):
            for name, node in policy.properties.need("deltas").mapping().items():
                if vdu in known.setdefault(name, {}):
                    raise node.fail("duplicate-delta", f"the delta '{name}' of '{vdu}' is defined twice")
                known[name][vdu] = node.need("number_of_instances").integer(0, limits.MAX_INSTANCES)
    for policy in topology.policies("VirtualLinkBitrateScalingAspectDeltas"):
        known = deltas.setdefault(_aspect_of(policy, aspects), {})
        for name in policy.properties.need("deltas").mapping():
            known.setdefault(name, {})
    return deltas


def _aspect_of(policy: Policy, aspects: Mapping[str, Node]) -> str:
    aspect = policy.properties.need("aspect")
    if aspect.text() not in aspects:
        raise aspect.fail(
            "unknown-aspect",
            f"the policy '{policy.name}' names the aspect '{aspect.text()}', which "
            "no ScalingAspects policy defines",
        )
    return aspect.text()


def _vdu_targets(policy: Policy, vdus: Mapping[str, Vdu]) -> tuple[str, ...]:
    for target in policy.targets:
        if target not in vdus:
            raise policy.node.fail(
                "unknown-vdu", f"the policy '{policy.name}' targets '{target}', which is no VDU"
            )
    if not policy.targets:
        raise policy.node.fail("missing-key", f"the policy '{policy.name}' has no targets")
    return policy.targets


def _aspect(name: str, node: Node, deltas: Mapping[str, Mapping[str, int]]) -> ScalingAspect:
    """One named delta serves every step; several serve one step each."""
    most = node.need("max_scale_level").integer(0, limits.MAX_LEVEL)
    stated = node.get("step_deltas")
    if stated is None and len(deltas) > 1:
        raise node.fail("step-deltas", f"'{name}' has several deltas, so it needs step_deltas")
    steps = stated.texts() if stated is not None else tuple(deltas)
    for step in steps:
        if step not in deltas:
            raise (stated or node).fail(
                "unknown-delta",
                f"the aspect '{name}' uses the delta '{step}', which no deltas policy defines",
            )
    if len(steps) not in (0, 1, most):
        raise (stated or node).fail("step-deltas", f"'{name}' has {len(steps)} step deltas for {most} steps")
    every = steps * most if len(steps) == 1 else steps
    return ScalingAspect(
        id=name,
        name=_text(node, "name") or name,
        description=_text(node, "description") or "",
        max_level=most,
        steps=tuple(dict(deltas[step]) for step in every[:most]) or ({},) * most,
    )


def _text(node: Node, key: str) -> str | None:
    found = node.get(key)
    return found.text() if found is not None else None


def _vdu_levels(topology: Topology, vdus: Mapping[str, Vdu]) -> dict[str, dict[str, Node]]:
    """VDU, then level, to where its number is stated."""
    found: dict[str, dict[str, Node]] = {}
    for policy in topology.policies("VduInstantiationLevels"):
        for vdu in _vdu_targets(policy, vdus):
            for level, node in policy.properties.need("levels").mapping().items():
                if level in found.setdefault(vdu, {}):
                    raise node.fail("duplicate-level", f"the level '{level}' of '{vdu}' is defined twice")
                found[vdu][level] = node.need("number_of_instances")
    return found


def _initial(
    topology: Topology,
    vdus: Mapping[str, Vdu],
    scaled: set[str],
    explicit: Mapping[str, Mapping[str, Node]],
) -> dict[str, int]:
    """VNFCs at scale level 0: the initial delta; without scaling the only level, or the minimum."""
    found: dict[str, int] = {}
    for policy in topology.policies("VduInitialDelta"):
        for target in _vdu_targets(policy, vdus):
            if target in found:
                raise policy.node.fail("duplicate-delta", f"'{target}' has two initial deltas")
            found[target] = (
                policy.properties.need("initial_delta")
                .need("number_of_instances")
                .integer(0, limits.MAX_INSTANCES)
            )
    for name, vdu in vdus.items():
        if name in found:
            continue
        if name in scaled:
            raise topology.templates[name].node.fail(
                "initial-delta", f"'{name}' scales, so it needs VduInitialDelta"
            )
        numbers = {node.integer(0, limits.MAX_INSTANCES) for node in explicit.get(name, {}).values()}
        found[name] = numbers.pop() if len(numbers) == 1 else vdu.min_instances
    return {name: found[name] for name in vdus}


def _check_bounds(
    topology: Topology,
    vdus: Mapping[str, Vdu],
    aspects: Mapping[str, ScalingAspect],
    initial: Mapping[str, int],
) -> None:
    top = _at(initial, aspects, {name: aspect.max_level for name, aspect in aspects.items()})
    for name, vdu in vdus.items():
        at = topology.templates[name].node
        if initial[name] < vdu.min_instances:
            raise at.fail(
                "instances",
                f"'{name}' starts with {initial[name]} instances, below its minimum {vdu.min_instances}",
            )
        if top[name] > vdu.max_instances:
            raise at.fail(
                "instances",
                f"'{name}' reaches {top[name]} instances at full scale, above its maximum "
                f"{vdu.max_instances}",
            )


def _at(
    initial: Mapping[str, int], aspects: Mapping[str, ScalingAspect], scale: Mapping[str, int]
) -> dict[str, int]:
    numbers = dict(initial)
    for name, level in scale.items():
        for step in aspects[name].steps[:level]:
            for vdu, added in step.items():
                numbers[vdu] += added
    return numbers


def _levels(
    topology: Topology,
    vdus: Mapping[str, Vdu],
    aspects: Mapping[str, ScalingAspect],
    initial: Mapping[str, int],
    explicit: Mapping[str, Mapping[str, Node]],
) -> tuple[dict[str, InstantiationLevel], str | None]:
    levels: dict[str, InstantiationLevel] = {}
    default: Node | None = None
    at: Node = topology.root
    for policy in topology.policies("InstantiationLevels"):
        at, default = policy.node, policy.properties.get("default_level") or default
        for name, node in policy.properties.need("levels").mapping().items():
            scale = _scale(node, aspects)
            numbers = _numbers(name, node, vdus, _at(initial, aspects, scale), explicit, scale)
            levels[name] = InstantiationLevel(name, _text(node, "description") or "", numbers, scale)
    _check_level_names(levels, explicit)
    if not levels:
        levels[ONLY_LEVEL] = InstantiationLevel(ONLY_LEVEL, "", initial, dict.fromkeys(aspects, 0))
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
    computed: Mapping[str, int],
    explicit: Mapping[str, Mapping[str, Node]],
    scale: Mapping[str, int],
) -> dict[str, int]:
    """VNFCs of each VDU at a level; what is stated must be what the deltas give, where there are deltas."""
    numbers: dict[str, int] = {}
    for name, vdu in vdus.items():
        stated = explicit.get(name, {}).get(level)
        numbers[name] = stated.integer(0, limits.MAX_INSTANCES) if stated is not None else computed[name]
        if scale and numbers[name] != computed[name]:
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
