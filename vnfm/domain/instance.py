"""A VNF instance: what is known of it, and which operations its state permits (SOL003 5.5.2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from vnfm.domain.operation import OperationType


class InstantiationState(StrEnum):
    """VnfInstance.instantiationState."""

    NOT_INSTANTIATED = "NOT_INSTANTIATED"
    INSTANTIATED = "INSTANTIATED"


#: The instantiation state each operation needs; MODIFY_INFO is not here because it needs none.
REQUIRED_STATE: Mapping[OperationType, InstantiationState] = {
    OperationType.INSTANTIATE: InstantiationState.NOT_INSTANTIATED,
    OperationType.TERMINATE: InstantiationState.INSTANTIATED,
    OperationType.SCALE: InstantiationState.INSTANTIATED,
    OperationType.SCALE_TO_LEVEL: InstantiationState.INSTANTIATED,
    OperationType.OPERATE: InstantiationState.INSTANTIATED,
    OperationType.HEAL: InstantiationState.INSTANTIATED,
    OperationType.CHANGE_EXT_CONN: InstantiationState.INSTANTIATED,
    OperationType.CREATE_SNAPSHOT: InstantiationState.INSTANTIATED,
    OperationType.REVERT_TO_SNAPSHOT: InstantiationState.INSTANTIATED,
    OperationType.CHANGE_FLAVOUR: InstantiationState.INSTANTIATED,
    OperationType.CHANGE_VNFPKG: InstantiationState.INSTANTIATED,
}


@dataclass(slots=True)
class Instance:
    """One VnfInstance. Pass-through SOL structures keep SOL spelling (v2 shapes); wire adds links.

    ``vim_connection_info`` never holds accessInfo secrets: those lie behind ``store.secrets``.
    ``resources`` is the inventory TERMINATE works from: one entry per thing made in a VIM.
    """

    id: str
    tenant: str
    vnfd_id: str
    vnf_provider: str
    vnf_product_name: str
    vnf_software_version: str
    vnfd_version: str
    name: str | None = None
    description: str | None = None
    state: InstantiationState = InstantiationState.NOT_INSTANTIATED
    vim_connection_info: Mapping[str, Any] = field(default_factory=dict)
    instantiated_vnf_info: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    vnf_configurable_properties: Mapping[str, Any] = field(default_factory=dict)
    resources: list[Mapping[str, Any]] = field(default_factory=list)
    #: By the id of a VNFC its state, where that is other than vnfState.
    vnfc_states: Mapping[str, str] = field(default_factory=dict)
    #: By the id of a VNFC its vnfcConfigurableProperties (SOL002).
    vnfc_properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: vimAssets of the grants so far: they hold for later operations too.
    vim_assets: Mapping[str, Any] = field(default_factory=dict)
    #: Operations that the VNFD rules out in the flavour the VNF is in: what is no task of it (SOL003 5.4.1).
    ruled_out: Sequence[str] = ()
    created: datetime | None = None
    #: VnfPkgInfo.id of its package; None if the NFVO did not tell.
    vnf_pkg_id: str | None = None
    #: The path of the API by whose links the NFVO knows this instance: that through which it was created.
    api: str = "vnflcm/v2"
    #: Rises with every write; the ETag is made of it.
    revision: int = 0
    #: The operation whose effect this document already shows, although its own record may lag behind.
    settled_by: str | None = None

    def refusal(self, operation: OperationType) -> str | None:
        """Why ``operation`` may not start in this state, or None if it may."""
        needed = REQUIRED_STATE.get(operation)
        if needed is None:
            return None
        if self.is_half_made:
            if operation is OperationType.TERMINATE:
                return None
            return "an operation that was given up has left resources in the VIM; TERMINATE removes them"
        if self.state is needed:
            return None
        return f"{operation} needs a VNF instance that is {needed}; this one is {self.state}"

    @property
    def is_half_made(self) -> bool:
        """NOT_INSTANTIATED, and yet there is something in the VIM: an INSTANTIATE was given up (FAILED)."""
        return self.state is InstantiationState.NOT_INSTANTIATED and bool(self.resources)
