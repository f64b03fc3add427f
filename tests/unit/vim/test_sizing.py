"""Another service offering: when it is there already, and what forbids it while the server runs."""

from typing import Any

import pytest

from tests.unit.vim.api import FakeApi, listing, ready
from vnfm.vim.port import ComputeChoice, Finished, Server, Started

SMALL = {"id": "so-s", "name": "Small", "cpunumber": 1, "cpuspeed": 500, "memory": 512}
MEDIUM = {"id": "so-m", "name": "Medium", "cpunumber": 1, "cpuspeed": 1000, "memory": 1024}
TWIN = {**SMALL, "id": "so-t", "name": "Twin"}
CUSTOM = {"id": "so-c", "name": "Custom", "iscustomized": True, "cpuspeed": 1000}
TO_SMALL, TO_MEDIUM = ComputeChoice("so-s", "Small", "t", "t"), ComputeChoice("so-m", "Medium", "t", "t")
TO_TWIN, TO_NONE = ComputeChoice("so-t", "Twin", "t", "t"), ComputeChoice("so-x", "Gone", "t", "t")
TO_CUSTOM = ComputeChoice("so-c", "Custom", "t", "t", {"cpuNumber": "2", "memory": "600"})
SERVER = Server("vm-1", "v", "Running", True)


def cloud(flag: bool | None = None, **facts: Any) -> FakeApi:
    row = {
        "id": "vm-1", "name": "v", "state": "Running", "serviceofferingid": "so-s", "hypervisor": "Simulator",
        "cpunumber": 1, "cpuspeed": 500, "memory": 512, "isdynamicallyscalable": True, **facts,
    }  # fmt: skip
    offerings = [SMALL, MEDIUM, TWIN, CUSTOM]
    if flag is not None:
        offerings[1] = {**MEDIUM, "dynamicscalingenabled": flag}
    api = ready(dynamicscalingenabled=True).on("listVirtualMachines", listing("virtualmachine", row))
    return api.on("listServiceOfferings", listing("serviceoffering", *offerings))


def test_a_fixed_offering() -> None:
    api = cloud().on("scaleVirtualMachine", {"jobid": "j"})
    assert api.connect().resize_server("vm-1", TO_MEDIUM) == Started("scaleVirtualMachine j vm-1", "vm-1")
    assert api.sent("scaleVirtualMachine") == {"id": "vm-1", "serviceofferingid": "so-m"}


def test_a_custom_offering_is_told_the_size() -> None:
    api = cloud().on("scaleVirtualMachine", {"jobid": "j"})
    api.connect().resize_server("vm-1", TO_CUSTOM)
    assert api.sent("scaleVirtualMachine") == {
        "id": "vm-1",
        "serviceofferingid": "so-c",
        "details[0].cpuNumber": "2",
        "details[0].memory": "600",
    }


def test_what_it_has_already_is_done_at_once() -> None:
    assert cloud().connect().resize_server("vm-1", TO_SMALL) == Finished("vm-1")
    api = cloud(serviceofferingid="so-c", cpunumber=2, memory=600)
    assert api.connect().resize_server("vm-1", TO_CUSTOM) == Finished("vm-1")
    api = cloud(serviceofferingid="so-c", cpunumber=2, memory=601).on("scaleVirtualMachine", {"jobid": "j"})
    assert isinstance(api.connect().resize_server("vm-1", TO_CUSTOM), Started)


@pytest.mark.parametrize(
    ("facts", "choice", "reason"),
    [
        ({}, TO_MEDIUM, None),
        ({}, TO_CUSTOM, None),
        ({}, TO_SMALL, None),
        ({"state": "Stopped"}, TO_MEDIUM, "is Stopped, not Running"),
        ({"isdynamicallyscalable": False}, TO_MEDIUM, "not deployed as dynamically scalable"),
        ({"hypervisor": "LXC"}, TO_MEDIUM, "LXC does not resize"),
        ({"hypervisor": "KVM"}, TO_MEDIUM, "'Small' is fixed"),
        (
            {"hypervisor": "KVM", "serviceofferingid": "so-c", "cpuspeed": 1000},
            ComputeChoice("so-c", "Custom", "t", "t", {"cpuNumber": "2", "memory": "600"}),
            None,
        ),
        ({"flag": True}, TO_MEDIUM, "'Small' and 'Medium' do not agree"),
        ({"memory": 2048}, TO_MEDIUM, "memory would go from 2048 to 1024"),
        ({"cpunumber": 2}, TO_MEDIUM, "cpunumber would go from 2 to 1"),
        ({"cpuspeed": 2000}, TO_CUSTOM, "cpuspeed would go from 2000 to 1000"),
        ({}, TO_TWIN, "of the same size"),
        ({}, TO_NONE, "'Gone' cannot be seen"),
    ],
)
def test_why_not_while_it_runs(facts: dict[str, Any], choice: ComputeChoice, reason: str | None) -> None:
    told = cloud(**facts).connect().can_resize_live(SERVER, choice)
    assert told is None if reason is None else reason in str(told)


def test_switched_off() -> None:
    api = cloud().on("listCapabilities", {"capability": {"dynamicscalingenabled": False}})
    assert "enable.dynamic.scale.vm" in str(api.connect().can_resize_live(SERVER, TO_MEDIUM))


def test_a_server_that_does_not_tell_of_the_switch_is_asked() -> None:
    api = cloud().on("listCapabilities", {"capability": {}})
    assert api.connect().can_resize_live(SERVER, TO_MEDIUM) is None


def test_a_server_that_cannot_be_seen() -> None:
    api = cloud().on("listVirtualMachines", {})
    assert api.connect().can_resize_live(SERVER, TO_MEDIUM) == "the server vm-1 cannot be seen"
