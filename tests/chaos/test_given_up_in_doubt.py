"""A worker dies after a call of which nothing is journalled yet, a cancel stops the operation there or nobody
can look what came of it, and it is given up: what the call has made must not be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.judge import judge
from tests.stage import FIREWALL, NFVO, WEB_TIER, Stage, WorkerPool, die_at, mark_file, open_stage
from vnfm.domain.operation import OperationState, OperationType
from vnfm.domain.standing import UNSEEN
from vnfm.services import snapshots, tasks

S = OperationState


@pytest.fixture(scope="module")
def stage(mongo_uri: str) -> Iterator[Stage]:
    with open_stage(mongo_uri) as found:
        yield found


@pytest.mark.parametrize("mode", ["GRACEFUL", "FORCEFUL"])
@pytest.mark.parametrize("step", ["create_network", "deploy_vnfc"])
def test_nothing_is_forgotten(stage: Stage, pool: WorkerPool, step: str, mode: str, tmp_path: Path) -> None:
    name = f"doubt-{step.replace('_', '-')}-{mode.lower()}x"
    instance = stage.create(WEB_TIER, name)
    begin = partial(stage.instantiate, instance.id)
    operation = die_at(stage, pool, f"{step}:*/after-call", mark_file(tmp_path), begin)
    tasks.cancel(stage.deps, NFVO, operation, mode)
    with pool.running(stage.settings):
        assert stage.settle(operation).state is S.FAILED_TEMP
        tasks.fail(stage.deps, NFVO, operation)
        assert not judge(stage, name, stage.operation(operation), stage.world(), tainted=True)
        assert stage.settle(stage.terminate(instance.id)).state is S.COMPLETED
    assert not stage.left_of(name)


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
@pytest.mark.parametrize(
    ("package", "step", "look"),
    [
        (WEB_TIER, "create_network", "listNetworks"),
        (WEB_TIER, "deploy_vnfc", "listVirtualMachines"),
        (FIREWALL, "add_volume", "listVolumes"),
        (FIREWALL, "create_group", "listAffinityGroups"),
    ],
)
def test_nobody_can_look(
    stage: Stage, pool: WorkerPool, package: str, step: str, look: str, seen: bool, tmp_path: Path
) -> None:
    """``fail`` looks, and if it cannot either, TERMINATE does."""
    name = f"look-{step.replace('_', '-')}-{seen}x".lower()
    instance = stage.create(package, name)
    begin = partial(stage.instantiate, instance.id)
    operation = die_at(stage, pool, f"{step}:*/after-call", mark_file(tmp_path), begin)
    stage.door("faults", {"kind": "refuse", "code": 431, "command": look, "times": 1000})
    with pool.running(stage.settings):
        assert stage.settle(operation).state is S.FAILED_TEMP
        assert stage.faults_fired() > 0
        if seen:
            stage.calm()
        tasks.fail(stage.deps, NFVO, operation)
        stage.calm()
        ended = stage.operation(operation)
        assert not judge(stage, name, ended, stage.world(), tainted=True)
        assert any("could not be found out" in text for text in ended.warnings) is not seen
        assert any(item["kind"] == UNSEEN for item in stage.instance(instance.id).resources) is not seen
        assert stage.settle(stage.terminate(instance.id)).state is S.COMPLETED
    assert not stage.left_of(name)
    assert not stage.instance(instance.id).is_half_made


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
def test_nobody_can_look_at_a_disks_snapshot(
    stage: Stage, pool: WorkerPool, seen: bool, tmp_path: Path
) -> None:
    """What has a holder is looked for there; it does not go with the server."""
    name = f"look-snapshot-{seen}x".lower()
    instance = stage.create(WEB_TIER, name)
    with pool.running(stage.settings):
        assert stage.settle(stage.instantiate(instance.id)).state is S.COMPLETED
    body = {
        "vnfSnapshotInfoId": snapshots.create(stage.deps, NFVO, {}).id,
        "additionalParams": {"mode": "volumes"},
    }
    begin = partial(stage.begin, instance.id, OperationType.CREATE_SNAPSHOT, body)
    operation = die_at(stage, pool, "take_disk:*/after-call", mark_file(tmp_path), begin)
    stage.door("faults", {"kind": "refuse", "code": 431, "command": "listSnapshots", "times": 1000})
    with pool.running(stage.settings):
        assert stage.settle(operation).state is S.FAILED_TEMP
        if seen:
            stage.calm()
        tasks.fail(stage.deps, NFVO, operation)
        stage.calm()
        assert not judge(stage, name, stage.operation(operation), stage.world(), tainted=True)
        assert stage.left_of(name)["snapshots"]
        assert stage.settle(stage.terminate(instance.id)).state is S.COMPLETED
    assert not stage.left_of(name)
