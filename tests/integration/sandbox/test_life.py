"""Destroys, snapshots and sizes beyond the recordings."""

from __future__ import annotations

import time
from typing import Any

from tests.integration.sandbox.client import Caller


def deployed(alice: Caller, name: str) -> str:
    made = alice("deployVirtualMachine", **alice.order(name))
    alice.wait(made["jobid"])
    return str(made["id"])


def state(alice: Caller, vm: str) -> Any:
    return next((row["state"] for row in alice.world()["vms"] if row["id"] == vm), None)


def until(alice: Caller, vm: str, wanted: str) -> None:
    deadline = time.monotonic() + 10
    while state(alice, vm) != wanted:
        assert time.monotonic() < deadline, state(alice, vm)
        time.sleep(0.01)


def test_destroy_during_a_deploy_makes_it_fail_and_leaves_the_row_to_the_purge(alice: Caller) -> None:
    alice.door("faults", kind="hold", command="deployVirtualMachine", seconds=60)
    order = alice.order("torn")
    made = alice("deployVirtualMachine", **order)
    until(alice, made["id"], "Starting")
    destroy = alice("destroyVirtualMachine", id=made["id"])
    alice.door("release")
    assert alice.wait(made["jobid"])["jobresultcode"] == 530
    assert alice.wait(destroy["jobid"])["jobresult"]["virtualmachine"]["state"] == "Expunging"
    assert alice("deployVirtualMachine", **order)["errorcode"] == 431
    alice.door("advance", seconds=100000)
    assert state(alice, made["id"]) is None


def test_destroy_during_a_later_start_ends_destroyed(alice: Caller) -> None:
    vm = deployed(alice, "halted")
    alice.job("stopVirtualMachine", id=vm)
    alice.door("faults", kind="hold", command="startVirtualMachine", seconds=60)
    start = alice("startVirtualMachine", id=vm)
    until(alice, vm, "Starting")
    destroy = alice("destroyVirtualMachine", id=vm)
    alice.door("release")
    assert alice.wait(start["jobid"])["jobresultcode"] == 530
    assert alice.wait(destroy["jobid"])["jobresult"]["virtualmachine"]["state"] == "Destroyed"


def test_snapshot_names_are_unique_and_the_tree_heals(alice: Caller) -> None:
    vm = deployed(alice, "snap")
    for name in ("a", "b", "c"):
        assert alice.job("createVMSnapshot", virtualmachineid=vm, name=name)["jobstatus"] == 1
    assert alice("createVMSnapshot", virtualmachineid=vm, name="a")["errorcode"] == 431
    middle = alice("listVMSnapshot", virtualmachineid=vm, name="b")["vmSnapshot"][0]["id"]
    alice.job("deleteVMSnapshot", vmsnapshotid=middle)
    rows = alice("listVMSnapshot", virtualmachineid=vm)["vmSnapshot"]
    assert [(row["displayname"], row.get("parentName"), row["current"]) for row in rows] == [
        ("c", "a", True),
        ("a", None, False),
    ]


def test_detach_is_refused_while_a_snapshot_exists(alice: Caller) -> None:
    vm = deployed(alice, "disk")
    zone, offering = alice.order("x")["zoneid"], alice("listDiskOfferings", name="Small")["diskoffering"][0]
    volume = alice("createVolume", name="d", zoneid=zone, diskofferingid=offering["id"])["id"]
    assert alice.job("attachVolume", id=volume, virtualmachineid=vm)["jobstatus"] == 1
    alice.job("createVMSnapshot", virtualmachineid=vm, name="s")
    assert alice.job("detachVolume", id=volume)["jobresultcode"] == 431


def test_mocked_agent_fails_as_often_as_told(alice: Caller, admin: Caller) -> None:
    vm = deployed(alice, "mocked")
    admin("configureSimulator", name="StopCommand", value="result:fail", count=1)
    admin("configureSimulator", name="StartCommand", value="result:fail", count=2)
    assert alice.job("stopVirtualMachine", id=vm)["jobresultcode"] == 530
    assert state(alice, vm) == "Running"
    assert alice.job("stopVirtualMachine", id=vm)["jobstatus"] == 1
    assert alice.job("startVirtualMachine", id=vm)["jobstatus"] == 1, "the third host takes it"
    assert alice("configureSimulator", name="StopCommand", value="result:fail")["errorcode"] == 432


def test_failed_job_is_an_error_event(alice: Caller) -> None:
    vm = deployed(alice, "told")
    alice.job("startVirtualMachine", id=vm)
    last = alice("listEvents", resourceid=vm, type="VM.START", level="ERROR")["event"]
    assert [(row["state"], row["type"]) for row in last] == [("Completed", "VM.START")]


def test_a_running_vm_grows_only_where_a_host_has_room(alice: Caller, admin: Caller) -> None:
    admin("updateConfiguration", name="enable.dynamic.scale.vm", value="true")
    order = alice.order("grow")
    admin("updateTemplate", id=order["templateid"], isdynamicallyscalable="true")
    vm = alice("deployVirtualMachine", **order)
    alice.wait(vm["jobid"])
    sizes = {row["name"]: row["id"] for row in alice("listServiceOfferings")["serviceoffering"]}
    medium = {"id": vm["id"], "serviceofferingid": sizes["Medium Instance"]}
    alice.door("settings", **{"sandbox.hosts.full": True})
    assert alice.job("scaleVirtualMachine", **medium)["jobresultcode"] == 530
    assert [row["offering"] for row in alice.world()["vms"]] == ["Small Instance"]
    alice.door("settings", **{"sandbox.hosts.full": False})
    assert alice.job("scaleVirtualMachine", **medium)["jobstatus"] == 1
    assert [row["offering"] for row in alice.world()["vms"]] == ["Medium Instance"]


def test_scaling_counts_against_the_limits(alice: Caller) -> None:
    vm = deployed(alice, "bounded")
    alice.job("stopVirtualMachine", id=vm)
    alice.door("seed", accounts=[{"name": "alice", "limits": {"memory": 600}}])
    sizes = {row["name"]: row["id"] for row in alice("listServiceOfferings")["serviceoffering"]}
    scaled = alice.job("scaleVirtualMachine", id=vm, serviceofferingid=sizes["Medium Instance"])
    assert scaled["jobresultcode"] == 535
