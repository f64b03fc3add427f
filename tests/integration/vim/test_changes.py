"""Servers that exist are changed: NICs, size, root disk, disks and snapshots; what is refused and why."""

import time
from collections.abc import Callable

import pytest

from tests.integration.vim.cloud import (
    ADMIN,
    CALLERS,
    MEMBER,
    PATIENCE,
    USER,
    Caller,
    Cloud,
    finish,
    made,
    network,
    remove,
    spec,
)
from vnfm.errors import Permanent, Unknown
from vnfm.vim.cloudstack import CloudStackVim
from vnfm.vim.port import (
    ComputeChoice,
    ComputeNeed,
    Failed,
    Finished,
    Kind,
    NicSpec,
    Outcome,
    RoomSpec,
    Server,
    SnapshotSpec,
    VolumeSpec,
)

GIB = 1024**3
MIB = 1024**2
MAC = "02:00:4c:aa:cc:01"


def running(vim: CloudStackVim, name: str = "n", start: bool = True) -> Server:
    """A small server with one NIC."""
    wanted = spec(vim, [NicSpec("a", network(vim, name))], name=f"vnf-{name}", start=start)
    return look(vim, made(vim, vim.create_server(wanted)))


def look(vim: CloudStackVim, server_id: str) -> Server:
    server = vim.read_server(server_id)
    assert server is not None
    return server


def until(happened: Callable[[], bool]) -> None:
    """Wait for what a call whose answer was lost still does."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.02)


def refused(vim: CloudStackVim, outcome: Outcome, code: int, why: str) -> None:
    """The job fails with this code, and the reason is told."""
    ended = finish(vim, outcome)
    assert isinstance(ended, Failed)
    assert (ended.code, ended.interrupted) == (code, False)
    assert why in ended.explanation


def flavour(vim: CloudStackVim, name: str) -> ComputeChoice:
    template = spec(vim, []).compute.image_name
    return vim.choose_compute(ComputeNeed("vdu", 1, 1, template, None, flavour_asset=name))


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_nics_come_and_go_and_change_places(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    before = running(vim)
    (first,) = before.nics
    wire, other = network(vim, "wire", layer2=True), network(vim, "other")

    made(vim, vim.attach_nic(before.id, NicSpec("b", wire, None, MAC)))
    assert vim.attach_nic(before.id, NicSpec("b", wire, None, MAC)) == Finished(before.id)
    made(vim, vim.attach_nic(before.id, NicSpec("c", other, "10.9.0.99")))
    nics = look(vim, before.id).nics
    assert [nic.network_id for nic in nics] == [first.network_id, wire, other]
    assert (nics[1].mac_address, nics[2].address) == (MAC, "10.9.0.99")
    refused(vim, vim.attach_nic(before.id, NicSpec("d", other)), 530, "no second NIC")

    # The new default takes the first place; ids stay.
    made(vim, vim.make_default_nic(before.id, nics[2].id))
    assert vim.make_default_nic(before.id, nics[2].id) == Finished(before.id)
    assert [nic.id for nic in look(vim, before.id).nics] == [nics[2].id, nics[1].id, first.id]
    with pytest.raises(Permanent, match="make another one the default"):
        vim.detach_nic(before.id, nics[2].id)
    made(vim, vim.detach_nic(before.id, nics[1].id))
    assert vim.detach_nic(before.id, nics[1].id) == Finished(before.id)

    # The next one fills the gap.
    made(vim, vim.attach_nic(before.id, NicSpec("b", wire)))
    assert [nic.network_id for nic in look(vim, before.id).nics] == [other, wire, first.network_id]


def test_an_address_outside_the_network(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    outcome = vim.attach_nic(server.id, NicSpec("b", network(vim, "other"), "10.77.0.9"))
    refused(vim, outcome, 530, "taken or not in the range")
    assert len(look(vim, server.id).nics) == 1


def test_an_address_changes_while_the_server_is_stopped(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    (nic,) = server.nics
    refused(vim, vim.change_address(nic.id, "10.9.0.55"), 431, "only while the server is stopped")
    made(vim, vim.stop_server(server.id, force=False))
    made(vim, vim.change_address(nic.id, "10.9.0.55"))
    assert look(vim, server.id).nics[0].address == "10.9.0.55"


def test_a_plug_whose_answer_was_lost_is_found_by_its_mac(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    nic = NicSpec("b", network(vim, "other"), None, MAC)
    cloud.tell("faults", kind="drop", command="addNicToVirtualMachine")
    with pytest.raises(Unknown):
        vim.attach_nic(server.id, nic)
    until(lambda: len(look(vim, server.id).nics) == 2)
    assert vim.attach_nic(server.id, nic) == Finished(server.id)
    assert len(look(vim, server.id).nics) == 2


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_a_server_grows_while_it_runs_if_its_template_allows_it(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    small, medium = flavour(vim, "Small Instance"), flavour(vim, "Medium Instance")
    admin = cloud.vim(ADMIN).site.client
    admin.act("updateTemplate", {"id": small.image_id, "isdynamicallyscalable": True})
    server = running(vim)
    assert vim.can_resize_live(server, medium) is None
    made(vim, vim.resize_server(server.id, medium))
    assert vim.resize_server(server.id, medium) == Finished(server.id)
    after = look(vim, server.id)
    assert (after.state, after.flavour_id) == ("Running", medium.flavour_id)

    why = vim.can_resize_live(after, small)
    assert why is not None
    assert "only grows" in why
    refused(vim, vim.resize_server(server.id, small), 431, "only grows")
    # A snapshot is no obstacle to this.
    made(vim, vim.stop_server(server.id, force=False))
    made(vim, vim.resize_server(server.id, small))
    made(vim, vim.start_server(server.id))
    made(vim, vim.create_snapshot(server.id, SnapshotSpec("s", memory=True)))
    made(vim, vim.resize_server(server.id, medium))


def test_otherwise_it_is_stopped_resized_and_started(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server, medium = running(vim), flavour(vim, "Medium Instance")
    assert "not deployed as dynamically scalable" in str(vim.can_resize_live(server, medium))
    refused(vim, vim.resize_server(server.id, medium), 530, "stop it, resize it, start it")
    made(vim, vim.stop_server(server.id, force=False))
    made(vim, vim.resize_server(server.id, medium))
    made(vim, vim.start_server(server.id))
    assert look(vim, server.id).flavour_id == medium.flavour_id


def test_a_custom_size(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim, start=False)
    choice = vim.choose_compute(ComputeNeed("vdu", 3, 700 * MIB, spec(vim, []).compute.image_name, None))
    assert (choice.cpus, choice.memory) == (3, 700 * MIB)
    made(vim, vim.resize_server(server.id, choice))
    assert vim.resize_server(server.id, choice) == Finished(server.id)


def test_reboot(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    made(vim, vim.reboot_server(server.id))
    made(vim, vim.stop_server(server.id, force=False))
    refused(vim, vim.reboot_server(server.id), 431, "only a running server")


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_rebuild_keeps_all_but_the_root_disk(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    before = running(vim)
    made(vim, vim.rebuild_server(before.id, None, None))
    after = look(vim, before.id)
    assert (after.state, after.nics, after.image_id) == ("Running", before.nics, before.image_id)
    assert after.root_volume_id not in (None, before.root_volume_id)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_snapshots_of_a_server(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    server = running(vim)
    disk = made(vim, vim.create_volume(VolumeSpec("d", GIB)))
    live = made(vim, vim.create_snapshot(server.id, SnapshotSpec("live", "with memory", memory=True)))
    cold = made(vim, vim.create_snapshot(server.id, SnapshotSpec("cold")))
    found = vim.find_snapshots(server.id)
    assert [(one.id, one.name, one.memory, one.current, one.ready) for one in found] == [
        (live, "live", True, False, True),
        (cold, "cold", False, True, True),
    ]
    assert [one.id for one in vim.find_snapshots(server.id, "live")] == [live]

    # While one exists …
    refused(vim, vim.attach_nic(server.id, NicSpec("b", network(vim, "other"))), 431, "remove its snapshots")
    refused(vim, vim.attach_volume(disk, server.id), 431, "remove its snapshots")
    refused(vim, vim.rebuild_server(server.id, None, None), 431, "remove its snapshots")

    made(vim, vim.revert_snapshot(live))
    refused(vim, vim.revert_snapshot(cold), 431, "a stopped one only to one without")
    made(vim, vim.stop_server(server.id, force=False))
    refused(vim, vim.revert_snapshot(live), 431, "a stopped one only to one without")
    made(vim, vim.revert_snapshot(cold))
    assert look(vim, server.id).state == "Stopped"
    with pytest.raises(Permanent, match="only a running server has memory"):
        vim.create_snapshot(server.id, SnapshotSpec("third", memory=True))

    assert remove(vim, Kind.SNAPSHOT, live) == 1
    assert remove(vim, Kind.SNAPSHOT, cold) == 1
    assert vim.find_snapshots(server.id) == []
    made(vim, vim.attach_volume(disk, server.id))


def test_a_snapshot_whose_answer_was_lost_is_found_and_not_made_twice(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    cloud.tell("faults", kind="drop", command="createVMSnapshot")
    with pytest.raises(Unknown):
        vim.create_snapshot(server.id, SnapshotSpec("once"))
    (found,) = vim.find_snapshots(server.id, "once")
    until(lambda: vim.find_snapshots(server.id, "once")[0].ready)
    with pytest.raises(Permanent, match="an earlier try may have made it"):
        vim.create_snapshot(server.id, SnapshotSpec("once"))
    assert remove(vim, Kind.SNAPSHOT, found.id) == 1


def test_a_failed_snapshot_is_found_and_removed(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    server = running(vim)
    cloud.tell(
        "faults", kind="fail", command="createVMSnapshot", code=530, text="Failed to create vm snapshot"
    )
    refused(vim, vim.create_snapshot(server.id, SnapshotSpec("bad")), 530, "until it is removed")
    for left in vim.find_snapshots(server.id, "bad"):
        assert not left.ready
        remove(vim, Kind.SNAPSHOT, left.id)
    assert vim.find_snapshots(server.id) == []


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_disks_grow_and_go_back(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    server = running(vim)
    disk = made(vim, vim.create_volume(VolumeSpec("d", 3 * GIB)))
    made(vim, vim.attach_volume(disk, server.id))
    assert made(vim, vim.resize_volume(disk, 4 * GIB)) == disk
    assert vim.resize_volume(disk, 4 * GIB) == Finished(disk)
    with pytest.raises(Permanent, match="shrink"):
        vim.resize_volume(disk, 2 * GIB)

    taken = made(vim, vim.create_volume_snapshot(disk, "before"))
    (found,) = vim.find_volume_snapshots(disk, "before")
    assert (found.id, found.ready) == (taken, True)
    assert vim.find_volume_snapshots(disk, "other") == []
    refused(vim, vim.revert_volume_snapshot(taken), 431, "stop it first")
    assert remove(vim, Kind.VOLUME_SNAPSHOT, taken) == 1

    made(vim, vim.detach_volume(disk))
    assert vim.detach_volume(disk) == Finished(disk)
    assert vim.list_volumes(server.id) == []


@pytest.mark.parametrize(
    ("caller", "owner"), [(USER, "account 'alice'"), (MEMBER, "project 'demo-project'")], ids=str
)
def test_quotas_are_told_before_anything_is_touched(cloud: Cloud, caller: Caller, owner: str) -> None:
    vim = cloud.vim(caller)
    two = RoomSpec(servers=[flavour(vim, "Small Instance")] * 2)
    vim.check_room(RoomSpec(servers=[*two.servers] * 25, networks=50))
    project = vim.check().project_id
    domain = None if project else vim.site.client.rows("listAccounts", "account")[0]["domainid"]
    holder = {"projectid": project, "account": None if project else "alice", "domainid": domain}
    cloud.vim(ADMIN).site.client.act("updateResourceLimit", {**holder, "resourcetype": 0, "max": 2})
    vim.check_room(two)
    running(vim)
    with pytest.raises(Permanent, match=f"user_vm of {owner}: limit 2, used 1, wanted 2"):
        vim.check_room(two)
