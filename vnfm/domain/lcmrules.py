"""What a VNFD says of the life-cycle operations and of the attributes that clients may give (SOL001).

Part of ``domain.vnfd``, which other rooms import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """A key that the VNFD declares for extensions, metadata, configurable properties or additionalParams.

    ``type`` is the TOSCA type (string, integer, boolean, ..., or the name of a data type). ``default`` None
    is no default. ``writable_anytime`` False means only up to instantiation.
    """

    name: str
    type: str
    required: bool = False
    default: Any = None
    writable_anytime: bool = True


#: Operations as lcm_operations_configuration spells them (VnfLcmOperationsConfiguration).
OPERATIONS = (
    "instantiate",
    "scale",
    "scale_to_level",
    "change_flavour",
    "heal",
    "terminate",
    "operate",
    "change_ext_connectivity",
    "change_current_package",
    "create_snapshot",
    "revert_to_snapshot",
)
#: LcmOperationType (SOL003) where it differs by more than capitals.
_SOL003_SPELLING = {
    "change_ext_conn": "change_ext_connectivity",
    "change_vnfpkg": "change_current_package",
}


def _name(operation: str) -> str:
    return _SOL003_SPELLING.get(operation.lower(), operation.lower())


@dataclass(frozen=True, slots=True)
class OperationsConfiguration:
    """What the VNFD says of each life-cycle operation (lcm_operations_configuration). Times are seconds.

    ``configured`` are the operations it has an entry for; ``unsupported`` those it rules out.
    """

    configured: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    scaling_by_more_than_one_step_supported: bool = False
    arbitrary_target_levels_supported: bool = False
    heal_causes: tuple[str, ...] = ()
    min_graceful_termination_timeout: float | None = None
    max_recommended_graceful_termination_timeout: float | None = None
    min_graceful_stop_timeout: float | None = None
    max_recommended_graceful_stop_timeout: float | None = None
    #: Operation to the additionalParams it declares.
    parameters: Mapping[str, tuple[Attribute, ...]] = field(default_factory=dict)

    def supports(self, operation: str) -> bool:
        """False for an operation that is ruled out, or that nobody knows. SOL003 spelling will do as well."""
        name = _name(operation)
        return name == "modify_info" or (name in OPERATIONS and name not in self.unsupported)

    def parameters_of(self, operation: str) -> tuple[Attribute, ...]:
        """The additionalParams declared for an operation, in either spelling of it."""
        return self.parameters.get(_name(operation), ())
