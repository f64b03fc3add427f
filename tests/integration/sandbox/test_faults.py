"""Planted faults fire where they were planted, once, and leave what they should."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.integration.sandbox.client import Caller


def fired(alice: Caller) -> list[int]:
    return [fault["fired"] for fault in alice.look("faults")["faults"]]


def test_dropped_reply_leaves_the_vm(alice: Caller) -> None:
    order = alice.order("lost")
    alice.door("faults", kind="drop", command="deployVirtualMachine")
    with pytest.raises(httpx.TransportError):
        alice("deployVirtualMachine", **order)
    assert [vm["name"] for vm in alice.world()["vms"]] == ["lost"]
    assert fired(alice) == [1]


def test_call_dropped_before_leaves_nothing(alice: Caller) -> None:
    order = alice.order("never")
    alice.door("faults", kind="drop_before", command="deployVirtualMachine")
    with pytest.raises(httpx.TransportError):
        alice("deployVirtualMachine", **order)
    assert alice.world()["vms"] == []


def test_only_the_nth_call_is_refused(alice: Caller) -> None:
    alice.door("faults", kind="refuse", command="listZones", nth=2, code=429, text="slow down")
    codes = [alice.send("listZones").status_code for _ in range(3)]
    assert codes == [200, 429, 200]
    assert fired(alice) == [1]


def test_error_page_is_html(alice: Caller) -> None:
    alice.door("faults", kind="html", command="*")
    response = alice.send("listZones")
    assert response.status_code == 502
    assert response.headers["content-type"] == "text/html"


def test_server_dies_with_the_vm_half_made(alice: Caller) -> None:
    order = alice.order("orphan")
    alice.door("faults", kind="kill", command="deployVirtualMachine", seconds=0.2)
    with pytest.raises(httpx.TransportError):
        alice("deployVirtualMachine", **order)
    for _ in range(100):
        try:
            facts = alice.world()
            break
        except httpx.TransportError:
            time.sleep(0.02)
    assert [vm["state"] for vm in facts["vms"]] == ["Stopped"]
    assert [job["status"] for job in facts["jobs"]] == [2]


def test_refusal_comes_under_the_commands_own_key(alice: Caller) -> None:
    alice.door("faults", kind="refuse", command="listZones", code=431, cserrorcode=4350, text="no")
    response = alice.send("listZones")
    assert response.headers["x-description"] == "no"
    assert response.json()["listzonesresponse"]["cserrorcode"] == 4350


def test_failed_job_leaves_a_vm_in_error_that_keeps_its_name(alice: Caller) -> None:
    order = alice.order("broken")
    alice.door("faults", kind="fail", command="deployVirtualMachine", code=530, text="no luck")
    record = alice.job("deployVirtualMachine", **order)
    assert (record["jobstatus"], record["jobresult"]) == (2, {"errorcode": 530, "errortext": "no luck"})
    assert [vm["state"] for vm in alice.world()["vms"]] == ["Error"]
    assert alice("deployVirtualMachine", **order)["errorcode"] == 431


def test_full_hosts_refuse_in_the_job(alice: Caller) -> None:
    order = alice.order("homeless")
    alice.door("settings", **{"sandbox.hosts.full": True})
    assert alice.job("deployVirtualMachine", **order)["jobresultcode"] == 533


def test_clock_ahead_makes_every_request_expired(alice: Caller) -> None:
    alice.door("settings", **{"sandbox.clock.skew": 3600})
    assert alice.send("listZones").status_code == 401


def test_unknown_fault_or_setting_is_refused(alice: Caller) -> None:
    """A typo in a test must not silently plant nothing."""
    for name, facts in (
        ("faults", {"kind": "dorp"}),
        ("faults", {"kind": "drop", "n": 2}),
        ("settings", {"x": 1}),
    ):
        assert alice.http.post(f"{alice.server.control_url}/{name}", json=facts).status_code == 400
