"""What can be asked of an occurrence: retry, rollback, fail, cancel (SOL003 5.4.14 to 5.4.17)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from vnfm.domain.operation import CancelMode, OperationState, OperationType, StepEntry, StepState

OPERATIONS = "/vnflcm/v2/vnf_lcm_op_occs"
PROBLEM = {"status": 500, "detail": "no room"}
S = OperationState
Place = Callable[..., str]


@pytest.fixture
def place(api: Api) -> Place:
    """Stores an operation and tells where it is found."""

    def store(state: OperationState, **changes: Any) -> str:
        operation_id, instance_id = str(uuid.uuid4()), str(uuid.uuid4())
        steps = [StepEntry("create_network", "lan", 2, StepState.DONE), StepEntry("deploy_vnfc", "lb-0", 3)]
        facts = {"id": operation_id, "tenant": "a", "vnf_instance_id": instance_id, "steps": steps, **changes}
        api.deps.operations.accept("a", make_operation(state=state, **facts))
        return f"{OPERATIONS}/{operation_id}"

    return store


@pytest.mark.parametrize(("task", "state"), [("retry", "PROCESSING"), ("rollback", "ROLLING_BACK")])
def test_goes_on_under_the_same_occurrence(http: httpx.Client, place: Place, task: str, state: str) -> None:
    url = place(S.FAILED_TEMP, error=PROBLEM)
    answer = http.post(f"{url}/{task}")
    assert (answer.status_code, answer.content) == (202, b"")
    assert "Location" not in answer.headers
    assert "Content-Type" not in answer.headers
    document = http.get(url).json()
    assert (document["operationState"], document["error"]) == (state, PROBLEM)
    assert http.post(f"{url}/{task}").status_code == 409


def test_the_journal_shows_both_tracks(http: httpx.Client, place: Place) -> None:
    url = place(S.FAILED_TEMP, error=PROBLEM)
    http.post(f"{url}/rollback")
    steps = http.get(f"/gateway/v1/operations/{url.rsplit('/')[-1]}/steps").json()
    assert [(step["track"], step["name"], step["state"]) for step in steps] == [
        ("FORWARD", "create_network", "DONE"),
        ("FORWARD", "deploy_vnfc", "PENDING"),
        ("UNDO", "create_network", "PENDING"),
    ]


def test_fail_answers_with_the_record(http: httpx.Client, place: Place) -> None:
    url = place(S.FAILED_TEMP, error=PROBLEM)
    answer = http.post(f"{url}/fail")
    assert answer.status_code == 200
    assert answer.json() == http.get(url).json()
    assert (answer.json()["operationState"], answer.json()["error"]) == ("FAILED", PROBLEM)
    assert set(answer.json()["_links"]) == {"self", "vnfInstance"}
    assert http.post(f"{url}/fail").status_code == 409


def test_rollback_of_a_terminate_is_not_supported(http: httpx.Client, place: Place) -> None:
    url = place(S.FAILED_TEMP, type=OperationType.TERMINATE, error=PROBLEM)
    answer = http.post(f"{url}/rollback")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert "TERMINATE" in answer.json()["detail"]
    assert set(http.get(url).json()["_links"]) == {"self", "vnfInstance", "retry", "fail"}


@pytest.mark.parametrize("state", [S.STARTING, S.PROCESSING, S.ROLLING_BACK])
@pytest.mark.parametrize("mode", list(CancelMode))
def test_cancel_is_pending_until_a_worker_heeds_it(
    http: httpx.Client, place: Place, state: OperationState, mode: CancelMode
) -> None:
    url = place(state)
    before = http.get(url).json()
    assert before["isCancelPending"] is False
    assert "cancelMode" not in before
    answer = http.post(before["_links"]["cancel"]["href"], json={"cancelMode": mode})
    assert (answer.status_code, answer.content) == (202, b"")
    assert "Location" not in answer.headers
    after = http.get(url).json()
    assert (after["operationState"], after["isCancelPending"], after["cancelMode"]) == (state, True, mode)
    assert "cancel" not in after["_links"]
    assert http.post(f"{url}/cancel", json={"cancelMode": "FORCEFUL"}).status_code == 409


@pytest.mark.parametrize("task", ["retry", "rollback", "fail"])
@pytest.mark.parametrize("state", [state for state in S if state is not S.FAILED_TEMP])
def test_wrong_state_is_409(http: httpx.Client, place: Place, task: str, state: OperationState) -> None:
    answer = http.post(f"{place(state)}/{task}")
    assert answer.status_code == 409
    assert str(state) in answer.json()["detail"]


@pytest.mark.parametrize("state", [S.COMPLETED, S.FAILED_TEMP, S.FAILED, S.ROLLED_BACK])
def test_what_does_not_run_cannot_be_cancelled(
    http: httpx.Client, place: Place, state: OperationState
) -> None:
    assert http.post(f"{place(state)}/cancel", json={"cancelMode": "FORCEFUL"}).status_code == 409


@pytest.mark.parametrize(
    ("request_parts", "status"),
    [
        ({}, 400),
        ({"json": {}}, 400),
        ({"json": {"cancelMode": "SOMEHOW"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
    ],
)
def test_cancel_must_say_how(
    http: httpx.Client, place: Place, request_parts: dict[str, Any], status: int
) -> None:
    url = place(S.PROCESSING)
    assert http.post(f"{url}/cancel", **request_parts).status_code == status
    assert http.get(url).json()["isCancelPending"] is False


@pytest.mark.parametrize("task", ["retry", "rollback", "fail", "cancel"])
def test_only_the_tenant_and_only_writers(api: Api, http: httpx.Client, place: Place, task: str) -> None:
    body = {"json": {"cancelMode": "FORCEFUL"}} if task == "cancel" else {}
    url = f"{place(S.FAILED_TEMP)}/{task}"
    assert http.post(f"{OPERATIONS}/unknown/{task}", **body).status_code == 404
    with api.client("other") as other, api.client("monitor") as monitor:
        assert other.post(url, **body).status_code == 404
        assert monitor.post(url, **body).status_code == 403
