"""Security rules in a zone with security groups: made, kept by every new server, and gone with the VNF."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import pytest

from tests.integration.lcm.guarded import GUARDED, RULES, groups, package, prepare, request
from tests.integration.lcm.play import completed, decide, end, servers
from tests.stage import NFVO, Stage, WorkerPool, mark_file, run_under
from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.services import tasks

STEP = "create_security_group:haproxy"


@pytest.fixture(scope="module", autouse=True)
def onboarded(one_stage: Stage) -> None:
    one_stage.nfvo.nfvo.packages.onboard(package())


@pytest.fixture
def guarded(stage: Stage) -> Stage:
    """The stage with a zone that has security groups."""
    prepare(stage)
    return stage


def begin(stage: Stage, pool: WorkerPool, network: str = "flat") -> Operation:
    instance = stage.create(GUARDED)
    with pool.running(stage.settings):
        return stage.settle(stage.begin(instance.id, OperationType.INSTANTIATE, request(stage, network)))


def stand(stage: Stage, pool: WorkerPool) -> Instance:
    made = begin(stage, pool)
    assert made.state is OperationState.COMPLETED, made.error
    return stage.instance(made.vnf_instance_id)


def test_a_server_is_behind_the_rules_from_its_first_start(guarded: Stage, pool: WorkerPool) -> None:
    made = begin(guarded, pool)
    assert made.state is OperationState.COMPLETED, made.error
    assert made.warnings == []
    instance = guarded.instance(made.vnf_instance_id)
    (group,) = groups(guarded)
    assert group["rules"] == RULES
    assert group["vms"] == list(servers(instance).values())
    kept = [(item["id"], item["target"]) for item in instance.resources if item["kind"] == "SECURITY_GROUP"]
    assert kept == [(group["id"], "haproxy")]
    end(guarded, pool, instance.id)


def test_new_servers_join_the_same_group(guarded: Stage, pool: WorkerPool) -> None:
    instance = stand(guarded, pool)
    (before,) = groups(guarded)
    completed(guarded, pool, instance.id, "SCALE", type="SCALE_OUT", aspectId="size")
    vnfc = standing.vnfc(guarded.instance(instance.id), "haproxy-0")
    ask = {"action": "recreate", "vnfcInstanceIds": [vnfc.id]}
    completed(guarded, pool, instance.id, "HEAL", additionalParams=ask)
    (group,) = groups(guarded)
    now = servers(guarded.instance(instance.id))
    assert (group["id"], group["rules"]) == (before["id"], RULES)
    assert now["haproxy-0"] != vnfc.server
    assert sorted(group["vms"]) == sorted(now.values())
    end(guarded, pool, instance.id)


def test_a_rollback_leaves_none(guarded: Stage, pool: WorkerPool) -> None:
    guarded.door("faults", {"kind": "fail", "command": "deployVirtualMachine", "code": 530, "text": "no"})
    failed = begin(guarded, pool)
    assert failed.state is OperationState.FAILED_TEMP
    assert len(groups(guarded)) == 1
    back = decide(guarded, pool, failed, "rollback")
    assert back.state is OperationState.ROLLED_BACK, back.error
    assert not any(guarded.ours(guarded.world()).values())


@pytest.mark.parametrize(
    ("command", "kind", "times"),
    [
        ("createSecurityGroup", "drop", 1),
        ("createSecurityGroup", "drop_before", 1),
        ("authorizeSecurityGroupIngress", "drop", 2),
        ("authorizeSecurityGroupEgress", "drop_before", 1),
    ],
)
def test_lost_answers_leave_nothing_twice(
    guarded: Stage, pool: WorkerPool, command: str, kind: str, times: int
) -> None:
    guarded.door("faults", {"kind": kind, "command": command, "times": times})
    patient = dataclasses.replace(guarded.settings, settle_pause=0.2)
    instance = stand(dataclasses.replace(guarded, settings=patient), pool)
    assert guarded.faults_fired() == times
    (group,) = groups(guarded)
    assert group["rules"] == RULES
    end(guarded, pool, instance.id)


@pytest.mark.parametrize("phase", ["start", "rules", "job"])
@pytest.mark.parametrize("point", ["before", "after-call", "after-journal"])
def test_a_worker_that_dies_anywhere_in_it(
    guarded: Stage, pool: WorkerPool, phase: str, point: str, tmp_path: Path
) -> None:
    instance = guarded.create(GUARDED)
    begin = partial(guarded.begin, instance.id, OperationType.INSTANTIATE, request(guarded))
    ended = run_under(guarded, pool, f"{STEP}/{phase}/{point}", mark_file(tmp_path), begin)
    assert ended.state is OperationState.COMPLETED, ended.error
    (group,) = groups(guarded)
    assert group["rules"] == RULES
    end(guarded, pool, instance.id)


def test_a_rule_that_is_refused_is_told_and_retried(guarded: Stage, pool: WorkerPool) -> None:
    command = "authorizeSecurityGroupEgress"
    guarded.door("faults", {"kind": "fail", "command": command, "code": 530, "text": "no"})
    failed = begin(guarded, pool)
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error is not None
    assert (failed.error["step"], failed.error["vimCommand"]) == (STEP, command)
    ended = decide(guarded, pool, failed, "retry")
    assert ended.state is OperationState.COMPLETED, ended.error
    (group,) = groups(guarded)
    assert group["rules"] == RULES
    end(guarded, pool, ended.vnf_instance_id)


def test_a_group_waits_for_members_that_the_vim_has_yet_to_purge(guarded: Stage, pool: WorkerPool) -> None:
    """The user may not expunge; patience for bodies ends before CloudStack's purge, and the group is left."""
    made = stand(guarded, pool)
    guarded.door("settings", {"allow.user.expunge.recover.vm": "false"})
    hasty = dataclasses.replace(guarded.settings, purge_patience=0.3, purge_policy="leave")
    instance = guarded.instance(made.id)
    with pool.running(hasty):
        ended = guarded.settle(guarded.terminate(instance.id))
    assert ended.state is OperationState.COMPLETED, ended.error
    (group,) = groups(guarded)
    assert any(group["id"] in one and "not purged" in one for one in ended.warnings), ended.warnings


def test_a_creation_in_doubt_that_is_given_up_is_removed_by_terminate(
    guarded: Stage, pool: WorkerPool
) -> None:
    guarded.door("faults", {"kind": "drop", "command": "createSecurityGroup"})
    guarded.door(
        "faults", {"kind": "fail", "command": "authorizeSecurityGroupIngress", "code": 530, "text": "no"}
    )
    failed = begin(guarded, pool)
    assert failed.state is OperationState.FAILED_TEMP
    assert len(groups(guarded)) == 1
    tasks.fail(guarded.deps, NFVO, failed.id)
    (kept,) = guarded.instance(failed.vnf_instance_id).resources
    assert (kept["kind"], kept["id"]) == ("SECURITY_GROUP", groups(guarded)[0]["id"])
    end(guarded, pool, failed.vnf_instance_id)


def test_a_network_without_them_is_said(guarded: Stage, pool: WorkerPool) -> None:
    made = begin(guarded, pool, "open")
    assert made.state is OperationState.COMPLETED, made.error
    assert groups(guarded) == []
    assert len(made.warnings) == 3
    assert all(
        "not enforced at lb_ext: the network 'open' has no security groups" in w for w in made.warnings
    )
    end(guarded, pool, made.vnf_instance_id)


def test_a_zone_without_them_is_said(stage: Stage, pool: WorkerPool) -> None:
    made = begin(stage, pool, "mgmt")
    assert made.state is OperationState.COMPLETED, made.error
    assert groups(stage) == []
    assert len(made.warnings) == 3
    assert all("the zone 'Sandbox-simulator' has no security groups" in one for one in made.warnings)
    end(stage, pool, made.vnf_instance_id)
