"""CREATE_SNAPSHOT, REVERT_TO_SNAPSHOT and the vnf_snapshots against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stage import FIREWALL, NFVO, Stage, Worker, WorkerPool
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.errors import BadRequest, Conflict, NotFound, Unprocessable
from vnfm.services import snapshots, tasks

CREATE, REVERT = OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT
DONE, HALTED, BACK = OperationState.COMPLETED, OperationState.FAILED_TEMP, OperationState.ROLLED_BACK


@pytest.fixture
def worker(stage: Stage, pool: WorkerPool) -> Iterator[Worker]:
    with pool.running(stage.settings) as found:
        yield found


def instantiated(stage: Stage) -> Instance:
    instance = stage.create(FIREWALL)
    ended = stage.settle(stage.instantiate(instance.id))
    assert ended.state is DONE, ended.error
    return stage.instance(instance.id)


def empty(stage: Stage) -> str:
    return snapshots.create(stage.deps, NFVO, {}).id


def run(stage: Stage, instance: Instance, kind: OperationType, name: str, **params: Any) -> Operation:
    body = {"vnfSnapshotInfoId": name, **({"additionalParams": params} if params else {})}
    return stage.settle(stage.begin(instance.id, kind, body))


def in_vim(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.world()["vmsnapshots"]
    return found


def states(stage: Stage) -> set[str]:
    return {vm["state"] for vm in stage.world()["vms"]}


@pytest.mark.parametrize("mode", ["stop", "memory", "quiesce"])
def test_taken_reverted_and_deleted(stage: Stage, worker: Worker, mode: str) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    made = run(stage, instance, CREATE, name, mode=mode)
    assert made.state is DONE, made.error
    assert len(in_vim(stage)) == 3
    assert {one["memory"] for one in in_vim(stage)} == {mode == "memory"}
    assert {one["quiesced"] for one in in_vim(stage)} == {mode == "quiesce"}
    assert states(stage) == {"Running"}
    info = snapshots.get(stage.deps, NFVO, name)
    assert info.vnf_snapshot is not None
    assert info.vnf_snapshot["vnfInstanceId"] == instance.id
    told = {one["computeSnapshotResource"]["resourceId"] for one in info.vnf_snapshot["vnfcSnapshots"]}
    assert told == {one["id"] for one in in_vim(stage)}
    assert info.instance is not None
    assert info.instance["instantiated_vnf_info"] == instance.instantiated_vnf_info
    back = run(stage, instance, REVERT, name)
    assert back.state is DONE, back.error
    assert states(stage) == {"Running"}
    assert [one["changeType"] for one in back.resource_changes["affectedVnfcs"]] == ["MODIFIED"] * 3
    snapshots.delete(stage.deps, NFVO, name)
    assert in_vim(stage) == []
    assert stage.instance(instance.id).resources == instance.resources
    with pytest.raises(NotFound):
        snapshots.get(stage.deps, NFVO, name)


def of_disks(stage: Stage) -> set[str]:
    return {one["id"] for one in stage.world()["snapshots"]}


def told(stage: Stage, name: str) -> set[str]:
    """VIM ids of the snapshots that a VnfSnapshotInfo tells of."""
    info = snapshots.get(stage.deps, NFVO, name)
    handles = []
    for one in (info.vnf_snapshot or {})["vnfcSnapshots"]:
        handles.append(one["computeSnapshotResource"])
        handles += [item["storageSnapshotResource"] for item in one.get("storageSnapshotResources", [])]
    return {handle["resourceId"] for handle in handles}


def test_disks_are_taken_reverted_and_deleted(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    made = run(stage, instance, CREATE, name, mode="volumes")
    assert made.state is DONE, made.error
    assert in_vim(stage) == []
    taken = {one["volume"] for one in stage.world()["snapshots"]}
    assert taken == {volume["id"] for volume in stage.world()["volumes"]}
    assert told(stage, name) == of_disks(stage)
    (storage,) = (instance.instantiated_vnf_info or {})["virtualStorageResourceInfo"]
    taken_of = (snapshots.get(stage.deps, NFVO, name).vnf_snapshot or {})["vnfcSnapshots"]
    data = [item for one in taken_of for item in one.get("storageSnapshotResources", [])]
    assert [item["storageResourceId"] for item in data] == [storage["id"]]
    assert states(stage) == {"Running"}
    back = run(stage, instance, REVERT, name)
    assert back.state is DONE, back.error
    assert calls(stage)["revertSnapshot"] == 4
    assert states(stage) == {"Running"}
    snapshots.delete(stage.deps, NFVO, name)
    assert of_disks(stage) == set()
    assert stage.instance(instance.id).resources == instance.resources


def calls(stage: Stage) -> dict[str, int]:
    found: dict[str, int] = stage.control.get(f"{stage.cloud.control_url}/calls").json()
    return found


def refuse(stage: Stage, command: str, **more: Any) -> None:
    text = "VM snapshot is not enabled for hypervisor type: KVM"
    stage.door("faults", {"kind": "refuse", "command": command, "code": 431, "text": text, **more})


def test_where_the_vim_has_no_snapshots_of_servers_disks_are_taken(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    refuse(stage, "createVMSnapshot", nth=2)
    made = run(stage, instance, CREATE, name)
    assert made.state is DONE, made.error
    assert len(in_vim(stage)) == 2
    assert told(stage, name) == of_disks(stage) | {one["id"] for one in in_vim(stage)}
    (warning,) = made.warnings
    assert "not enabled for hypervisor" in warning
    back = run(stage, instance, REVERT, name)
    assert back.state is DONE, back.error
    snapshots.delete(stage.deps, NFVO, name)
    assert (in_vim(stage), of_disks(stage)) == ([], set())


@pytest.mark.parametrize("params", [{"fallback": "none"}, {"mode": "quiesce"}, {"mode": "memory"}])
def test_no_way_round_where_that_is_not_wanted(stage: Stage, worker: Worker, params: Any) -> None:
    instance = instantiated(stage)
    refuse(stage, "createVMSnapshot", times=100)
    failed = run(stage, instance, CREATE, empty(stage), **params)
    assert failed.state is HALTED
    assert failed.error is not None
    assert "not enabled for hypervisor" in failed.error["detail"]
    tasks.rollback(stage.deps, NFVO, failed.id)
    assert stage.settle(failed.id).state is BACK
    assert of_disks(stage) == set()


def test_disks_that_are_not_ours_are_not_left_out_silently(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    (volume,) = [one for one in stage.world()["volumes"] if one["type"] == "DATADISK"]
    record = [item for item in instance.resources if item["id"] != volume["id"]]
    stage.deps.instances.update(NFVO.tenant, instance.id, {"resources": record})
    failed = run(stage, instance, CREATE, empty(stage), mode="volumes")
    assert failed.state is HALTED
    assert failed.error is not None
    assert f"its record does not know ({volume['id']})" in failed.error["detail"]


def test_a_disk_that_was_replaced_cannot_go_back(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    assert run(stage, instance, CREATE, name, mode="volumes").state is DONE
    params = {"additionalParams": {"action": "rebuild"}}
    assert stage.settle(stage.begin(instance.id, OperationType.HEAL, params)).state is DONE
    failed = run(stage, instance, REVERT, name)
    assert failed.state is HALTED
    assert failed.error is not None
    assert "is another one than was taken" in failed.error["detail"]


def test_what_a_given_up_one_took_is_not_forgotten(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    stage.door("faults", {"kind": "fail", "command": "createSnapshot", "nth": 3, "times": 100, "code": 530})
    failed = run(stage, instance, CREATE, name, mode="volumes")
    assert failed.state is HALTED
    tasks.fail(stage.deps, NFVO, failed.id)
    left = of_disks(stage)
    assert left
    kept = [item for item in stage.instance(instance.id).resources if item.get("of") == name]
    assert {item["id"] for item in kept} >= left
    with pytest.raises(Unprocessable, match="given up"):
        stage.begin(instance.id, CREATE, {"vnfSnapshotInfoId": name})
    snapshots.delete(stage.deps, NFVO, name)
    assert of_disks(stage) == set()
    assert stage.instance(instance.id).resources == instance.resources


def test_disks_that_were_taken_go_with_the_vnf(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    assert run(stage, instance, CREATE, name, mode="volumes").state is DONE
    gone = stage.settle(stage.terminate(instance.id))
    assert gone.state is DONE, gone.error
    assert of_disks(stage) == set()
    snapshots.delete(stage.deps, NFVO, name)


def test_a_vim_that_refuses_the_deletion_is_told_of(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    assert run(stage, instance, CREATE, name).state is DONE
    refuse(stage, "deleteVMSnapshot", nth=2, text="it is in use")
    with pytest.raises(Conflict, match="it is in use"):
        snapshots.delete(stage.deps, NFVO, name)
    assert len(in_vim(stage)) == 2
    snapshots.delete(stage.deps, NFVO, name)
    assert in_vim(stage) == []


def spoil(stage: Stage, command: str) -> None:
    fault = {
        "kind": "fail",
        "command": command,
        "nth": 2,
        "code": 530,
        "text": "Failed to create vm snapshot",
    }
    stage.door("faults", fault)


def test_a_failed_one_is_retried(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    spoil(stage, "createVMSnapshot")
    failed = run(stage, instance, CREATE, name)
    assert failed.state is HALTED
    assert failed.error is not None
    assert "createVMSnapshot" in failed.error["detail"]
    with pytest.raises(Conflict):
        snapshots.delete(stage.deps, NFVO, name)
    tasks.retry(stage.deps, NFVO, failed.id)
    ended = stage.settle(failed.id)
    assert ended.state is DONE, ended.error
    assert len(in_vim(stage)) == 3
    assert states(stage) == {"Running"}
    assert stage.faults_fired() == 1


def test_a_failed_one_is_rolled_back(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    spoil(stage, "createVMSnapshot")
    failed = run(stage, instance, CREATE, name)
    assert failed.state is HALTED
    tasks.rollback(stage.deps, NFVO, failed.id)
    ended = stage.settle(failed.id)
    assert ended.state is BACK, ended.error
    assert in_vim(stage) == []
    assert states(stage) == {"Running"}
    assert snapshots.get(stage.deps, NFVO, name).vnf_snapshot is None


def test_a_revert_that_has_begun_goes_on_or_is_given_up(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    assert run(stage, instance, CREATE, name).state is DONE
    spoil(stage, "revertToVMSnapshot")
    failed = run(stage, instance, REVERT, name)
    assert failed.state is HALTED
    with pytest.raises(NotFound, match="lost"):
        tasks.rollback(stage.deps, NFVO, failed.id)
    tasks.retry(stage.deps, NFVO, failed.id)
    assert stage.settle(failed.id).state is DONE
    assert states(stage) == {"Running"}


def test_snapshots_are_in_the_way_of_nics(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    assert run(stage, instance, CREATE, empty(stage)).state is DONE
    link = {"id": "vl-dmz", "resourceId": stage.networks["dmz"]}
    body = {"extVirtualLinks": [{**link, "extCps": [{"cpdId": "fw_outside", "cpConfig": {}}]}]}
    failed = stage.settle(stage.begin(instance.id, OperationType.CHANGE_EXT_CONN, body))
    assert failed.state is HALTED
    assert failed.error is not None
    assert "has snapshots" in failed.error["detail"]
    tasks.rollback(stage.deps, NFVO, failed.id)
    assert stage.settle(failed.id).state is BACK
    gone = stage.settle(stage.terminate(instance.id))
    assert gone.state is DONE, gone.error
    assert in_vim(stage) == []


def test_refused_before_anything_is_touched(stage: Stage, worker: Worker) -> None:
    instance = instantiated(stage)
    name = empty(stage)
    body = {"vnfSnapshotInfoId": name}
    for params, says in (
        ({"mode": "fast"}, r"additionalParams\.mode: 'fast'"),
        ({"fallback": "hope"}, r"additionalParams\.fallback: 'hope'"),
        ({"mode": "quiesce", "fallback": "volumes"}, "is for the mode 'stop' only"),
    ):
        with pytest.raises(BadRequest, match=says):
            stage.begin(instance.id, CREATE, {**body, "additionalParams": params})
    with pytest.raises(Unprocessable, match="there is no VNF snapshot"):
        stage.begin(instance.id, CREATE, {"vnfSnapshotInfoId": "nowhere"})
    with pytest.raises(Unprocessable, match="nothing has been taken"):
        stage.begin(instance.id, REVERT, body)
    with pytest.raises(Conflict, match="INSTANTIATED"):
        stage.begin(stage.create(FIREWALL).id, CREATE, body)
    with pytest.raises(Unprocessable, match="extracts no"):
        snapshots.create(stage.deps, NFVO, {"vnfSnapshotPkgId": "p"})
    assert run(stage, instance, CREATE, name).state is DONE
    with pytest.raises(Unprocessable, match="filled already"):
        stage.begin(instance.id, CREATE, body)
    with pytest.raises(Unprocessable, match="is one of VNF instance"):
        stage.begin(instantiated(stage).id, REVERT, body)
    assert [info.id for info in stage.deps.snapshots.list_all(NFVO.tenant, 100) if info.id == name] == [name]
    snapshots.delete(stage.deps, NFVO, name)
