"""What an operation says and leaves when the VIM, the connection or the NFVO fails it."""

from __future__ import annotations

import dataclasses
import socket
import uuid
from typing import Any

import pytest

from tests.stage import FIREWALL, NFVO, Stage, WorkerPool
from vnfm.domain.operation import Operation, OperationState
from vnfm.lcm import inventory
from vnfm.services import tasks
from vnfm.store.client import connect

FOREVER = 10_000
EVERY_DEPLOY = {"command": "deployVirtualMachine", "times": FOREVER}


def run(stage: Stage, pool: WorkerPool, **changes: Any) -> Operation:
    """One INSTANTIATE of the firewall, to its rest."""
    instance = stage.create(FIREWALL)
    with pool.running(stage.settings):
        return stage.settle(stage.instantiate(instance.id, **changes))


def set_connection(stage: Stage, **changes: Any) -> None:
    """Have the NFVO hand out another VIM connection."""
    grants = stage.nfvo.nfvo.grants
    cloud = {**grants.policy.vim_connection_info["cloud"], **changes}
    grants.policy = dataclasses.replace(grants.policy, vim_connection_info={"cloud": cloud})


def calls(stage: Stage) -> dict[str, int]:
    found: dict[str, int] = stage.control.get(f"{stage.cloud.control_url}/calls").json()
    return found


def assert_only_the_journal(stage: Stage, operation: Operation) -> None:
    """The world holds what the journal says, and no server."""
    world = stage.world()
    made = {item["kind"]: item["id"] for item in inventory.resources(operation)}
    assert stage.ours(world)["vms"] == []
    assert stage.ours(world)["volumes"] == []
    ours = set(stage.ours(world)["networks"])
    assert {n["id"] for n in world["networks"] if n["name"] in ours} == {made["NETWORK"]} & set(made.values())
    assert [g["id"] for g in world["affinitygroups"]] == [made["AFFINITY_GROUP"]]


def secrets_of(stage: Stage, operation: Operation) -> list[str]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    try:
        return [doc["_id"] for doc in db["secrets"].find() if operation.vnf_instance_id in doc["_id"]]
    finally:
        db.client.close()


@pytest.mark.parametrize(
    ("connection", "reason"),
    [
        (None, "no VIM connection"),
        ({"accessInfo": {}}, "apiKey"),
        ({"accessInfo": {"apiKey": "k"}}, "secretKey"),
        ({"interfaceInfo": {}}, "endpoint"),
        ({"vimType": "OPENSTACK"}, "vimType: 'OPENSTACK' is not supported; known: CLOUDSTACK"),
        ({"interfaceInfo": {"endpoint": "http://169.254.169.254/client/api"}}, "169.254.169.254"),
    ],
    ids=["none", "no credentials", "half", "no endpoint", "type", "forbidden address"],
)
def test_an_unusable_vim_connection_rolls_back_before_anything_is_made(
    stage: Stage, pool: WorkerPool, connection: dict[str, Any] | None, reason: str
) -> None:
    if connection is None:
        grants = stage.nfvo.nfvo.grants
        grants.policy = dataclasses.replace(grants.policy, vim_connection_info={}, images={})
    else:
        set_connection(stage, **connection)
    ended = run(stage, pool)
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert ended.error is not None
    assert reason in ended.error["detail"]
    assert ended.error["step"] == "check_plan"
    assert calls(stage) == {}
    assert secrets_of(stage, ended) == [], "a copy of the credentials stays behind"


def test_two_connections_and_nobody_who_chooses(stage: Stage, pool: WorkerPool) -> None:
    cloud = stage.nfvo.nfvo.grants.policy.vim_connection_info["cloud"]
    stage.nfvo.nfvo.grants.policy = dataclasses.replace(
        stage.nfvo.nfvo.grants.policy, vim_connection_info={}, images={}
    )
    ended = run(stage, pool, vimConnectionInfo={"one": cloud, "two": cloud})
    assert ended.state is OperationState.ROLLED_BACK
    assert "one, two" in str(ended.error)
    assert secrets_of(stage, ended) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (431, "Unable to use the network"),
        (432, "The API is not available to this role"),
        (533, "Insufficient capacity"),
        (535, "Maximum number of resources exceeded"),
    ],
)
def test_a_refused_deploy_says_what_the_vim_said_and_leaves_no_server(
    stage: Stage, pool: WorkerPool, code: int, text: str
) -> None:
    stage.door("faults", {"kind": "refuse", "code": code, "text": text, **EVERY_DEPLOY})
    ended = run(stage, pool)
    assert stage.faults_fired() >= 1
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert_only_the_journal(stage, ended)
    facts = {key: ended.error[key] for key in ("vimCommand", "vimErrorCode", "vimErrorText")}
    assert facts == {"vimCommand": "deployVirtualMachine", "vimErrorCode": code, "vimErrorText": text}
    assert ended.error["step"].startswith("deploy_vnfc:")
    target = ended.error["step"].partition(":")[2]
    assert ended.error["detail"].startswith(f"step deploy_vnfc of {target}: CloudStack refused")
    assert text in ended.error["detail"]
    assert ended.error["detail"].count(target) == 1, "the target is told once"
    assert (ended.error["vnfc"], set(ended.error["remedies"])) == (target, {"retry", "rollback", "fail"})
    assert uuid.UUID(ended.error["vnfcInstanceId"])
    with pool.running(stage.settings):
        tasks.rollback(stage.deps, NFVO, ended.id)
        back = stage.settle(ended.id)
    assert back.state is OperationState.ROLLED_BACK
    assert back.error == {key: value for key, value in ended.error.items() if key != "remedies"}


def test_a_failed_deploy_job_leaves_no_server(stage: Stage, pool: WorkerPool) -> None:
    """No host has room: the job fails with 533 and leaves a VM in Error, which goes again."""
    stage.door("settings", {"sandbox.hosts.full": "true"})
    ended = run(stage, pool)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["vimErrorCode"] == 533
    assert ended.error["detail"].count("deployVirtualMachine failed with 533") == 1
    assert calls(stage)["destroyVirtualMachine"] >= 1
    assert_only_the_journal(stage, ended)
    failed = ended.step(ended.error["step"])
    assert failed.jobs, "the jobs of a step that has failed are still known"
    assert all(uuid.UUID(job) for job in failed.jobs), "by the ids that the VIM shows"


def test_wrong_credentials(stage: Stage, pool: WorkerPool) -> None:
    set_connection(stage, accessInfo={"apiKey": "sandbox-alice-key", "secretKey": "canary-7f3a"})
    ended = run(stage, pool)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert (ended.error["vimErrorCode"], ended.error["step"]) == (401, "check_vim")
    assert "wrong key or signature" in ended.error["detail"]
    assert "canary-7f3a" not in str(ended)
    assert not any(stage.ours(stage.world()).values())


@pytest.mark.parametrize("command", ["listZones", "deployVirtualMachine"])
@pytest.mark.parametrize("code", [404, 502])
def test_a_web_page_instead_of_an_answer(stage: Stage, pool: WorkerPool, command: str, code: int) -> None:
    stage.door("faults", {"kind": "html", "command": command, "code": code, "times": FOREVER})
    ended = run(stage, pool)
    assert stage.faults_fired() >= 1
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["vimErrorCode"] == code
    assert ended.error["vimCommand"] == command
    assert f"HTTP {code} without a CloudStack document" in ended.error["detail"]
    assert stage.ours(stage.world())["vms"] == []


def test_an_endpoint_where_nobody_listens(stage: Stage, pool: WorkerPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    set_connection(stage, interfaceInfo={"endpoint": f"http://127.0.0.1:{port}/client/api"})
    ended = run(stage, pool)
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert "CloudStack cannot be reached (ConnectError)" in ended.error["detail"]
    assert ended.error["vimErrorText"] == "ConnectError"
    assert ended.error["step"] == "check_vim"


@pytest.mark.parametrize("command", ["createNetwork", "createAffinityGroup", "deployVirtualMachine"])
def test_calls_that_never_arrive_end_with_patience(stage: Stage, pool: WorkerPool, command: str) -> None:
    """Every answer is lost and nothing is ever there: looking and trying again must come to an end."""
    stage.door("faults", {"kind": "drop_before", "command": command, "times": FOREVER})
    ended = run(stage, pool)
    assert stage.faults_fired() >= 1
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["vimCommand"] == command
    assert stage.ours(stage.world())["vms"] == []


def test_a_deploy_whose_every_answer_is_lost_after_it_was_carried_out(stage: Stage, pool: WorkerPool) -> None:
    """Patience is shorter than the pause before the look: the look is taken all the same."""
    stage.door("faults", {"kind": "drop", **EVERY_DEPLOY})
    ended = run(stage, pool)
    assert stage.faults_fired() == 3
    assert ended.state is OperationState.COMPLETED, ended.error
    assert len(stage.ours(stage.world())["vms"]) == 3


# The NFVO.


def counters(stage: Stage) -> dict[str, int]:
    return dict(stage.nfvo.nfvo.faults.counters)


@pytest.mark.parametrize("order", [{"kind": "reject"}, {"kind": "pend", "polls": 2, "then": "reject"}])
def test_a_rejected_grant_rolls_back_with_the_nfvos_words(
    stage: Stage, pool: WorkerPool, order: dict[str, Any]
) -> None:
    stage.nfvo.nfvo.faults.arm({"door": "grants", "detail": "no licence for a pair", **order})
    ended = run(stage, pool)
    assert counters(stage)[f"fired.{order['kind']}"] == 1
    assert ended.state is OperationState.ROLLED_BACK
    assert ended.error is not None
    assert (ended.error["status"], ended.error["nfvoStatus"]) == (403, 403)
    assert ended.error["detail"] == "step request_grant: the NFVO refused the grant: no licence for a pair"
    assert calls(stage) == {}
    assert secrets_of(stage, ended) == []


@pytest.mark.parametrize(
    "order",
    [
        {"door": "grants", "kind": "pend", "polls": 3},
        {"door": "grants", "kind": "unavailable", "count": 2},
        {"door": "grants", "kind": "unavailable", "count": 1, "seconds": 0.3},
        {"door": "grants", "kind": "drop", "count": 2},
        {"door": "grants", "kind": "stall", "seconds": 1.0},
        {"door": "token", "kind": "unavailable", "count": 1},
    ],
    ids=["pending", "503", "503 with Retry-After", "answer lost", "slow", "no token"],
)
def test_one_grant_for_one_operation_whatever_the_nfvo_does(
    stage: Stage, pool: WorkerPool, order: dict[str, Any]
) -> None:
    stage.nfvo.nfvo.faults.arm(order)
    instance = stage.create(FIREWALL)
    with pool.running(dataclasses.replace(stage.settings, step_patience=20.0)):
        ended = stage.settle(stage.instantiate(instance.id))
    assert counters(stage)[f"fired.{order['kind']}"] >= 1
    assert ended.state is OperationState.COMPLETED, ended.error
    assert counters(stage)["grants.issued"] == 1
    (case,) = stage.nfvo.nfvo.grants.cases()
    assert ended.grant_id == case.id
    assert secrets_of(stage, ended) == [f"tenant-1/vim/{instance.id}/instance/cloud"], (
        "one copy, the instance's"
    )


def test_an_nfvo_that_stays_away_ends_with_patience(stage: Stage, pool: WorkerPool) -> None:
    stage.nfvo.nfvo.faults.arm({"door": "grants", "kind": "unavailable", "count": FOREVER})
    ended = run(stage, pool)
    assert counters(stage)["fired.unavailable"] >= 1
    assert ended.state is OperationState.ROLLED_BACK
    assert "503" in str(ended.error)
    assert calls(stage) == {}
