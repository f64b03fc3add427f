"""Whom the error of an occurrence is about, from journals by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lcm.stand import context, done, journal, standing
from vnfm.domain.ids import derive
from vnfm.domain.operation import OperationState, OperationType
from vnfm.lcm.problem import told

WITH_LINK = standing(resources=[*standing().resources, {"kind": "NETWORK", "id": "net-int", "target": "int"}])


def subject(step: str, *steps: Any, kind: OperationType = OperationType.TERMINATE) -> Any:
    """What ``told`` adds to the error of a step."""
    error = {"status": 500, "detail": "no", "step": step}
    operation = journal(*steps, type=kind, params={}, error=error, state=OperationState.FAILED_TEMP)
    found = told(context(operation, WITH_LINK))
    assert found is not None
    assert "retry" in found["remedies"]
    return {key: value for key, value in found.items() if key not in {*error, "remedies"}}


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("halt_vnfc:fw-1", {"vnfc": "fw-1", "vnfcInstanceId": "vnfc-1"}),
        ("stop_vnfc:vm-1", {"component": "fw-1", "vnfc": "fw-1", "vnfcInstanceId": "vnfc-1"}),
        ("remove:SERVER/vm-1", {"component": "fw-1", "vnfc": "fw-1", "vnfcInstanceId": "vnfc-1"}),
        ("remove:NETWORK/net-int", {"component": "int"}),
        ("remove:VOLUME/stranger", {}),
        ("check_vim", {}),
    ],
)
def test_a_step_is_about_a_vnfc_or_a_component(step: str, wanted: dict[str, str]) -> None:
    assert subject(step) == wanted


def test_a_vnfc_that_is_to_be_made_has_its_id_already() -> None:
    planned = (done("check_plan"), done("deploy_vnfc", "fw-2", 3, id="vm-2", nics=[]))
    found = subject("deploy_vnfc:fw-2", *planned, kind=OperationType.SCALE)
    assert found == {"vnfc": "fw-2", "vnfcInstanceId": derive("o1", "vnfc", "fw-2")}


def test_nothing_is_told_of_an_operation_without_an_error() -> None:
    assert told(context(journal(type=OperationType.SCALE, params={}), WITH_LINK)) is None


def test_an_ended_operation_keeps_its_error_and_loses_the_advice() -> None:
    error = {"status": 500, "detail": "no", "step": "check_vim", "remedies": {"retry": "…"}}
    operation = journal(type=OperationType.SCALE, params={}, error=error, state=OperationState.ROLLED_BACK)
    assert told(context(operation, WITH_LINK)) == {"status": 500, "detail": "no", "step": "check_vim"}
