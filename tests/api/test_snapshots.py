"""VNF snapshots: the resource, and the operations that fill it and go back to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.standing import NFVO, stand

SNAPSHOTS = "/vnflcm/v2/vnf_snapshots"
INSTANCES = "/vnflcm/v2/vnf_instances"


def create(http: httpx.Client) -> str:
    return str(http.post(SNAPSHOTS, json={}).json()["id"])


def fill(api: Api, snapshot_id: str, instance_id: str) -> None:
    """As CREATE_SNAPSHOT would."""
    instance = api.deps.instances.get("a", instance_id)
    assert instance is not None
    vnfc = (instance.instantiated_vnf_info or {})["vnfcResourceInfo"][0]
    server = vnfc["computeResource"]["resourceId"]
    handle = {"vimConnectionId": "v", "resourceId": "vmsnap-1"}
    snapshot = {
        "id": "s",
        "vnfInstanceId": instance_id,
        "creationStartedAt": "2026-01-02T03:04:05+00:00",
        "vnfdId": instance.vnfd_id,
        "vnfcSnapshots": [{"id": "c", "vnfcInstanceId": vnfc["id"], "computeSnapshotResource": handle}],
    }
    taken = {"haproxy-0": {"server": server, "id": "vmsnap-1", "memory": False}}
    record = {**asdict(instance), "state": str(instance.state)}
    changes = {"vnf_snapshot": snapshot, "instance": record, "taken": taken, "filled_by": "o"}
    changes["instance_id"] = instance_id
    assert api.deps.snapshots.fill("a", snapshot_id, changes)


def test_create_read_delete(http: httpx.Client) -> None:
    made = http.post(SNAPSHOTS, json={})
    assert made.status_code == 201
    url = made.headers["Location"]
    assert made.json() == {"id": url.rsplit("/")[-1], "_links": {"self": {"href": url}}}
    assert http.get(url).json() == made.json()
    assert made.json() in http.get(SNAPSHOTS).json()
    assert http.delete(url).status_code == 204
    assert http.get(url).status_code == 404
    assert http.delete(url).status_code == 404


def test_none_comes_from_a_package(http: httpx.Client) -> None:
    assert http.post(SNAPSHOTS, json={"vnfSnapshotPkgId": "p"}).status_code == 422


def test_tenants_do_not_see_each_other(api: Api, http: httpx.Client) -> None:
    url = f"{SNAPSHOTS}/{create(http)}"
    with api.client("other") as other:
        assert other.get(url).status_code == 404
        assert other.delete(url).status_code == 404


def test_a_filled_one_tells_how_the_vnf_was(api: Api, http: httpx.Client) -> None:
    snapshot_id, instance_id = create(http), stand(api.deps, NFVO, "lb")
    instance = http.get(f"{INSTANCES}/{instance_id}").json()
    fill(api, snapshot_id, instance_id)
    document = http.get(f"{SNAPSHOTS}/{snapshot_id}").json()
    then = document["vnfSnapshot"]["vnfInstance"]
    assert then["_links"] == {"self": instance["_links"]["self"]}
    assert {**then, "_links": 0} == {**instance, "_links": 0}
    assert document["_links"]["takenFrom"] == instance["_links"]["self"]
    (listed,) = http.get(SNAPSHOTS, params={"filter": f"(eq,id,{snapshot_id})"}).json()
    assert set(document["vnfSnapshot"]) - set(listed["vnfSnapshot"]) == {"vnfInstance", "vnfcSnapshots"}


@pytest.mark.parametrize(
    ("task", "kind"),
    [("create_snapshot", "CREATE_SNAPSHOT"), ("revert_to_snapshot", "REVERT_TO_SNAPSHOT")],
)
def test_operations_name_their_snapshot(api: Api, http: httpx.Client, task: str, kind: str) -> None:
    snapshot_id, instance_id = create(http), stand(api.deps, NFVO, "lb")
    body: dict[str, Any] = {"vnfSnapshotInfoId": snapshot_id}
    if kind == "REVERT_TO_SNAPSHOT":
        empty = http.post(f"{INSTANCES}/{instance_id}/{task}", json=body)
        assert empty.status_code == 422
        fill(api, snapshot_id, instance_id)
    answer = http.post(f"{INSTANCES}/{instance_id}/{task}", json=body)
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    operation = http.get(answer.headers["Location"]).json()
    assert (operation["operation"], operation["vnfSnapshotInfoId"]) == (kind, snapshot_id)
    assert operation["_links"]["vnfSnapshot"]["href"].endswith(f"{SNAPSHOTS}/{snapshot_id}")
    assert http.delete(f"{SNAPSHOTS}/{snapshot_id}").status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"vnfSnapshotInfoId": "no such"}, 422),
        ({"vnfSnapshotInfoId": 5}, 400),
        ({"vnfSnapshotInfoId": "good", "additionalParams": {"mode": "magic"}}, 400),
        ({"vnfSnapshotInfoId": "good", "additionalParams": {"mode": {}}}, 400),
    ],
)
def test_refused(api: Api, http: httpx.Client, body: dict[str, Any], status: int) -> None:
    if body.get("vnfSnapshotInfoId") == "good":
        body = {**body, "vnfSnapshotInfoId": create(http)}
    url = f"{INSTANCES}/{stand(api.deps, NFVO, 'lb')}/create_snapshot"
    assert http.post(url, json=body).status_code == status
