"""If-Match at whatever takes it: what the caller knows is judged before the state (412, 409)."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.catalogue import CATALOGUE, Operation
from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from tests.fakes.standing import NFVO
from tests.speclint import resolve
from vnfm.domain.operation import OperationState
from vnfm.services import instances


def _takes_if_match(operation: Operation) -> bool:
    parameters = [resolve(operation.spec, node) for node in operation.definition.get("parameters", ())]
    return any(node["name"] == "If-Match" for node in parameters)


CONDITIONAL = [operation for operation in CATALOGUE if _takes_if_match(operation)]
ON_INSTANCES = [operation for operation in CONDITIONAL if operation.path.endswith("{vnfInstanceId}")]


@pytest.fixture
def instance(api: Api) -> str:
    return instances.create(api.deps, NFVO, {"vnfdId": "lb"}).id


def send(http: httpx.Client, operation: Operation, instance_id: str, **headers: str) -> httpx.Response:
    request: dict[str, Any] = operation.request(Version=_version(operation), **headers)
    return http.request(**{**request, "url": operation.address.replace("unknown", instance_id)})


def _version(operation: Operation) -> str:
    return str(operation.spec["info"]["version"])


def etag(http: httpx.Client, operation: Operation, instance_id: str) -> str:
    url = operation.address.replace("unknown", instance_id)
    return http.get(url, headers={"Version": _version(operation)}).headers["ETag"]


def test_all_dialects_have_them() -> None:
    assert {
        (operation.base, operation.path.split("/")[1], operation.method) for operation in ON_INSTANCES
    } == {
        (base, major, method)
        for base in ("/vnflcm", "/sol002/vnflcm")
        for major in ("v1", "v2")
        for method in ("PATCH", "DELETE")
    }


@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
def test_412_comes_before_409(api: Api, http: httpx.Client, operation: Operation, instance: str) -> None:
    holder = make_operation(
        id=str(uuid.uuid4()), tenant="a", vnf_instance_id=instance, state=OperationState.PROCESSING
    )
    api.deps.operations.accept("a", holder)
    assert send(http, operation, instance).status_code == 409
    assert send(http, operation, instance, If_Match=etag(http, operation, instance)).status_code == 409
    answer = send(http, operation, instance, If_Match='"stale"')
    assert answer.status_code == 412
    assert answer.json()["detail"]


@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
@pytest.mark.parametrize("wrap", ["{}", '"other", {}', "*", '{} , "other"'])
def test_what_is_known_is_taken(http: httpx.Client, operation: Operation, instance: str, wrap: str) -> None:
    known = wrap.format(etag(http, operation, instance))
    assert send(http, operation, instance, If_Match=known).status_code in {202, 204}


@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
def test_weak_tags_match_nothing(http: httpx.Client, operation: Operation, instance: str) -> None:
    """RFC 9110 13.1.1: the comparison is the strong one."""
    weak = f"W/{etag(http, operation, instance)}"
    assert send(http, operation, instance, If_Match=weak).status_code == 412


def test_the_tag_is_the_same_in_every_dialect_and_changes_with_the_resource(
    http: httpx.Client, instance: str
) -> None:
    patches = [operation for operation in ON_INSTANCES if operation.method == "PATCH"]
    before = {etag(http, operation, instance) for operation in patches}
    assert len(before) == 1
    assert send(http, patches[0], instance).status_code == 202
    after = {etag(http, operation, instance) for operation in patches}
    assert len(after) == 1
    assert after != before
