"""CHANGE_VNFPKG: the load balancer gets the software of the next version of its package."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.integration.lcm.play import completed, decide, end, grant_request, play, servers, stand
from tests.stage import FIREWALL, LOAD_BALANCER, Stage, WorkerPool
from vnfm.domain.operation import OperationState, OperationType
from vnfm.errors import BadRequest, Unprocessable

NEXT = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1011"


def told(vm: Any) -> str:
    """The line of the user data that differs between the versions."""
    lines = base64.b64decode(vm["userdata"]).decode().splitlines()
    return next(line.strip() for line in lines if "maxconn" in line)


def test_the_image_is_replaced_and_the_rest_stays(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, LOAD_BALANCER)
    before = stage.world()
    ended = completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT)
    after, now = stage.world(), stage.instance(instance.id)
    assert now.vnfd_id == NEXT
    assert now.vnf_software_version != instance.vnf_software_version
    assert servers(now) == servers(instance)
    assert [vm["nics"] for vm in after["vms"]] == [vm["nics"] for vm in before["vms"]]
    assert [v["id"] for v in after["volumes"]] != [v["id"] for v in before["volumes"]]
    assert [told(vm) for one in (before, after) for vm in one["vms"]] == ["maxconn 2000", "maxconn 4000"]
    info = now.instantiated_vnf_info
    assert info is not None
    assert {item["vnfdId"] for item in info["vnfcResourceInfo"]} == {NEXT}
    request = grant_request(stage, ended)
    assert request["dstVnfdId"] == NEXT
    assert request["vnfdId"] == LOAD_BALANCER
    assert [item["vnfdId"] for item in request["updateResources"]] == [NEXT]
    assert [c["changeType"] for c in ended.resource_changes["affectedVnfcs"]] == ["MODIFIED"]
    assert ended.package_modifications["vnfdId"] == NEXT
    assert ended.package_modifications["vnfSoftwareVersion"] == now.vnf_software_version
    completed(stage, pool, instance.id, "HEAL")
    end(stage, pool, instance.id)


@pytest.mark.parametrize("task", ["retry", "rollback"])
def test_a_failure_half_way(stage: Stage, pool: WorkerPool, task: str) -> None:
    instance = stand(stage, pool, LOAD_BALANCER)
    stage.door("faults", {"kind": "fail", "command": "restoreVirtualMachine", "text": "no host"})
    failed = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=NEXT)
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.package_modifications == {}
    ended = decide(stage, pool, failed, task)
    assert ended.state is (OperationState.COMPLETED if task == "retry" else OperationState.ROLLED_BACK)
    now = stage.instance(instance.id)
    assert now.vnfd_id == (NEXT if task == "retry" else LOAD_BALANCER)
    if task == "rollback":
        assert now.instantiated_vnf_info == instance.instantiated_vnf_info
        assert [told(vm) for vm in stage.world()["vms"]] == ["maxconn 2000"]
    end(stage, pool, instance.id)


def test_where_no_way_leads_nothing_begins(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, LOAD_BALANCER)
    for vnfd_id, error, named in (
        (LOAD_BALANCER, BadRequest, "already"),
        (FIREWALL, BadRequest, "flavour"),
        ("unknown", Unprocessable, "unknown"),
    ):
        with pytest.raises(error, match=named):
            stage.begin(instance.id, OperationType.CHANGE_VNFPKG, {"vnfdId": vnfd_id})
    end(stage, pool, instance.id)
