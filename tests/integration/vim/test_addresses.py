"""A public address is taken, mapped, opened, and given back."""

import pytest

from tests.integration.vim.cloud import CALLERS, USER, Caller, Cloud, made, network, remove, spec
from vnfm.errors import Permanent, Unknown
from vnfm.vim.port import Finished, Kind, NicSpec, PortSpec

SSH = PortSpec("tcp", 22, None, ("10.0.0.0/8",))


@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_there_and_back(cloud: Cloud, caller: Caller) -> None:
    vim = cloud.vim(caller)
    inside, other = network(vim, "in"), network(vim, "other")
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", inside), NicSpec("b", other)])))
    router = [address.id for address in vim.find_addresses(inside)]
    taken = made(vim, vim.acquire_address(inside))
    assert [address.id for address in vim.find_addresses(inside)] == [*router, taken]
    assert vim.find_addresses(inside)[0].is_router

    assert vim.map_address(taken, server_id, inside) == Finished(taken)
    assert vim.map_address(taken, server_id, inside) == Finished(taken)
    mapped = vim.find_addresses(inside)[-1]
    assert mapped.mapped_server_id == server_id
    assert vim.map_address(taken, server_id, inside, mapped.mapped_address) == Finished(taken)
    with pytest.raises(Permanent, match="router itself"):
        vim.map_address(router[0], server_id, inside)
    second = made(vim, vim.acquire_address(inside))
    with pytest.raises(Permanent, match="has a public address already"):
        vim.map_address(second, server_id, inside)

    rule = made(vim, vim.open_port(taken, SSH))
    assert vim.find_ports(taken, SSH) == [rule]
    assert vim.find_ports(taken, PortSpec("tcp", 22)) == []
    with pytest.raises(Permanent, match="open already"):
        vim.open_port(taken, SSH)
    ping = made(vim, vim.open_port(taken, PortSpec("icmp")))
    assert vim.find_ports(taken, PortSpec("icmp")) == [ping]

    assert remove(vim, Kind.RULE, rule, "firewall:ssh") == 1
    assert remove(vim, Kind.RULE, taken, "staticnat") == 1
    assert vim.find_addresses(inside)[1].mapped_server_id is None
    assert remove(vim, Kind.ADDRESS, taken) == 1
    assert remove(vim, Kind.ADDRESS, second) == 1
    assert [address.id for address in vim.find_addresses(inside)] == router


def test_a_lost_answer(cloud: Cloud) -> None:
    vim = cloud.vim(USER)
    inside = network(vim, "in")
    server_id = made(vim, vim.create_server(spec(vim, [NicSpec("a", inside)])))
    known = {address.id for address in vim.find_addresses(inside)}
    cloud.tell("faults", kind="drop", command="associateIpAddress")
    with pytest.raises(Unknown):
        vim.acquire_address(inside)
    (taken,) = (address.id for address in vim.find_addresses(inside) if address.id not in known)
    cloud.tell("faults", kind="drop", command="enableStaticNat")
    with pytest.raises(Unknown):
        vim.map_address(taken, server_id)
    assert vim.map_address(taken, server_id) == Finished(taken)
