"""Snapshots of servers and volumes; the rows are those of the recordings."""

from typing import Any

import pytest

from tests.unit.vim.api import UNKNOWN, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import Failed, Finished, Kind, Outcome, Resource, Scope, Snapshot, SnapshotSpec, Started

#: As vmsnapshots 11: newest first.
ROWS = [
    {
        "id": "s-2", "name": "i-5-48-VM_VS_2", "displayname": "s2", "state": "Error", "type": "Disk",
        "current": True, "created": "2026-11-22T14:17:46+0000",
    },
    {
        "id": "s-1", "name": "i-5-48-VM_VS_1", "displayname": "s1", "state": "Ready", "type": "DiskAndMemory",
        "current": False, "created": "2026-11-22T14:17:44+0000",
    },
]  # fmt: skip
FIRST = Snapshot("s-1", "s1", "Ready", ready=True, memory=True, current=False)
SECOND = Snapshot("s-2", "s2", "Error", ready=False, memory=False, current=True)


@pytest.mark.parametrize(
    ("spec", "sent"),
    [
        (SnapshotSpec("s1"), {"snapshotmemory": "false"}),
        (
            SnapshotSpec("s1", "before the change", memory=True, quiesce=True),
            {"description": "before the change", "snapshotmemory": "true", "quiescevm": "true"},
        ),
    ],
)
def test_one_is_taken(spec: SnapshotSpec, sent: dict[str, str]) -> None:
    api = ready().on("createVMSnapshot", {"id": "s-1", "jobid": "j"})
    assert api.connect().create_snapshot("vm-1", spec) == Started("createVMSnapshot j s-1", "s-1")
    assert api.sent("createVMSnapshot") == {"virtualmachineid": "vm-1", "name": "s1", **sent}


def test_the_memory_of_a_stopped_server() -> None:
    text = "Failed to create vm snapshot: Can not snapshot memory when VM is not in Running state"
    api = ready().on("createVMSnapshot", Refusal(530, text))
    with pytest.raises(Permanent, match="only a running server has memory to save") as caught:
        api.connect().create_snapshot("vm-1", SnapshotSpec("s1", memory=True))
    assert caught.value.facts == {
        "vimCommand": "createVMSnapshot",
        "vimErrorCode": 530,
        "vimErrorText": text,
    }


def test_they_are_found_oldest_first_by_the_name_that_we_gave() -> None:
    api = ready().on("listVMSnapshot", listing("vmSnapshot", *ROWS))
    api.on("listProjects", listing("project", {"id": "p-1", "name": "p"}))
    vim = api.connect(Scope(project="p"))
    assert vim.find_snapshots("vm-1") == [FIRST, SECOND]
    assert api.sent("listVMSnapshot") == {"virtualmachineid": "vm-1", "listall": "true", "projectid": "p-1"}
    assert vim.find_snapshots("vm-1", "s2") == [SECOND]
    assert vim.find_snapshots("vm-1", "i-5-48-VM_VS_1") == []


def test_a_server_that_never_was_has_none() -> None:
    assert ready().on("listVMSnapshot", UNKNOWN).connect().find_snapshots("vm-1", "s1") == []


@pytest.mark.parametrize("answer", [Refusal(432), Refusal(431), Refusal(431, "the page is too large")])
def test_another_refusal_is_no_proof_that_there_is_none(answer: Refusal) -> None:
    with pytest.raises(Permanent):
        ready().on("listVMSnapshot", answer).connect().find_snapshots("vm-1", "s1")


def test_a_server_goes_back() -> None:
    api = ready().on("revertToVMSnapshot", {"jobid": "j"})
    assert api.connect().revert_snapshot("s-1") == Started("revertToVMSnapshot j s-1", "s-1")
    assert api.sent("revertToVMSnapshot") == {"vmsnapshotid": "s-1"}


VOLUME_ROWS = [
    {"id": "b", "name": "snap", "state": "Error", "created": "2"},
    {"id": "a", "name": "snap", "state": "BackedUp", "created": "1"},
    {"id": "a", "name": "snap", "state": "BackedUp", "created": "1"},
    {"id": "c", "name": "other", "state": "BackedUp", "created": "3"},
]


def test_of_a_volume() -> None:
    api = ready().on("createSnapshot", {"id": "a", "jobid": "j"})
    assert api.connect().create_volume_snapshot("v-1", "snap") == Started("createSnapshot j a", "a")
    assert api.sent("createSnapshot") == {"volumeid": "v-1", "name": "snap"}
    api.on("listSnapshots", listing("snapshot", *VOLUME_ROWS))
    found = api.connect().find_volume_snapshots("v-1", "snap")
    assert found == [
        Snapshot("a", "snap", "BackedUp", ready=True),
        Snapshot("b", "snap", "Error", ready=False),
    ]
    assert len(api.connect().find_volume_snapshots("v-1")) == 3
    api.on("revertSnapshot", {"jobid": "j"})
    assert api.connect().revert_volume_snapshot("a") == Started("revertSnapshot j a", "a")
    assert api.sent("revertSnapshot") == {"id": "a"}


GONE = Refusal(431, "Unable to find UUID for id [4] of type [VMSnapshot]")


@pytest.mark.parametrize(
    ("kind", "command", "sent"),
    [
        (Kind.SNAPSHOT, "deleteVMSnapshot", {"vmsnapshotid": "x"}),
        (Kind.VOLUME_SNAPSHOT, "deleteSnapshot", {"id": "x"}),
    ],
)
def test_they_go_away(kind: Kind, command: str, sent: dict[str, str]) -> None:
    def remove(answer: Any) -> tuple[FakeApi, Outcome]:
        api = ready().on(command, answer)
        return api, api.connect().remove(Resource(kind, "x"))

    api, outcome = remove({"jobid": "j"})
    assert outcome == Started(f"{command} j x", "x")
    assert api.sent(command) == sent
    assert remove(GONE)[1] == Finished("x")
    assert remove(Refusal(431, "it is being made"))[1] == Failed(431, "it is being made", command)
