"""lcm_operations_configuration of the VNF (SOL001, VnfLcmOperationsConfiguration).

Every entry of it is optional, and an operation of Vnflcm without implementation is what the VNFM does by
itself. So a VNFD rules nothing out by leaving something out; an operation is only unsupported where the VNFD
gives it nothing to work on. Which these are is :func:`_unsupported`.
"""

from __future__ import annotations

from collections.abc import Iterator

from vnfm.domain.vnfd import OPERATIONS, Attribute, OperationsConfiguration
from vnfm.vnfd import attributes, scalars
from vnfm.vnfd.node import Node
from vnfm.vnfd.scaling import Scaling
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.vnf import Vnf

_NOTHING = Node("", 0, "", {})


def read(topology: Topology, vnf: Vnf, numbers: Scaling, flavours: int) -> OperationsConfiguration:
    """The configuration of a flavour; ``flavours`` is how many the VNFD has."""
    stated = vnf.facts.get("lcm_operations_configuration") or _NOTHING
    by_step = stated.get("scale", "scaling_by_more_than_one_step_supported")
    to_any = stated.get("scale_to_level", "arbitrary_target_levels_supported")
    causes = stated.get("heal", "causes")
    least, most = _times(stated.get("terminate"), "graceful_termination_timeout")
    least_stop, most_stop = _times(stated.get("operate"), "graceful_stop_timeout")
    return OperationsConfiguration(
        configured=tuple(name for name in OPERATIONS if stated.get(name) is not None),
        unsupported=tuple(_unsupported(numbers, flavours)),
        scaling_by_more_than_one_step_supported=by_step is not None and by_step.flag(),
        arbitrary_target_levels_supported=to_any is not None and to_any.flag(),
        heal_causes=causes.texts() if causes is not None else (),
        min_graceful_termination_timeout=least,
        max_recommended_graceful_termination_timeout=most,
        min_graceful_stop_timeout=least_stop,
        max_recommended_graceful_stop_timeout=most_stop,
        parameters=_parameters(topology, vnf),
    )


def _unsupported(numbers: Scaling, flavours: int) -> Iterator[str]:
    """Scaling without aspects, to the only level there is, or to the only flavour."""
    if not numbers.aspects:
        yield "scale"
        if len(numbers.levels) < 2:
            yield "scale_to_level"
    if flavours < 2:
        yield "change_flavour"


def _times(stated: Node | None, name: str) -> tuple[float | None, float | None]:
    """The shortest and the longest recommended time in seconds."""
    if stated is None:
        return None, None
    least, most = stated.get(f"min_{name}"), stated.get(f"max_recommended_{name}")
    shortest = scalars.seconds(least) if least is not None else None
    longest = scalars.seconds(most) if most is not None else None
    if shortest is not None and longest is not None and shortest > longest:
        raise stated.fail("out-of-range", f"min_{name} is above max_recommended_{name}")
    return shortest, longest


def _parameters(topology: Topology, vnf: Vnf) -> dict[str, tuple[Attribute, ...]]:
    """The vendor's types for additionalParams, under ``parameter`` of the types of the configurations."""
    types = topology.types
    declared = types.members(vnf.property_definitions(topology).get("lcm_operations_configuration"))
    found = {
        name: attributes.read(types.members(definition).get("parameter"), types)
        for name, definition in declared.items()
    }
    return {name: parameters for name, parameters in found.items() if parameters}
