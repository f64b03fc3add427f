"""What the real server does badly and the adapter must survive: the emulator must do it too."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.integration.sandbox.client import Caller


def deploy_at_once(caller: Caller, orders: list[dict[str, object]]) -> list[int]:
    with ThreadPoolExecutor(len(orders)) as pool:
        return [
            r.status_code
            for r in pool.map(lambda order: caller.send("deployVirtualMachine", **order), orders)
        ]


def test_simultaneous_deploys_of_one_name_make_twins(alice: Caller) -> None:
    """Name checked, then written: without the gap the adapter's search for twins would never be tried."""
    alice.door("settings", **{"sandbox.race.seconds": 0.3})
    assert deploy_at_once(alice, [alice.order("twin")] * 3) == [200, 200, 200]
    assert [vm["name"] for vm in alice.world()["vms"]] == ["twin"] * 3
    assert alice.send("deployVirtualMachine", **alice.order("twin")).status_code == 431


def test_customid_makes_one_and_is_used_up_for_ever(alice: Caller, admin: Caller) -> None:
    alice.door("settings", **{"sandbox.race.seconds": 0.1})
    order = alice.order("once") | {"customid": str(uuid.uuid4())}
    codes = deploy_at_once(admin, [order | {"name": f"once-{n}"} for n in range(3)])
    assert sorted(codes) == [200, 431, 431]
    vm = alice.world()["vms"][0]["id"]
    admin.job("destroyVirtualMachine", id=vm, expunge="true")
    assert alice.world()["vms"] == []
    assert admin.send("deployVirtualMachine", **order).status_code == 530


def test_destroyed_vm_is_unseen_and_holds_its_name_until_purged(alice: Caller) -> None:
    order = alice.order("ghost")
    vm = alice("deployVirtualMachine", **order)
    alice.wait(vm["jobid"])
    alice.job("destroyVirtualMachine", id=vm["id"])
    assert alice("listVirtualMachines", id=vm["id"]) == {}
    assert alice("deployVirtualMachine", **order)["errorcode"] == 431
    alice.door("advance", seconds=100000)
    assert "jobid" in alice("deployVirtualMachine", **order)


def test_restart_cuts_jobs_off_and_refuses_connections(alice: Caller) -> None:
    order = alice.order("cut")
    alice.door("faults", kind="hold", command="deployVirtualMachine", seconds=60)
    vm = alice("deployVirtualMachine", **order)
    time.sleep(0.05)
    alice.door("restart", seconds=0.5)
    refused = 0
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            record = alice("queryAsyncJobResult", jobid=vm["jobid"])
        except httpx.TransportError:
            refused += 1
            time.sleep(0.05)
            continue
        if record["jobstatus"]:
            break
    assert refused
    assert (record["jobresultcode"], "jobresult" in record) == (530, False)
    listed = alice("listVirtualMachines", id=vm["id"])["virtualmachine"][0]
    assert (listed["state"], listed["details"]) == ("Stopped", {"deployvm": "true"})


def test_expired_job_is_unknown(alice: Caller) -> None:
    record = alice.job("deployVirtualMachine", **alice.order("old"))
    alice.door("expire-jobs")
    assert alice("queryAsyncJobResult", jobid=record["jobid"])["errorcode"] == 431


def test_the_demo_world_holds_two_hundred_vms(alice: Caller) -> None:
    order = alice.order("x")
    jobs = [alice("deployVirtualMachine", **(order | {"name": f"x-{n}"}))["jobid"] for n in range(210)]
    assert all(alice.wait(job)["jobstatus"] == 1 for job in jobs)
    assert {vm["state"] for vm in alice.world()["vms"]} == {"Running"}
