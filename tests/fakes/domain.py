"""Domain values with everything a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def make_instance(**changes: Any) -> Instance:
    """A new VNF instance, not instantiated."""
    plain: dict[str, Any] = {
        "id": "i1",
        "tenant": "t",
        "vnfd_id": "d1",
        "vnf_provider": "p",
        "vnf_product_name": "n",
        "vnf_software_version": "1",
        "vnfd_version": "2",
    }
    return Instance(**{**plain, **changes})


def make_operation(**changes: Any) -> Operation:
    """An INSTANTIATE under way."""
    plain: dict[str, Any] = {
        "id": "o1",
        "tenant": "t",
        "vnf_instance_id": "i1",
        "type": OperationType.INSTANTIATE,
        "state": OperationState.PROCESSING,
        "params": {"flavourId": "f"},
        "plan_version": 1,
        "steps": [],
        "start_time": T0,
        "state_entered_time": T0,
        "request_id": "r",
    }
    return Operation(**{**plain, **changes})
