"""What a real server told of snapshots, addresses, rules and quotas is understood. Collected only beside the
reference recordings; the numbers are those of their README."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.vim.api import FakeApi, ready, reference
from vnfm.errors import Permanent
from vnfm.vim.port import ComputeChoice, PortSpec, RoomSpec, Scope, Server

FOLDER = reference()


def recorded(file: str, *indexes: int) -> list[Any]:
    """These exchanges of a section."""
    assert FOLDER is not None
    items = json.loads((FOLDER / "cloudstack" / "transcripts" / f"{file}.json").read_text())
    return [items[index] for index in indexes]


def replay(api: FakeApi, file: str, *indexes: int) -> FakeApi:
    """Answer with the bodies of these exchanges, each under its own command."""
    for item in recorded(file, *indexes):
        api.on(item["params"]["command"], httpx.Response(item["status"], json=item["json"]))
    return api


if FOLDER is not None:

    def test_snapshots_of_a_server() -> None:
        vim = replay(ready(), "vmsnapshots", 11).connect()
        found = [(one.name, one.ready, one.memory, one.current) for one in vim.find_snapshots("vm")]
        assert found == [("s1", True, True, False), ("s2", True, False, True)]
        (failed,) = replay(ready(), "faults", 31).connect().find_snapshots("vm", "x")
        assert (failed.state, failed.ready) == ("Error", False)

    def test_snapshots_of_a_volume() -> None:
        (found,) = replay(ready(), "volumes", 39).connect().find_volume_snapshots("v", "snap-1")
        assert (found.state, found.ready) == ("BackedUp", True)

    def test_addresses() -> None:
        found = replay(ready(), "nat", 14).connect().find_addresses("n")
        told = [(one.address, one.is_router, one.mapped_server_id) for one in found]
        assert told == [
            ("192.168.2.4", True, None),
            ("192.168.2.6", False, None),
            ("192.168.2.7", False, None),
        ]
        (mapped,) = replay(ready(), "nat", 20).connect().find_addresses("n")
        assert mapped.mapped_address == "10.1.1.153"

    def test_rules() -> None:
        vim = replay(ready(), "nat", 31).connect()
        assert vim.find_ports("a", PortSpec("tcp", 22, 22, ("10.0.0.0/8",))) == [
            "86e2028d-5804-4654-a328-254eeed37cdf"
        ]
        assert vim.find_ports("a", PortSpec("icmp")) == ["8368a71e-afad-440b-8e62-4ed385d1f286"]

    def test_quotas() -> None:
        (users_domains,) = recorded("discovery", 41)
        assert users_domains["status"] == 432
        forbidden = httpx.Response(432, json=users_domains["json"])
        wanted = RoomSpec(cpus=41, memory=40961 * 1024**2, volumes=[201 * 1024**3])
        text = (
            "cpu of {0}: limit 40, used 0, wanted 41; memory of {0}: limit 40960 MiB, used 0 MiB, wanted "
            "40961 MiB; primary_storage of {0}: limit 200 GiB, used 0 GiB, wanted 201 GiB"
        )
        api = replay(ready(), "discovery", 38).on("listDomains", forbidden)
        with pytest.raises(Permanent, match=text.format("account 'alice'")):
            api.connect().check_room(wanted)
        api = replay(ready(), "projects", 3).on("listDomains", forbidden)
        with pytest.raises(Permanent, match=text.format("project 'proj-1795358252'")):
            api.connect(Scope(project="proj-1795358252")).check_room(wanted)

    def test_growing_while_it_runs() -> None:
        small, medium = "d4c4f059-2ca6-4e18-a0f1-76fd77b9dd62", "11248c4a-f974-444e-bcd2-137ec557449e"
        server = Server("d05296ee-a600-403e-b014-ff923eba8a58", "scvm", "Running", True)
        api = replay(ready(dynamicscalingenabled=True), "scale", 5)
        vim = replay(api, "discovery", 26).connect()
        assert vim.can_resize_live(server, ComputeChoice(medium, "Medium Instance", "t", "t")) is None
        assert vim.can_resize_live(server, ComputeChoice(small, "Small Instance", "t", "t")) is None
