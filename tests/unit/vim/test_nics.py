"""NICs of a server that exists: known by id or MAC, and changed only if they are not as wanted already."""

from typing import Any

import httpx
import pytest

from tests.unit.vim.api import FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent, Unknown
from vnfm.vim.port import Failed, Finished, NicAddress, NicSpec, Outcome, Started

MAC = "02:00:4c:aa:cc:01"
NICS = [
    {"id": "nic-a", "networkid": "n-1", "networkname": "inside", "deviceid": "0", "isdefault": True},
    {"id": "nic-b", "networkid": "n-2", "networkname": "wire", "deviceid": "1", "macaddress": MAC},
]
ROW = {"id": "vm-1", "name": "vnf-a-0", "state": "Running", "nic": NICS}
#: Recording nics 33.
GONE = Refusal(431, "Unable to find UUID for id [43] of type [Nic]")


def cloud(*rows: dict[str, Any]) -> FakeApi:
    api = ready().on("listVirtualMachines", listing("virtualmachine", *rows))
    for command in (
        "addNicToVirtualMachine",
        "removeNicFromVirtualMachine",
        "updateDefaultNicForVirtualMachine",
        "updateVmNicIp",
    ):
        api.on(command, {"jobid": "j"})
    return api


def started(command: str, resource_id: str = "vm-1") -> Outcome:
    return Started(f"{command} j {resource_id}", resource_id)


@pytest.mark.parametrize(
    ("nic", "sent"),
    [
        (NicSpec("cp", "n-3"), {"virtualmachineid": "vm-1", "networkid": "n-3"}),
        (
            NicSpec("cp", "n-3", "10.1.1.9", "02:00:00:00:00:01"),
            {
                "virtualmachineid": "vm-1",
                "networkid": "n-3",
                "ipaddress": "10.1.1.9",
                "macaddress": "02:00:00:00:00:01",
            },
        ),
    ],
)
def test_a_nic_is_plugged(nic: NicSpec, sent: dict[str, str]) -> None:
    api = cloud(ROW)
    assert api.connect().attach_nic("vm-1", nic) == started("addNicToVirtualMachine")
    assert api.sent("addNicToVirtualMachine") == sent


def test_a_nic_of_that_mac_is_there_already() -> None:
    api = cloud(ROW)
    assert api.connect().attach_nic("vm-1", NicSpec("cp", "n-2", None, MAC.upper())) == Finished("vm-1")
    assert api.count("addNicToVirtualMachine") == 0


def test_a_plug_is_never_repeated() -> None:
    api = cloud(ROW).on("addNicToVirtualMachine", httpx.ReadTimeout("x"))
    with pytest.raises(Unknown):
        api.connect().attach_nic("vm-1", NicSpec("cp", "n-3"))
    assert api.count("addNicToVirtualMachine") == 1


def test_a_nic_is_unplugged() -> None:
    api = cloud(ROW)
    assert api.connect().detach_nic("vm-1", "nic-b") == started("removeNicFromVirtualMachine")
    assert api.sent("removeNicFromVirtualMachine") == {"virtualmachineid": "vm-1", "nicid": "nic-b"}


def test_the_default_nic_is_not_unplugged() -> None:
    api = cloud(ROW)
    with pytest.raises(Permanent, match=r"'inside' is the default one .* make another one the default"):
        api.connect().detach_nic("vm-1", "nic-a")
    assert api.count("removeNicFromVirtualMachine") == 0


def test_a_nic_that_is_not_there_is_unplugged_at_once() -> None:
    assert cloud(ROW).connect().detach_nic("vm-1", "nic-z") == Finished("vm-1")


def test_a_server_that_cannot_be_seen_leaves_the_verdict_to_cloudstack() -> None:
    api = cloud()
    assert isinstance(api.connect().detach_nic("vm-1", "nic-b"), Started)
    api.on("removeNicFromVirtualMachine", GONE)
    assert api.connect().detach_nic("vm-1", "nic-b") == Finished("vm-1")
    api.on("removeNicFromVirtualMachine", Refusal(531, "not yours"))
    with pytest.raises(Permanent, match="may not touch that object"):
        api.connect().detach_nic("vm-1", "nic-b")


def test_another_default_nic() -> None:
    api = cloud(ROW)
    assert api.connect().make_default_nic("vm-1", "nic-a") == Finished("vm-1")
    assert api.connect().make_default_nic("vm-1", "nic-b") == started("updateDefaultNicForVirtualMachine")
    assert api.sent("updateDefaultNicForVirtualMachine") == {"virtualmachineid": "vm-1", "nicid": "nic-b"}


def test_another_address() -> None:
    api = cloud()
    assert api.connect().change_address("nic-b", "10.1.1.55") == started("updateVmNicIp", "nic-b")
    assert api.sent("updateVmNicIp") == {"nicid": "nic-b", "ipaddress": "10.1.1.55"}


@pytest.mark.parametrize("address", [None, "10.1.1.99"])
def test_a_further_address_is_known_by_the_id_of_the_submit_answer(address: str | None) -> None:
    """Recording nics 35 to 39: the job names another object."""
    api = ready().on("addIpToNic", {"id": "sec-1", "jobid": "j"})
    api.on("queryAsyncJobResult", {"jobstatus": 1, "jobinstanceid": "other", "jobresult": {}})
    vim = api.connect()
    begun = vim.reserve_address("nic-a", address)
    assert begun == Started("addIpToNic j sec-1", "sec-1")
    assert api.sent("addIpToNic") == {"nicid": "nic-a", **({"ipaddress": address} if address else {})}
    assert vim.poll("addIpToNic j sec-1") == Finished("sec-1")


@pytest.mark.parametrize(
    ("address", "said"), [("10.1.1.99", "10.1.1.99 is taken"), (None, "no address is left")]
)
def test_a_further_address_that_is_not_to_be_had(address: str | None, said: str) -> None:
    """Recording nics 41."""
    api = ready().on("addIpToNic", Refusal(530, "Failed to assign secondary ip to nic"))
    outcome = api.connect().reserve_address("nic-a", address)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.command) == (530, "addIpToNic")
    assert said in outcome.explanation


def test_a_server_tells_the_further_addresses_of_its_nics() -> None:
    """Recording nics 42."""
    second = [{"id": "sec-1", "ipaddress": "10.1.1.99"}]
    row = {**ROW, "nic": [NICS[0], {**NICS[1], "secondaryip": second}]}
    server = cloud(row).on("listVolumes", listing("volume")).connect().read_server("vm-1")
    assert server is not None
    assert [nic.more for nic in server.nics] == [(), (NicAddress("sec-1", "10.1.1.99"),)]
