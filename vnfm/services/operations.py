"""Life-cycle operation occurrences, read-only (SOL003 5.4.12, 5.4.13)."""

from __future__ import annotations

from vnfm.domain.operation import Operation
from vnfm.domain.principal import Principal
from vnfm.errors import NotFound
from vnfm.services.deps import Deps


def get(deps: Deps, principal: Principal, operation_id: str) -> Operation:
    """The occurrence; NotFound if this tenant has none of that id."""
    found = deps.operations.get(principal.tenant, operation_id)
    if found is None:
        raise NotFound(f"there is no VNF life-cycle operation occurrence {operation_id}")
    return found


def list_all(deps: Deps, principal: Principal, limit: int) -> list[Operation]:
    """Up to ``limit`` occurrences of the caller's tenant."""
    return deps.operations.list_all(principal.tenant, limit)
