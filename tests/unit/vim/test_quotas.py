"""Quotas are asked before anything is touched; the rows are those of discovery 38 and projects 3."""

from typing import Any

import pytest

from tests.unit.vim.api import FakeApi, Refusal, listing, ready
from vnfm.errors import Permanent
from vnfm.vim.port import ComputeChoice, RoomSpec, Scope

GIB = 1024**3
ROW: dict[str, Any] = {
    "name": "alice", "accounttype": 0, "domainid": "d-1",
    "vmlimit": "20", "vmtotal": 18, "cpulimit": "40", "cputotal": 30, "memorylimit": "40960",
    "memorytotal": 1024, "volumelimit": "20", "volumetotal": 0, "primarystoragelimit": "200",
    "primarystoragetotal": 12.5, "networklimit": "20", "networktotal": 20, "iplimit": "Unlimited",
    "iptotal": 900, "snapshotlimit": "-1", "snapshottotal": 5,
}  # fmt: skip
SERVER = ComputeChoice("so", "so", "t", "t", cpus=4, memory=8 * GIB, root_disk=2 * GIB)
FORBIDDEN = Refusal(432, "The API [listDomains] does not exist or is not available for this account/user")


def cloud(row: dict[str, Any], domains: Any = FORBIDDEN) -> FakeApi:
    return ready().on("listAccounts", listing("account", row)).on("listDomains", domains)


@pytest.mark.parametrize(
    "spec",
    [
        RoomSpec(),
        RoomSpec(servers=[SERVER, SERVER], volumes=[100 * GIB], addresses=5, volume_snapshots=9),
        RoomSpec(cpus=10, memory=39 * GIB, disk=188 * GIB),
        # Nothing more of what is full already.
        RoomSpec(networks=0),
    ],
)
def test_there_is_room(spec: RoomSpec) -> None:
    cloud(ROW).connect().check_room(spec)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (RoomSpec(servers=[SERVER] * 3), "user_vm of account 'alice': limit 20, used 18, wanted 3; cpu of"),
        (RoomSpec(cpus=11), "cpu of account 'alice': limit 40, used 30, wanted 11$"),
        (
            RoomSpec(memory=39 * GIB + 1),
            "memory of account 'alice': limit 40960 MiB, used 1024 MiB, wanted 39937 MiB$",
        ),
        (RoomSpec(volumes=[GIB] * 21), "volume of account 'alice': limit 20, used 0, wanted 21$"),
        (RoomSpec(disk=189 * GIB), "primary_storage of .*limit 200 GiB, used 12 GiB, wanted 189 GiB$"),
        (RoomSpec(networks=1), "network of account 'alice': limit 20, used 20, wanted 1$"),
    ],
)
def test_there_is_none(spec: RoomSpec, text: str) -> None:
    with pytest.raises(Permanent, match=text):
        cloud(ROW).connect().check_room(spec)


def test_the_facts_are_those_of_the_first_shortage() -> None:
    with pytest.raises(Permanent) as caught:
        cloud(ROW).connect().check_room(RoomSpec(servers=[SERVER] * 3))
    assert caught.value.facts == {
        "quota": "user_vm",
        "quotaOwner": "account 'alice'",
        "limit": 20,
        "used": 18,
        "wanted": 3,
    }


def test_a_project_has_quotas_of_its_own() -> None:
    project = {**ROW, "id": "p-1", "name": "demo", "state": "Active", "vmlimit": "18"}
    api = cloud(ROW).on("listProjects", listing("project", project))
    with pytest.raises(Permanent, match="user_vm of project 'demo': limit 18, used 18, wanted 1"):
        api.connect(Scope(project="demo")).check_room(RoomSpec(servers=[SERVER]))


def test_an_admin_sees_the_quotas_of_the_domain() -> None:
    domain = {"id": "d-1", "name": "tenants", "path": "ROOT/tenants", "vmlimit": "19", "vmtotal": 19}
    api = cloud(ROW, listing("domain", domain))
    with pytest.raises(Permanent, match="domain 'ROOT/tenants': limit 19, used 19, wanted 1"):
        api.connect().check_room(RoomSpec(servers=[SERVER]))


def test_for_another_account() -> None:
    api = cloud({**ROW, "name": "carol"})
    with pytest.raises(Permanent, match="account 'carol'"):
        api.connect(account="carol", domain="d-1").check_room(RoomSpec(networks=1))
    asked = [params for command, params in api.calls if command == "listAccounts"]
    assert {"name": "carol", "domainid": "d-1", "listall": "true"} in asked


@pytest.mark.parametrize("answer", [FORBIDDEN, Refusal(431), {}, listing("account", ROW, ROW)])
def test_what_this_caller_may_not_read_is_left_to_cloudstack(answer: Any) -> None:
    cloud(ROW).on("listAccounts", answer).connect().check_room(RoomSpec(networks=1))


def test_a_row_without_limits_is_no_shortage() -> None:
    cloud({"name": "alice"}, {}).connect().check_room(RoomSpec(networks=1, servers=[SERVER]))


def test_another_error_is_one() -> None:
    with pytest.raises(Permanent, match="530"):
        cloud(ROW).on("listAccounts", Refusal(530)).connect().check_room(RoomSpec(networks=1))
