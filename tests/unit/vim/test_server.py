"""Deploy, start, stop, read, survey."""

from typing import Any

import httpx
import pytest

from tests.unit.vim.api import FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent, Unknown
from vnfm.vim.port import ComputeChoice, Finished, NicSpec, Scope, ServerSpec, Started, Survey

ISOLATED = {"id": "n-1", "name": "inside", "type": "Isolated", "service": [{"name": "UserData"}]}
L2 = {"id": "n-2", "name": "wire", "type": "L2", "service": []}
NICS = [
    {"id": "nic-b", "networkid": "n-2", "networkname": "wire", "deviceid": "1", "isdefault": False},
    {
        "id": "nic-a", "networkid": "n-1", "networkname": "inside", "deviceid": "0", "isdefault": True,
        "macaddress": "02:01", "ipaddress": "10.1.1.140",
    },
]  # fmt: skip


def spec(**changes: Any) -> ServerSpec:
    given = {
        "name": "vnf-a-0",
        "display_name": "vnf a/0",
        "custom_id": "11111111-0000-4000-8000-000000000001",
        "compute": ComputeChoice("so-1", "small", "t-1", "router"),
        "nics": [NicSpec("cp1", "n-1"), NicSpec("cp2", "n-2")],
    }
    return ServerSpec(**{**given, **changes})


def vm(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": "vnf-a-0", "displayname": "vnf a/0", "state": state, "details": {}, **more}


def cloud(**capability: Any) -> FakeApi:
    def networks(params: Any) -> Any:
        return listing("network", *(row for row in (ISOLATED, L2) if row["id"] == params["id"]))

    return (
        ready(**capability)
        .on("deployVirtualMachine", {"id": "vm-1", "jobid": "job-1"})
        .on("listNetworks", networks)
        .on("listProjects", listing("project", {"id": "p-1", "name": "p", "state": "Active"}))
    )


def test_deploy() -> None:
    api = cloud()
    outcome = api.connect().create_server(spec())
    assert outcome == Started("deployVirtualMachine job-1 vm-1", "vm-1")
    assert api.sent("deployVirtualMachine") == {
        "name": "vnf-a-0",
        "displayname": "vnf a/0",
        "zoneid": "zone-1",
        "serviceofferingid": "so-1",
        "templateid": "t-1",
        "networkids": "n-1,n-2",
    }


def test_deploy_with_everything() -> None:
    api = cloud(extensionspath="/x")
    choice = ComputeChoice("so-1", "custom", "t-1", "router", {"cpuNumber": "2", "memory": "512"}, 2)
    nics = [NicSpec("cp1", "n-1", "10.1.1.9"), NicSpec("cp2", "n-2", None, "02:00:00:00:00:01")]
    wanted = spec(
        compute=choice, nics=nics, root_disk=2 * 1024**3 + 1, user_data="#cloud-config\n% ü",
        ssh_key_pair="ops", group_ids=["g-1", "g-2"], start=False,
    )  # fmt: skip
    api.connect(Scope(project="p"), sshKeyPair="other").create_server(wanted)
    assert api.sent("deployVirtualMachine") == {
        "name": "vnf-a-0",
        "displayname": "vnf a/0",
        "zoneid": "zone-1",
        "serviceofferingid": "so-1",
        "templateid": "t-1",
        "rootdisksize": "3",
        "affinitygroupids": "g-1,g-2",
        "keypairs": "ops",
        "userdata": "I2Nsb3VkLWNvbmZpZwolIMO8",
        "customid": "11111111-0000-4000-8000-000000000001",
        "startvm": "false",
        "iptonetworklist[0].networkid": "n-1",
        "iptonetworklist[0].ip": "10.1.1.9",
        "iptonetworklist[1].networkid": "n-2",
        "iptonetworklist[1].mac": "02:00:00:00:00:01",
        "details[0].cpuNumber": "2",
        "details[0].memory": "512",
        "projectid": "p-1",
    }


def test_one_network_twice_is_possible_without_fixed_addresses() -> None:
    api = cloud()
    api.connect().create_server(spec(nics=[NicSpec("a", "n-1"), NicSpec("b", "n-1")]))
    assert api.sent("deployVirtualMachine")["networkids"] == "n-1,n-1"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"nics": [NicSpec("a", "n-1", "10.1.1.9"), NicSpec("b", "n-1")]}, "fixed address and two"),
        ({"nics": [NicSpec("a", "n-2")], "user_data": "x"}, "cannot deliver them"),
        ({"nics": [NicSpec("a", "n-2")], "ssh_key_pair": "x"}, "cannot deliver them"),
        ({"user_data": "x" * 24_577}, "32772 bytes in base64; CloudStack admits 32768"),
        ({"compute": ComputeChoice("s", "s", "t", "vnf", {}, 3)}, "demands 3 networks .* has 2"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(changes: dict[str, Any], text: str) -> None:
    api = cloud()
    with pytest.raises(Permanent, match=text):
        api.connect().create_server(spec(**changes))
    assert api.count("deployVirtualMachine") == 0


def test_user_data_up_to_the_limit_and_behind_a_router_is_sent() -> None:
    api = cloud()
    api.connect().create_server(spec(user_data="x" * 24_576))
    assert len(api.sent("deployVirtualMachine")["userdata"]) == 32768


def test_a_deploy_is_never_repeated() -> None:
    api = cloud().on("deployVirtualMachine", httpx.ReadTimeout("x"))
    with pytest.raises(Unknown):
        api.connect().create_server(spec())
    assert api.count("deployVirtualMachine") == 1


def test_start_says_at_once_that_it_runs() -> None:
    api = cloud().on("listVirtualMachines", listing("virtualmachine", vm("vm-1", "Running")))
    assert api.connect().start_server("vm-1") == Finished("vm-1")
    api.on("listVirtualMachines", listing("virtualmachine", vm("vm-1", "Stopped")))
    api.on("startVirtualMachine", {"jobid": "j"})
    assert api.connect().start_server("vm-1") == Started("startVirtualMachine j vm-1", "vm-1")


@pytest.mark.parametrize(
    ("force", "sent"), [(True, {"id": "vm-1", "forced": "true"}), (False, {"id": "vm-1"})]
)
def test_stop(force: bool, sent: dict[str, str]) -> None:
    api = cloud().on("stopVirtualMachine", {"jobid": "j"})
    assert isinstance(api.connect().stop_server("vm-1", force=force), Started)
    assert api.sent("stopVirtualMachine") == sent


def test_reboot() -> None:
    api = cloud().on("rebootVirtualMachine", {"jobid": "j"})
    assert api.connect().reboot_server("vm-1") == Started("rebootVirtualMachine j vm-1", "vm-1")
    assert api.sent("rebootVirtualMachine") == {"id": "vm-1"}


@pytest.mark.parametrize(
    ("capability", "image", "root_disk", "sent"),
    [
        ({}, None, None, {}),
        ({"allowuserexpungerecovervolume": True}, None, None, {"expunge": "true"}),
        ({}, "t-2", 3 * 1024**3 + 1, {"templateid": "t-2", "rootdisksize": "4"}),
    ],
)
def test_rebuild(
    capability: dict[str, Any], image: str | None, root_disk: int | None, sent: dict[str, str]
) -> None:
    api = cloud(**capability).on("restoreVirtualMachine", {"jobid": "j"})
    outcome = api.connect().rebuild_server("vm-1", image, root_disk)
    assert outcome == Started("restoreVirtualMachine j vm-1", "vm-1")
    assert api.sent("restoreVirtualMachine") == {"virtualmachineid": "vm-1", **sent}


def test_read() -> None:
    row = vm("vm-1", "Running", nic=NICS, serviceofferingid="so-1", templateid="t-1")
    api = cloud().on("listVirtualMachines", listing("virtualmachine", row))
    api.on("listVolumes", listing("volume", {"id": "root-1", "type": "ROOT"}))
    server = api.connect(Scope(project="p")).read_server("vm-1")
    assert server is not None
    assert (server.state, server.in_service, server.root_volume_id) == ("Running", True, "root-1")
    assert (server.flavour_id, server.image_id) == ("so-1", "t-1")
    assert [nic.id for nic in server.nics] == ["nic-a", "nic-b"]
    assert (server.nics[0].address, server.nics[1].address) == ("10.1.1.140", None)
    assert api.sent("listVirtualMachines") == {
        "id": "vm-1",
        "listall": "true",
        "details": "min,nics,servoff,tmpl,affgrp",
        "projectid": "p-1",
    }


@pytest.mark.parametrize("answer", [{}, Refusal(431, "entity does not exist")])
def test_not_seen_is_none(answer: Any) -> None:
    assert cloud().on("listVirtualMachines", answer).connect().read_server("vm-1") is None


def survey(api: FakeApi, recorded: str | None = None) -> Survey:
    return api.connect().survey_server(spec(), recorded)


def by_id(**rows: dict[str, Any]) -> Any:
    """Answers the search by name with what is called ``named``, and that by id with the row."""

    def answer(params: Any) -> Any:
        if "name" in params:
            return listing("virtualmachine", *rows.get("named", []))
        found = rows.get(params["id"].replace("-", "_"))
        return listing("virtualmachine", found) if found else Refusal(431, "entity does not exist")

    return answer


def test_a_server_is_told_other_user_data() -> None:
    api = cloud().on("updateVirtualMachine", {"virtualmachine": {"id": "vm-1"}})
    assert api.connect().set_user_data("vm-1", "#cloud-config") == Finished("vm-1")
    assert api.sent("updateVirtualMachine") == {"id": "vm-1", "userdata": "I2Nsb3VkLWNvbmZpZw=="}


def test_a_body_without_a_nic_and_its_successor_share_a_name() -> None:
    body = vm("vm-1", "Error", details={"deployvm": "true"})
    api = cloud().on("listVirtualMachines", by_id(named=[body, vm("vm-2", "Running")]))
    found = survey(api)
    assert found.adopt is not None
    assert found.adopt.id == "vm-2"
    assert [server.id for server in found.bodies] == ["vm-1"]
    assert api.sent("listVirtualMachines") == {
        "name": "vnf-a-0",
        "listall": "true",
        "details": "min,nics,servoff,tmpl,affgrp",
    }


def test_the_recorded_id_is_looked_up_too() -> None:
    api = cloud().on("listVirtualMachines", by_id(named=[], vm_9=vm("vm-9", "Stopped")))
    found = survey(api, "vm-9")
    assert found.adopt is not None
    assert found.adopt.id == "vm-9"


def test_a_root_admin_also_looks_by_his_own_id() -> None:
    mine = "11111111-0000-4000-8000-000000000001"
    rows = {mine.replace("-", "_"): vm(mine, "Running")}
    found = survey(cloud(extensionspath="/x").on("listVirtualMachines", by_id(**rows)))
    assert found.adopt is not None
    assert found.adopt.id == mine


def test_nothing_is_left() -> None:
    assert survey(cloud().on("listVirtualMachines", by_id()), "vm-9") == Survey(None)


def test_a_longer_name_is_not_ours() -> None:
    other = {**vm("vm-1", "Running"), "name": "vnf-a-01"}
    assert survey(cloud().on("listVirtualMachines", listing("virtualmachine", other))) == Survey(None)
