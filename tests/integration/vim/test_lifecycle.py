"""From nothing to a server on two networks with a disk and a group, and back to nothing."""

import pytest

from tests.integration.vim.cloud import (
    ADMIN,
    CALLERS,
    MEMBER,
    USER,
    Caller,
    Cloud,
    finish,
    made,
    network,
    remove,
    spec,
)
from vnfm.errors import Permanent
from vnfm.vim.port import (
    ComputeNeed,
    Failed,
    Finished,
    GroupSpec,
    Kind,
    Lingering,
    NicSpec,
    Resource,
    Started,
    Trace,
    VolumeSpec,
)

GIB = 1024**3


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_check(cloud: Cloud, caller: Caller) -> None:
    facts = cloud.vim(caller).check()
    assert facts.zone_name == "Sandbox-simulator"
    assert facts.is_root_admin is (caller is ADMIN)
    assert facts.may_expunge
    assert (facts.project_id is None) is (caller is not MEMBER)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_there_and_back(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    inside, wire = network(vim, "vl-in"), network(vim, "vl-wire", layer2=True)
    group = made(vim, vim.create_group(GroupSpec("grp", "group", anti=True)))
    disk = made(vim, vim.create_volume(VolumeSpec("disk-1", 3 * GIB)))
    assert vim.find(Trace(Kind.NETWORK, "vl-in")) == [inside]
    assert vim.find(Trace(Kind.AFFINITY_GROUP, "grp")) == [group]
    assert vim.find(Trace(Kind.VOLUME, "disk-1")) == [disk]
    wanted = spec(
        vim,
        [NicSpec("cp1", inside, "10.9.0.77"), NicSpec("cp2", wire)],
        user_data="#cloud-config\n# 100 % ~*ü",
        group_ids=[group],
        root_disk=4 * GIB,
    )
    server_id = made(vim, vim.create_server(wanted))
    assert (server_id == wanted.custom_id) is (caller is ADMIN)
    assert made(vim, vim.attach_volume(disk, server_id)) == disk
    assert vim.attach_volume(disk, server_id) == Finished(disk)

    server = vim.read_server(server_id)
    assert server is not None
    assert (server.state, server.in_service) == ("Running", True)
    assert [nic.network_id for nic in server.nics] == [inside, wire]
    assert (server.nics[0].address, server.nics[1].address) == ("10.9.0.77", None)
    assert server.root_volume_id not in (None, disk)
    assert vim.list_volumes(server_id) == [disk]
    (witnessed,) = cloud.named("vms", "vnf-a-0")
    assert (witnessed["id"], witnessed["account"].startswith("PrjAcct")) == (server_id, caller is MEMBER)
    assert witnessed["affinitygroups"] == ["grp"]

    found = vim.survey_server(wanted, server_id)
    assert found.adopt is not None
    assert (found.adopt.id, found.bodies, found.others) == (server_id, (), ())

    # A network in use does not go.
    assert isinstance(finish(vim, vim.remove(Resource(Kind.NETWORK, inside))), Failed)

    assert remove(vim, Kind.SERVER, server_id) == 1
    assert remove(vim, Kind.VOLUME, disk) <= 1
    assert remove(vim, Kind.AFFINITY_GROUP, group) == 1
    assert remove(vim, Kind.NETWORK, inside) == 1
    assert remove(vim, Kind.NETWORK, wire) == 1
    for kind, gone in (
        (Kind.SERVER, server_id),
        (Kind.VOLUME, disk),
        (Kind.AFFINITY_GROUP, group),
        (Kind.NETWORK, wire),
    ):
        assert vim.remove(Resource(kind, gone)) == Finished(gone)
    assert vim.read_server(server_id) is None
    for table, name in (("vms", "vnf-a-0"), ("networks", "vl-in"), ("volumes", "disk-1")):
        assert cloud.named(table, name) == []
    assert cloud.ask("world")["addresses"] == []


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_stop_and_start(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))], start=False)))
    server = vim.read_server(server_id)
    assert server is not None
    assert (server.state, server.in_service) == ("Stopped", False)
    made(vim, vim.start_server(server_id))
    assert vim.start_server(server_id) == Finished(server_id)
    made(vim, vim.stop_server(server_id, force=False))
    made(vim, vim.stop_server(server_id, force=True))


@pytest.mark.parametrize("caller", [USER, MEMBER], ids=str)
def test_without_the_permission_to_expunge_it_lingers_until_the_purge(cloud: Cloud, caller: Caller) -> None:
    cloud.settle(allow_user_expunge_recover_vm=False, expunge_delay=3600, expunge_interval=3600)
    vim = cloud.vim(caller)
    assert not vim.check().may_expunge
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))])))
    resource = Resource(Kind.SERVER, server_id)
    first = vim.remove(resource)
    assert isinstance(first, Started)
    finish(vim, first)
    assert isinstance(vim.remove(resource), Lingering)
    assert isinstance(vim.remove(resource), Lingering)
    assert cloud.named("vms", "vnf-a-0")[0]["state"] == "Destroyed"
    # A second try of the name: nothing to adopt for this user, and the name is taken.
    wanted = spec(vim, [NicSpec("a", vim.find(Trace(Kind.NETWORK, "n"))[0])])
    assert vim.survey_server(wanted, server_id).adopt is None
    with pytest.raises(Permanent, match="already exists"):
        vim.create_server(wanted)
    cloud.tell("advance", seconds=7300)
    assert vim.remove(resource) == Finished(server_id)


def test_a_custom_offering_is_told_the_size(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    need = ComputeNeed("vdu", 3, 700 * 1024**2, "CentOS 5.6 (64-bit) no GUI (Simulator)", None)
    choice = vim.choose_compute(need)
    assert choice.details == {"cpuNumber": "3", "memory": "700"}
    made(vim, vim.create_server(spec(vim, [NicSpec("a", network(vim, "n"))], compute=choice)))


def test_a_vnf_template_takes_no_public_address_and_wants_its_networks(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    choice = vim.choose_compute(ComputeNeed("vdu", 1, 1024**3, "demo-firewall", "1.0"))
    assert choice.required_nics == 2
    first = NicSpec("a", network(vim, "n1"))
    with pytest.raises(Permanent, match="demands 2 networks"):
        vim.create_server(spec(vim, [first], compute=choice))
    made(vim, vim.create_server(spec(vim, [first, NicSpec("b", network(vim, "n2"))], compute=choice)))
    taken = [address for address in cloud.ask("world")["addresses"] if not address["sourcenat"]]
    assert taken == []


def test_one_network_twice(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    inside = network(vim, "n")
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", inside), NicSpec("b", inside)])))
    server = vim.read_server(server_id)
    assert server is not None
    assert [nic.network_id for nic in server.nics] == [inside, inside]


def test_user_data_needs_a_first_network_that_delivers_it(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    wire = network(vim, "w", layer2=True)
    with pytest.raises(Permanent, match="cannot deliver"):
        vim.create_server(spec(vim, [NicSpec("a", wire)], user_data="x"))
    assert cloud.named("vms", "vnf-a-0") == []


def test_existing_networks_are_checked(cloud: Cloud) -> None:
    shared = cloud.named("networks", "demo-shared")[0]["id"]
    assert cloud.vim(USER).check_network(cloud.named("networks", "demo-mgmt")[0]["id"]) == "demo-mgmt"
    assert cloud.vim(ADMIN).check_network(shared) == "demo-shared"
    with pytest.raises(Permanent, match="no network"):
        cloud.vim(USER).check_network("11111111-2222-4333-8444-555555555555")
