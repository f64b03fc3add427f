"""Scaling aspects, deltas and initial numbers (SOL001 6.10.4 to 6.10.8); the levels are in :mod:`levels`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vnfm.domain.scaling import total
from vnfm.domain.vnfd import InstantiationLevel, ScalingAspect, Vdu
from vnfm.vnfd import levels, limits
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Policy, Topology

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
    explicit = levels.read_numbers(topology, vdus)
    scaled = {vdu for aspect in aspects.values() for step in aspect.steps for vdu in step}
    initial = _initial(topology, vdus, scaled, explicit)
    _check_bounds(topology, vdus, aspects, initial)
    found, default = levels.read(topology, vdus, levels.Start(aspects, initial, scaled), explicit)
    return Scaling(aspects, found, default, initial)


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
        for vdu in policy.targets_among(vdus):
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
        name=node.optional_text("name") or name,
        description=node.optional_text("description") or "",
        max_level=most,
        steps=tuple(dict(deltas[step]) for step in every[:most]) or ({},) * most,
    )


def _initial(
    topology: Topology,
    vdus: Mapping[str, Vdu],
    scaled: set[str],
    explicit: Mapping[str, Mapping[str, Node]],
) -> dict[str, int]:
    """VNFCs at scale level 0: the initial delta; without scaling the only level, or the minimum."""
    found: dict[str, int] = {}
    for policy in topology.policies("VduInitialDelta"):
        for target in policy.targets_among(vdus):
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
    """Each aspect by itself must fit; how far several together may go is decided when scaling."""
    tops = [total(initial, {name: aspect}, {name: aspect.max_level}) for name, aspect in aspects.items()]
    for name, vdu in vdus.items():
        at = topology.templates[name].node
        top = max([initial[name], *(numbers[name] for numbers in tops)])
        if initial[name] < vdu.min_instances:
            raise at.fail(
                "instances",
                f"'{name}' starts with {initial[name]} instances, below its minimum {vdu.min_instances}",
            )
        if top > vdu.max_instances:
            raise at.fail(
                "instances",
                f"'{name}' reaches {top} instances at full scale, above its maximum {vdu.max_instances}",
            )
