"""Life-cycle operation occurrences, read-only (SOL003 5.4.12, 5.4.13)."""

from __future__ import annotations

from vnfm.domain.operation import Operation
from vnfm.domain.principal import Principal
from vnfm.domain.query import Query
from vnfm.errors import NotFound
from vnfm.services.deps import Deps


def get(deps: Deps, principal: Principal, operation_id: str) -> Operation:
    """The occurrence; NotFound if this tenant has none of that id."""
    found = deps.operations.get(principal.tenant, operation_id)
    if found is None:
        raise NotFound(f"there is no VNF life-cycle operation occurrence {operation_id}")
    return found


def page(deps: Deps, principal: Principal, query: Query) -> list[Operation]:
    """Those occurrences of the caller's tenant that the query asks for."""
    return deps.operations.page(principal.tenant, query)
