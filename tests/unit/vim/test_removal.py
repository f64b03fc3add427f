"""Volumes, groups, and how everything goes away again."""

from typing import Any

import pytest

from tests.unit.vim.api import UNKNOWN, FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import (
    Failed,
    Finished,
    GroupSpec,
    Kind,
    Lingering,
    Outcome,
    Resource,
    Scope,
    Started,
    Trace,
    VolumeSpec,
)

GIB = 1024**3
UUID_GONE = Refusal(431, "Unable to find UUID for id [7] of type [VirtualMachine]")
NET_GONE = Refusal(431, "Network ID=211 doesn't exist")
JOB = {"jobid": "j"}
REFUSED = {"success": False, "displaytext": "why"}


def started(command: str) -> Started:
    return Started(f"{command} j x", "x")


def remove(api: FakeApi, kind: Kind, name: str = "") -> Outcome:
    return api.connect().remove(Resource(kind, "x", name))


def cloud(state: str | None = None, expunge: bool = True) -> FakeApi:
    api = ready(allowuserexpungerecovervm=expunge)
    row = [] if state is None else [{"id": "x", "name": "n", "state": state}]
    return api.on("listVirtualMachines", listing("virtualmachine", *row))


@pytest.mark.parametrize(
    ("state", "expunge", "answer", "outcome"),
    [
        ("Running", True, JOB, started("destroyVirtualMachine")),
        ("Error", True, JOB, started("destroyVirtualMachine")),
        ("Destroyed", True, JOB, started("destroyVirtualMachine")),
        # Nothing to be seen is no proof; only the refusal is.
        (None, True, JOB, started("destroyVirtualMachine")),
        (None, True, UUID_GONE, Finished("x")),
        (None, True, UNKNOWN, Finished("x")),
        (None, False, UUID_GONE, Finished("x")),
        ("Running", True, Refusal(431, "protected"), Failed(431, "protected", "destroyVirtualMachine")),
        ("Running", False, JOB, started("destroyVirtualMachine")),
        ("Destroyed", False, None, Lingering),
        ("Expunging", False, None, Lingering),
        (None, False, JOB, Lingering),
    ],
)
def test_a_server(state: str | None, expunge: bool, answer: Any, outcome: Any) -> None:
    api = cloud(state, expunge)
    if answer is not None:
        api.on("destroyVirtualMachine", answer)
    result = remove(api, Kind.SERVER)
    assert isinstance(result, Lingering) if outcome is Lingering else result == outcome
    if answer is not None:
        sent = {"id": "x", "expunge": "true"} if expunge else {"id": "x"}
        assert api.sent("destroyVirtualMachine") == sent


def test_another_accounts_server_is_an_error() -> None:
    with pytest.raises(Permanent, match="may not touch that object"):
        remove(cloud().on("destroyVirtualMachine", Refusal(531)), Kind.SERVER)


@pytest.mark.parametrize(("answer", "outcome"), [(JOB, started("deleteNetwork")), (NET_GONE, Finished("x"))])
def test_a_network(answer: Any, outcome: Outcome) -> None:
    assert remove(ready().on("deleteNetwork", answer), Kind.NETWORK) == outcome


@pytest.mark.parametrize(
    ("row", "command", "answer", "outcome"),
    [
        ({"id": "x", "virtualmachineid": "vm"}, "detachVolume", JOB, started("detachVolume")),
        ({"id": "x"}, "deleteVolume", {"success": True}, Finished("x")),
        ({"id": "x"}, "deleteVolume", {"success": "true"}, Finished("x")),
        ({"id": "x"}, "deleteVolume", REFUSED, Failed(530, "why", "deleteVolume")),
        ({"id": "x"}, "deleteVolume", Refusal(431, "held"), Failed(431, "held", "deleteVolume")),
        (None, "deleteVolume", UUID_GONE, Finished("x")),
    ],
)
def test_a_volume(row: Any, command: str, answer: Any, outcome: Outcome) -> None:
    api = ready().on("listVolumes", listing("volume", row) if row else UNKNOWN).on(command, answer)
    assert remove(api, Kind.VOLUME) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"), [(JOB, started("deleteAffinityGroup")), (UNKNOWN, Finished("x"))]
)
def test_a_group(answer: Any, outcome: Outcome) -> None:
    api = ready().on("deleteAffinityGroup", answer)
    api.on("listProjects", listing("project", {"id": "p-1", "name": "p", "state": "Active"}))
    assert api.connect(Scope(project="p")).remove(Resource(Kind.AFFINITY_GROUP, "x")) == outcome
    assert api.sent("deleteAffinityGroup") == {"id": "x", "projectid": "p-1"}


HIDDEN = Refusal(530, "Internal error executing command", 4250)


@pytest.mark.parametrize(
    ("answer", "listed", "outcome"),
    [
        (JOB, None, started("disassociateIpAddress")),
        (UUID_GONE, None, Finished("x")),
        (HIDDEN, {}, Finished("x")),
        (HIDDEN, UNKNOWN, Finished("x")),
        (HIDDEN, listing("publicipaddress", {"id": "x", "state": "Free"}), Finished("x")),
        (
            HIDDEN,
            listing("publicipaddress", {"id": "x", "state": "Allocated"}),
            Failed(530, "Internal error executing command", "disassociateIpAddress"),
        ),
    ],
)
def test_an_address(answer: Any, listed: Any, outcome: Outcome) -> None:
    api = ready().on("disassociateIpAddress", answer)
    if listed is not None:
        api.on("listPublicIpAddresses", listed)
    assert remove(api, Kind.ADDRESS) == outcome


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("firewall:ssh", "deleteFirewallRule"),
        ("egress", "deleteEgressFirewallRule"),
        ("portforwarding:ssh", "deletePortForwardingRule"),
        ("loadbalancer:web", "deleteLoadBalancerRule"),
    ],
)
def test_a_rule(name: str, command: str) -> None:
    assert remove(ready().on(command, JOB), Kind.RULE, name) == started(command)
    assert remove(ready().on(command, UNKNOWN), Kind.RULE, name) == Finished("x")


def test_a_rule_of_no_known_kind_is_an_error() -> None:
    with pytest.raises(Permanent, match="of what kind"):
        remove(ready(), Kind.RULE, "x")


def test_static_nat() -> None:
    api = ready().on("listPublicIpAddresses", listing("publicipaddress", {"id": "x", "isstaticnat": True}))
    assert remove(api.on("disableStaticNat", JOB), Kind.RULE, "staticnat") == started("disableStaticNat")
    api.on("listPublicIpAddresses", {})
    assert remove(api, Kind.RULE, "staticnat") == Finished("x")


# Volumes

CUSTOM = {"id": "do-c", "name": "Custom", "iscustomized": True, "disksize": 0, "state": "Active"}
SMALL = {"id": "do-s", "name": "Small", "disksize": 5, "state": "Active"}
LARGE = {"id": "do-l", "name": "Large", "disksize": 100, "state": "Active"}


@pytest.mark.parametrize(
    ("rows", "size", "extra", "sent"),
    [
        ([SMALL, CUSTOM], 5 * GIB, {}, {"diskofferingid": "do-c", "size": "5"}),
        ([SMALL, CUSTOM], 5 * GIB + 1, {}, {"diskofferingid": "do-c", "size": "6"}),
        ([LARGE, SMALL], 5 * GIB, {}, {"diskofferingid": "do-s"}),
        ([LARGE, SMALL], 6 * GIB, {}, {"diskofferingid": "do-l"}),
        ([LARGE, CUSTOM], 6 * GIB, {"diskOffering": "Large"}, {"diskofferingid": "do-l"}),
    ],
)
def test_a_volume_is_made(rows: Any, size: int, extra: dict[str, str], sent: dict[str, str]) -> None:
    api = ready().on("listDiskOfferings", listing("diskoffering", *rows))
    api.on("createVolume", {"id": "v-1", "jobid": "j"})
    outcome = api.connect(**extra).create_volume(VolumeSpec("data", size))
    assert outcome == Started("createVolume j v-1", "v-1")
    assert api.sent("createVolume") == {"name": "data", "zoneid": "zone-1", **sent}


def test_no_disk_offering_is_large_enough() -> None:
    api = ready().on("listDiskOfferings", listing("diskoffering", SMALL))
    with pytest.raises(Permanent, match=r"No disk offering holds 6 GiB .* there is 'Small'"):
        api.connect().create_volume(VolumeSpec("data", 6 * GIB))


FAST = {**CUSTOM, "id": "do-f", "name": "A fast one", "tags": "nvme, ssd"}


@pytest.mark.parametrize(
    ("tags", "extra", "sent"),
    [
        ((), {}, "do-c"),
        (("ssd",), {}, "do-f"),
        (("nvme", "ssd"), {}, "do-f"),
        (("ssd",), {"diskOffering": "Custom"}, "do-c"),
    ],
)
def test_a_volume_lies_on_the_storage_that_is_tagged_so(
    tags: tuple[str, ...], extra: dict[str, str], sent: str
) -> None:
    api = ready().on("listDiskOfferings", listing("diskoffering", FAST, CUSTOM))
    api.on("createVolume", {"id": "v-1", "jobid": "j"})
    vim, spec = api.connect(**extra), VolumeSpec("data", GIB, tags=tags)
    vim.check_volumes([spec])
    vim.create_volume(spec)
    assert api.sent("createVolume")["diskofferingid"] == sent


def test_no_disk_offering_is_of_such_storage() -> None:
    api = ready().on("listDiskOfferings", listing("diskoffering", FAST, CUSTOM))
    spec = VolumeSpec("data", GIB, tags=("gold", "ssd"))
    with pytest.raises(Permanent, match=r"holds 1 GiB on storage tagged gold, ssd for 'data'; there is"):
        api.connect().check_volumes([spec])


def test_volumes_are_found_by_exact_name_and_not_when_destroyed() -> None:
    rows = [
        {"id": "3", "name": "data", "created": "3"},
        {"id": "1", "name": "data", "created": "1", "state": "Ready"},
        {"id": "2", "name": "data", "created": "2", "state": "Destroy"},
        {"id": "4", "name": "data2", "created": "0"},
    ]
    assert ready().on("listVolumes", listing("volume", *rows)).connect().find(Trace(Kind.VOLUME, "data")) == [
        "1",
        "3",
    ]


def test_attaching_twice_is_done_at_once() -> None:
    api = ready().on("listVolumes", listing("volume", {"id": "v", "virtualmachineid": "vm"}))
    assert api.connect().attach_volume("v", "vm") == Finished("v")
    with pytest.raises(Permanent, match="another server"):
        api.connect().attach_volume("v", "vm-2")
    api.on("listVolumes", listing("volume", {"id": "v"})).on("attachVolume", JOB)
    assert api.connect().attach_volume("v", "vm") == Started("attachVolume j v", "v")


def test_a_disk_grows_and_never_shrinks() -> None:
    api = ready().on("listVolumes", listing("volume", {"id": "v", "size": 5 * GIB}))
    api.on("resizeVolume", JOB)
    vim = api.connect()
    assert vim.resize_volume("v", 5 * GIB - 1) == Finished("v")
    with pytest.raises(Permanent, match="would shrink to 4 GiB"):
        vim.resize_volume("v", 4 * GIB)
    assert vim.resize_volume("v", 5 * GIB + 1) == Started("resizeVolume j v", "v")
    assert api.sent("resizeVolume") == {"id": "v", "size": "6"}


def test_a_disk_is_detached_and_stays() -> None:
    api = ready().on("listVolumes", listing("volume", {"id": "v", "virtualmachineid": "vm"}))
    api.on("detachVolume", JOB)
    assert api.connect().detach_volume("v") == Started("detachVolume j v", "v")
    api.on("listVolumes", listing("volume", {"id": "v"}))
    assert api.connect().detach_volume("v") == Finished("v")
    assert api.count("detachVolume") == 1


def test_data_disks_are_listed_by_device() -> None:
    api = ready().on(
        "listVolumes", listing("volume", {"id": "b", "deviceid": 10}, {"id": "a", "deviceid": 2})
    )
    assert api.connect().list_volumes("vm") == ["a", "b"]
    assert api.sent("listVolumes")["type"] == "DATADISK"


# Groups


@pytest.mark.parametrize(
    ("anti", "extra", "kind"),
    [
        (True, {}, "host anti-affinity"),
        (True, {"placement": "strict"}, "host anti-affinity"),
        (True, {"placement": "preferred"}, "non-strict host anti-affinity"),
        (False, {}, "host affinity"),
        (False, {"placement": "preferred"}, "non-strict host affinity"),
    ],
)
def test_a_group_is_made(anti: bool, extra: dict[str, str], kind: str) -> None:
    api = ready().on("createAffinityGroup", {"id": "g-1", "jobid": "j"})
    outcome = api.connect(**extra).create_group(GroupSpec("g", "group", anti))
    assert outcome == Started("createAffinityGroup j g-1", "g-1")
    assert api.sent("createAffinityGroup") == {"name": "g", "type": kind, "description": "group"}


def test_another_word_for_how_placement_binds_is_refused() -> None:
    with pytest.raises(Permanent, match="'placement' of the VIM connection is 'soft'; it must be strict or"):
        ready().connect(placement="soft")


@pytest.mark.parametrize(
    ("wanted", "sent"), [(["g-2"], "g-2"), (["g-2", "g-1"], "g-2,g-1"), ([], ""), (["g-1"], None)]
)
def test_a_server_gets_other_groups_unless_it_has_just_these(wanted: list[str], sent: str | None) -> None:
    there = {"id": "vm-1", "state": "Stopped", "affinitygroup": [{"id": "g-1", "name": "g"}]}
    api = ready().on("listVirtualMachines", listing("virtualmachine", there))
    outcome = api.on("updateVMAffinityGroup", JOB).connect().set_groups("vm-1", wanted)
    if sent is None:
        assert outcome == Finished("vm-1")
    else:
        assert outcome == Started("updateVMAffinityGroup j vm-1", "vm-1")
        assert api.sent("updateVMAffinityGroup") == {"id": "vm-1", "affinitygroupids": sent}


def test_groups_are_found_by_exact_name() -> None:
    rows = [{"id": "1", "name": "g"}, {"id": "2", "name": "g2"}]
    assert ready().on("listAffinityGroups", listing("affinitygroup", *rows)).connect().find(
        Trace(Kind.AFFINITY_GROUP, "g")
    ) == ["1"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (JOB, started("removeIpFromNic")),
        (UNKNOWN, Finished("x")),
        (Refusal(431, "in use by a rule"), Failed(431, "in use by a rule", "removeIpFromNic")),
    ],
)
def test_a_further_address_of_a_nic(answer: Any, outcome: Outcome) -> None:
    """Recording nics 43: gone by itself with its NIC, it is as unknown as after a removal."""
    api = ready().on("removeIpFromNic", answer)
    assert remove(api, Kind.NIC_ADDRESS) == outcome
    assert api.sent("removeIpFromNic") == {"id": "x"}
