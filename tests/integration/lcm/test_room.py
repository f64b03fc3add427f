"""Quotas are asked before anything is touched: a refusal stops there, and a retry goes on."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from tests.integration.lcm.play import completed, end, play, stand
from tests.stage import (
    FIREWALL,
    FIREWALL_NEXT,
    LOAD_BALANCER,
    LOAD_BALANCER_NEXT,
    NFVO,
    WEB_TIER,
    Stage,
    WorkerPool,
)
from vnfm.domain.operation import Operation, OperationState
from vnfm.services import packages, tasks
from vnfm.vnfd.document import to_document

#: Commands that change the VIM, however they are called.
CHANGING = ("create", "deploy", "attach", "destroy", "stop", "scale", "restore", "delete", "add", "resize")


def limit(stage: Stage, **limits: int) -> None:
    stage.door("seed", {"accounts": [{"name": "alice", "limits": limits}]})


def changes(stage: Stage) -> dict[str, int]:
    """How often each changing command was called so far."""
    found: dict[str, int] = stage.control.get(f"{stage.cloud.control_url}/calls").json()
    return {name: times for name, times in found.items() if name.startswith(CHANGING)}


def assert_refused(operation: Operation, quota: str, limit: int, wanted: int) -> None:
    assert operation.state is OperationState.FAILED_TEMP, operation.error
    assert operation.error is not None
    assert operation.error["step"] == "check_room"
    facts = {name: operation.error[name] for name in ("quota", "limit", "wanted")}
    assert facts == {"quota": quota, "limit": limit, "wanted": wanted}
    assert f"{quota} of account 'alice': limit {limit}" in operation.error["detail"]


@pytest.mark.parametrize(
    ("quota", "limit_", "wanted"), [("user_vm", 2, 3), ("volume", 3, 4), ("cpu", 2, 3), ("network", 5, 1)]
)
def test_an_instantiate_without_room_touches_nothing(
    stage: Stage, pool: WorkerPool, quota: str, limit_: int, wanted: int
) -> None:
    limit(stage, **{quota: limit_})
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        ended = stage.settle(stage.instantiate(instance.id))
        assert_refused(ended, quota, limit_, wanted)
        assert changes(stage) == {}
        limit(stage, **{quota: 100})
        tasks.retry(stage.deps, NFVO, ended.id)
        again = stage.settle(ended.id)
    assert again.state is OperationState.COMPLETED, again.error
    end(stage, pool, instance.id)


def test_a_scale_out_without_room_touches_nothing(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER)
    before = changes(stage)
    standing = len(stage.world()["vms"])
    limit(stage, user_vm=standing)
    ended = play(stage, pool, instance.id, "SCALE", type="SCALE_OUT", aspectId="worker_aspect")
    assert_refused(ended, "user_vm", standing, len(list_deployed(ended)))
    assert changes(stage) == before
    roll_back(stage, pool, ended)
    end(stage, pool, instance.id)


def test_a_scale_in_needs_no_room(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER, instantiationLevelId="medium")
    limit(stage, user_vm=1)
    completed(stage, pool, instance.id, "SCALE", type="SCALE_IN", aspectId="worker_aspect")
    end(stage, pool, instance.id)


def test_a_greater_flavour_without_room_touches_nothing(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, WEB_TIER)
    before = changes(stage)
    limit(stage, memory=1024)
    ended = play(stage, pool, instance.id, "CHANGE_FLAVOUR", newFlavourId="premium")
    assert ended.state is OperationState.FAILED_TEMP, ended.error
    assert ended.error is not None
    assert (ended.error["step"], ended.error["quota"]) == ("check_room", "memory")
    assert changes(stage) == before
    roll_back(stage, pool, ended)
    assert changes(stage) == before
    assert (stage.instance(instance.id).instantiated_vnf_info or {})["flavourId"] == "basic"
    end(stage, pool, instance.id)


def test_a_new_package_of_the_same_size_needs_no_room(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool, LOAD_BALANCER)
    limit(stage, user_vm=1, cpu=1, volume=1)
    completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=LOAD_BALANCER_NEXT)
    end(stage, pool, instance.id)


def roll_back(stage: Stage, pool: WorkerPool, operation: Operation) -> None:
    """There is nothing to undo, and the instance is free."""
    tasks.rollback(stage.deps, NFVO, operation.id)
    with pool.running(stage.settings):
        assert stage.settle(operation.id).state is OperationState.ROLLED_BACK


def list_deployed(operation: Operation) -> list[str]:
    return [entry.target for entry in operation.steps if entry.name == "deploy_vnfc"]


def test_a_new_package_counts_grown_roots_new_and_grown_disks(stage: Stage, pool: WorkerPool) -> None:
    """Two root disks grow by 2 GiB, two data disks of 5 GiB come, and one grows from 10 to 20."""
    instance = stand(stage, pool, FIREWALL)
    limit(stage, primary_storage=40)
    before = changes(stage)
    ended = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=FIREWALL_NEXT)
    assert_refused(ended, "primary_storage", 40, 2 * 2 + 2 * 5 + 10)
    assert changes(stage) == before
    roll_back(stage, pool, ended)
    end(stage, pool, instance.id)


def demand_tags(stage: Stage, tags: str) -> None:
    """As if the VNFD of the firewall had demanded them of its data disks."""
    known = packages.require(stage.deps, NFVO.tenant, FIREWALL)
    flavours = {
        name: replace(
            flavour,
            storages={
                key: replace(disk, requirements={"storage_tags": tags} if tags else {})
                for key, disk in flavour.storages.items()
            },
        )
        for name, flavour in known.flavours.items()
    }
    stage.deps.packages.put(
        NFVO.tenant, FIREWALL, f"tagged {tags}", to_document(replace(known, flavours=flavours))
    )


def test_disks_lie_on_the_storage_the_vnfd_wants(stage: Stage, pool: WorkerPool) -> None:
    demand_tags(stage, "ssd")
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        ended = stage.settle(stage.instantiate(instance.id))
        assert ended.state is OperationState.FAILED_TEMP
        assert ended.error is not None
        assert "on storage tagged ssd" in ended.error["detail"]
        assert changes(stage) == {}, "looked at before anything is made"
        offering = {"id": str(uuid.uuid4()), "name": "Fast", "iscustomized": True, "tags": "ssd"}
        stage.door("seed", {"diskofferings": [offering]})
        tasks.retry(stage.deps, NFVO, ended.id)
        again = stage.settle(ended.id)
    assert again.state is OperationState.COMPLETED, again.error
    disks = [v for v in stage.world()["volumes"] if v["type"] == "DATADISK"]
    assert {v["offering"] for v in disks} == {"Fast"}
    end(stage, pool, instance.id)
    demand_tags(stage, "")
