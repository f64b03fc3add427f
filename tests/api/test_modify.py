"""PATCH of a VNF instance (SOL003 5.4.3.3.4): merge patch, If-Match, and the occurrence it starts."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from vnfm.domain.operation import OperationState, OperationType, StepEntry, StepState

INSTANCES = "/vnflcm/v2/vnf_instances"
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def url(http: httpx.Client) -> str:
    """A new instance."""
    return str(http.post(INSTANCES, json={"vnfdId": "lb", "vnfInstanceName": "old"}).headers["Location"])


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json"])
def test_accepted(http: httpx.Client, url: str, content_type: str) -> None:
    connection = {"vimType": "CLOUDSTACK", "accessInfo": {"apiKey": "k", "secretKey": "hush-hush"}}
    body = {
        "vnfInstanceName": None,
        "metadata": {"a": None, "b": [None]},
        "vimConnectionInfo": {"v": connection},
    }
    answer = http.patch(url, json=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    operation = http.get(answer.headers["Location"])
    assert "hush-hush" not in operation.text
    document = operation.json()
    assert (document["operation"], document["operationState"]) == ("MODIFY_INFO", "PROCESSING")
    assert document["operationParams"] == {**body, "vimConnectionInfo": {"v": {"vimType": "CLOUDSTACK"}}}
    assert "changedInfo" not in document
    assert http.patch(url, json={}).status_code == 409


def test_the_version_known_comes_before_the_state(http: httpx.Client, url: str) -> None:
    known = http.get(url).headers["ETag"]
    assert http.patch(url, json={}, headers={"If-Match": '"no such"'}).status_code == 412
    assert http.patch(url, json={}, headers={"If-Match": known}).status_code == 202
    assert http.patch(url, json={}, headers={"If-Match": known}).status_code == 412
    assert http.patch(url, json={}, headers={"If-Match": http.get(url).headers["ETag"]}).status_code == 409
    assert http.patch(url, json={}, headers={"If-Match": "*"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"vnfInstanceName": 5}, 400),
        ({"metadata": []}, 400),
        ([], 400),
        ({"vimConnectionInfo": {"new": {"interfaceInfo": {}}}}, 400),
        ({"vnfdId": "another"}, 422),
        ({"vnfdId": "lb", "fromTheFuture": None}, 202),
    ],
)
def test_refused(http: httpx.Client, url: str, body: Any, status: int) -> None:
    assert http.patch(url, json=body, headers=MERGE).status_code == status


def test_other_media_types(http: httpx.Client, url: str) -> None:
    answer = http.patch(url, content=b"{}", headers={"Content-Type": "application/json-patch+json"})
    assert answer.status_code == 415


def test_changed_info_says_what_is_gone(api: Api, http: httpx.Client) -> None:
    changed = {
        "vnfInstanceName": None,
        "extensions": {"a": None, "b": []},
        "vimConnectionInfo": {"v": {"vimType": "CLOUDSTACK"}, "w": None},
    }
    operation = make_operation(
        id=str(uuid.uuid4()),
        tenant="a",
        vnf_instance_id=str(uuid.uuid4()),
        type=OperationType.MODIFY_INFO,
        state=OperationState.COMPLETED,
        changed_info=changed,
    )
    api.deps.operations.accept("a", operation)
    assert http.get(f"/vnflcm/v2/vnf_lcm_op_occs/{operation.id}").json()["changedInfo"] == changed


@pytest.mark.parametrize(
    ("task", "status", "state"),
    [("retry", 202, "PROCESSING"), ("rollback", 202, "ROLLING_BACK"), ("fail", 200, "FAILED")],
)
def test_a_failed_one_is_decided_like_all(
    api: Api, http: httpx.Client, url: str, task: str, status: int, state: str
) -> None:
    steps = [
        StepEntry("compare_info", "", 0, StepState.DONE, result={"before": {}, "after": {}, "changed": {}}),
        StepEntry("finalise_modify", "", 1, StepState.FAILED, problem={"status": 500, "detail": "no"}),
    ]
    facts = {"id": str(uuid.uuid4()), "tenant": "a", "vnf_instance_id": url.rsplit("/")[-1], "steps": steps}
    kind, failed = OperationType.MODIFY_INFO, OperationState.FAILED_TEMP
    api.deps.operations.accept("a", make_operation(type=kind, state=failed, params={}, **facts))
    before = http.get(url).json()
    occurrence = f"/vnflcm/v2/vnf_lcm_op_occs/{facts['id']}"
    assert http.post(f"{occurrence}/{task}").status_code == status
    assert http.get(occurrence).json()["operationState"] == state
    assert http.get(url).json() == before
