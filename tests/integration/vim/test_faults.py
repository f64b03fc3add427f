"""Lost answers, refused submits, full hosts, restarts: what is left, and what we make of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.vim.cloud import (
    ADMIN,
    CALLERS,
    MEMBER,
    USER,
    Caller,
    Cloud,
    finish,
    made,
    network,
    remove,
    spec,
)
from vnfm.errors import Permanent, Temporary, Unknown, VnfmError
from vnfm.vim.cloudstack import CloudStackVim
from vnfm.vim.port import Failed, Finished, Kind, NicSpec, Resource, ServerSpec, SnapshotSpec, Started, Trace


def clean_up(vim: CloudStackVim, wanted: ServerSpec) -> None:
    """Remove every body of this name."""
    for body in vim.survey_server(wanted, None).bodies:
        remove(vim, Kind.SERVER, body.id)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_a_deploy_whose_answer_was_lost_is_found_and_adopted(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    wanted = spec(vim, [NicSpec("a", network(vim, "n"))])
    cloud.tell("faults", kind="drop", command="deployVirtualMachine")
    with pytest.raises(Unknown):
        vim.create_server(wanted)
    assert cloud.fired() == 1
    found = vim.survey_server(wanted, None)
    assert found.adopt is not None
    with pytest.raises(Permanent):
        vim.create_server(wanted)
    assert [row["id"] for row in cloud.named("vms", "vnf-a-0")] == [found.adopt.id]


@pytest.mark.parametrize("kind", ["drop_before", "html"])
def test_a_deploy_that_never_arrived_leaves_nothing(cloud: Cloud, kind: str) -> None:
    vim = cloud.vim(USER)
    wanted = spec(vim, [NicSpec("a", network(vim, "n"))])
    cloud.tell("faults", kind=kind, command="deployVirtualMachine")
    with pytest.raises(Unknown):
        vim.create_server(wanted)
    assert cloud.fired() == 1
    found = vim.survey_server(wanted, None)
    assert (found.adopt, found.bodies) == (None, ())
    made(vim, vim.create_server(wanted))
    assert len(cloud.named("vms", "vnf-a-0")) == 1


def test_reads_survive_a_reset_and_an_error_page(cloud: Cloud) -> None:
    cloud.tell("faults", kind="drop", command="listZones")
    cloud.tell("faults", kind="html", command="listCapabilities")
    assert cloud.vim(USER).check().zone_name == "Sandbox-simulator"
    assert cloud.fired() == 2


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_a_refused_address_leaves_a_body_and_a_free_name(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    inside = network(vim, "n")
    wrong = spec(vim, [NicSpec("a", inside, "10.77.1.7")])
    with pytest.raises(Permanent) as caught:
        vim.create_server(wrong)
    assert caught.value.facts["vimErrorCode"] == 530
    again = "22222222-0000-4000-8000-000000000002"
    right = spec(vim, [NicSpec("a", inside)], custom_id=again)
    server_id = made(vim, vim.create_server(right))
    assert len(cloud.named("vms", "vnf-a-0")) == 2
    found = vim.survey_server(right, server_id)
    assert found.adopt is not None
    assert (found.adopt.id, len(found.bodies)) == (server_id, 1)
    clean_up(vim, right)
    assert [row["id"] for row in cloud.named("vms", "vnf-a-0")] == [server_id]


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_no_room_is_a_failed_job_and_a_body(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    wanted = spec(vim, [NicSpec("a", network(vim, "n"))])
    cloud.settle(sandbox_hosts_full=True)
    ended = finish(vim, vim.create_server(wanted))
    assert isinstance(ended, Failed)
    assert (ended.code, ended.interrupted) == (533, False)
    found = vim.survey_server(wanted, None)
    assert (found.adopt, len(found.bodies)) == (None, 1)
    clean_up(vim, wanted)
    assert cloud.named("vms", "vnf-a-0") == []


@pytest.mark.parametrize("caller", [ADMIN, MEMBER], ids=str)
def test_a_restart_cuts_a_job_off_and_the_server_is_started(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    wanted = spec(vim, [NicSpec("a", network(vim, "n"))])
    cloud.tell("faults", kind="hold", command="deployVirtualMachine", seconds=30)
    job = vim.create_server(wanted)
    assert isinstance(job, Started)
    cloud.kill(0.5)
    ended = patiently(vim, job)
    assert isinstance(ended, Failed)
    assert (ended.interrupted, ended.command) == (True, "deployVirtualMachine")
    found = vim.survey_server(wanted, None)
    assert found.adopt is not None
    assert (found.adopt.id, found.adopt.state, found.adopt.in_service) == (job.resource_id, "Stopped", False)
    made(vim, vim.start_server(found.adopt.id))


def test_a_restart_cuts_a_snapshot_off_and_what_is_left_is_removed(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))])))
    cloud.tell("faults", kind="hold", command="createVMSnapshot", seconds=30)
    job = vim.create_snapshot(server_id, SnapshotSpec("s"))
    assert isinstance(job, Started)
    (pending,) = vim.find_snapshots(server_id, "s")
    assert (pending.id, pending.ready) == (job.resource_id, False)
    cloud.kill(0.5)
    ended = patiently(vim, job)
    assert isinstance(ended, Failed)
    assert ended.interrupted
    for left in vim.find_snapshots(server_id, "s"):
        assert not left.ready
        remove(vim, Kind.SNAPSHOT, left.id)
    made(vim, vim.create_snapshot(server_id, SnapshotSpec("s")))


def patiently(vim: CloudStackVim, job: Started) -> object:
    """Poll as a step does: a temporary error is no verdict."""
    for _ in range(8):
        try:
            return finish(vim, job)
        except Temporary:
            continue
    raise AssertionError("the server did not come back")


def test_a_forgotten_job_says_nothing_about_its_server(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    job = vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))]))
    assert isinstance(job, Started)
    assert finish(vim, job) == Finished(job.resource_id)
    cloud.tell("expire-jobs")
    ended = vim.poll(job.job)
    assert isinstance(ended, Failed)
    assert ended.interrupted


def race(vim: CloudStackVim, wanted: ServerSpec) -> int:
    """Three deploys of one name at once; how many were accepted."""

    def deploy(_: int) -> bool:
        try:
            finish(vim, vim.create_server(wanted))
        except VnfmError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        return sum(pool.map(deploy, range(3)))


def test_a_root_admins_own_id_admits_one_of_three(cloud: Cloud) -> None:
    vim = cloud.vim(ADMIN)
    for turn in range(5):
        custom_id = f"33333333-0000-4000-8000-{turn:012}"
        wanted = spec(vim, [NicSpec("a", network(vim, f"n{turn}"))], name=f"race-{turn}", custom_id=custom_id)
        assert race(vim, wanted) == 1
        assert len(cloud.named("vms", f"race-{turn}")) == 1


def test_a_plain_users_twins_are_seen_and_all_but_one_reported(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    twins = 0
    for turn in range(6):
        wanted = spec(vim, [NicSpec("a", network(vim, f"n{turn}"))], name=f"race-{turn}")
        accepted = race(vim, wanted)
        found = vim.survey_server(wanted, None)
        there = [row for row in cloud.named("vms", f"race-{turn}") if row["state"] == "Running"]
        assert found.adopt is not None
        assert 1 + len(found.others) == len(there) == accepted
        twins += accepted > 1
    assert twins > 0, "no race was lost in six rounds"


def test_twins_deployed_stopped_are_bodies(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    for turn in range(6):
        wanted = spec(vim, [NicSpec("a", network(vim, f"n{turn}"))], name=f"race-{turn}", start=False)
        if race(vim, wanted) > 1:
            break
    found = vim.survey_server(wanted, None)
    assert found.adopt is not None
    assert len(found.bodies) > 0
    clean_up(vim, wanted)
    assert [row["id"] for row in cloud.named("vms", wanted.name)] == [found.adopt.id]


def test_the_rate_limit_is_waited_out(cloud: Cloud) -> None:
    cloud.settle(api_throttling_enabled=True, api_throttling_max=3)
    vim = cloud.vim(USER)
    for _ in range(6):
        vim.find(Trace(Kind.NETWORK, "nothing"))
    nothing = Resource(Kind.NETWORK, "11111111-2222-4333-8444-555555555555")
    with pytest.raises(Temporary) as caught:
        all(vim.remove(nothing) for _ in range(9))
    assert 0 < caught.value.delay <= 1.1
    cloud.settle(api_throttling_enabled=False)


def test_wrong_keys_and_a_clock_that_is_off_are_told(cloud: Cloud) -> None:
    cloud.settle(sandbox_clock_skew=3600)
    with pytest.raises(Permanent, match="clocks"):
        cloud.vim(USER).check()
    cloud.settle(sandbox_clock_skew=0)


def test_post_and_timestamps_enforced(cloud: Cloud) -> None:
    cloud.settle(enforce_post_requests_and_timestamps=True)
    vim = cloud.vim(USER)
    made(vim, vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))])))


def test_another_accounts_things_are_not_removed(cloud: Cloud) -> None:
    alice = cloud.vim(USER)
    server_id = made(alice, alice.create_server(spec(alice, [NicSpec("a", network(alice, "n"))])))
    bob = cloud.vim(Caller("bob", USER.scope))
    with pytest.raises(Permanent):
        remove(bob, Kind.SERVER, server_id)
    assert len(cloud.named("vms", "vnf-a-0")) == 1
