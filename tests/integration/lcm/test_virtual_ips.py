"""Virtual IPs and allowed addresses: reserved in the VIM, told in the record, and gone with the VNF."""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lcm.play import completed, decide, end, servers, vim
from tests.stage import VRRP, Stage, WorkerPool, die_at, mark_file, run_under
from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import RUNNABLE, Operation, OperationState, OperationType
from vnfm.errors import BadRequest
from vnfm.lcm.steps.compute import MOST_RIVALS

INNER = {"10.20.0.50", "10.20.0.100"}


@pytest.fixture(autouse=True)
def lowest_first(stage: Stage) -> None:
    """By chance, a NIC might be given just the address that a virtual IP wants."""
    stage.door("settings", {"sandbox.addresses": "first"})


def request(stage: Stage, address: str | None = None) -> dict[str, Any]:
    """An InstantiateVnfRequest; ``address`` fixes that of the external virtual IP."""
    fixed = {"ipAddresses": [{"type": "IPV4", "fixedAddresses": [address]}]}
    data = [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": fixed}]
    config = {"vip": {"cpProtocolData": data}} if address else {}
    cps = [{"cpdId": "gw_out", "cpConfig": {}}, {"cpdId": "vip_out", "cpConfig": config}]
    link = {"id": "vl-out", "resourceId": stage.networks["outside"], "extCps": cps}
    return {"flavourId": "pair", "extVirtualLinks": [link]}


def begin(stage: Stage, pool: WorkerPool, address: str | None = None) -> Operation:
    instance = stage.create(VRRP)
    with pool.running(stage.settings):
        return stage.settle(stage.begin(instance.id, OperationType.INSTANTIATE, request(stage, address)))


def stand(stage: Stage, pool: WorkerPool, address: str | None = None) -> Instance:
    made = begin(stage, pool, address)
    assert made.state is OperationState.COMPLETED, made.error
    return stage.instance(made.vnf_instance_id)


def held(stage: Stage) -> dict[str, list[str]]:
    """Further addresses by the id of the server that holds them, as the emulator's witness has them."""
    rows = {vm["id"]: [a for nic in vm["nics"] for a in nic["secondary"]] for vm in stage.world()["vms"]}
    return {vm: addresses for vm, addresses in rows.items() if addresses}


def record(instance: Instance) -> dict[str, dict[str, Any]]:
    info = instance.instantiated_vnf_info or {}
    return {vip["cpdId"]: vip for vip in info["vipCpInfo"]}


def address_of(vip: dict[str, Any]) -> str:
    (protocol,) = vip["cpProtocolInfo"]
    (group,) = protocol["ipOverEthernet"]["ipAddresses"]
    (address,) = group["addresses"]
    return str(address)


@pytest.mark.parametrize("address", [None, "10.1.1.200"])
def test_they_are_reserved_told_and_given_back(stage: Stage, pool: WorkerPool, address: str | None) -> None:
    instance = stand(stage, pool, address)
    first = servers(instance)["gateway-0"]
    vips = record(instance)
    outside = address_of(vips["vip_out"])
    assert address in (None, outside)
    assert {vm: set(found) for vm, found in held(stage).items()} == {first: INNER | {outside}}
    cps = {cp["id"]: cp["cpdId"] for v in standing.vnfcs(instance) for cp in v.info["vnfcCpInfo"]}
    assert address_of(vips["vip_in"]) == "10.20.0.100"
    assert [cps[one] for one in vips["vip_in"]["associatedVnfcCpIds"]] == ["gw_in", "gw_in"]
    assert [cps[one] for one in vips["vip_out"]["associatedVnfcCpIds"]] == ["gw_out", "gw_out"]
    info = instance.instantiated_vnf_info or {}
    (ext,) = [cp for cp in info["extCpInfo"] if cp["cpdId"] == "vip_out"]
    assert (ext["id"], ext["associatedVipCpId"]) == (
        vips["vip_out"]["vnfExtCpId"],
        vips["vip_out"]["cpInstanceId"],
    )
    kinds = [item["target"] for item in instance.resources if item["kind"] == "NIC_ADDRESS"]
    assert sorted(kinds) == [
        "gateway-0/allowed:10.20.0.50",
        "gateway-0/vip:vip_in",
        "gateway-0/vip:vip_out",
    ]
    end(stage, pool, instance.id)
    calls = stage.control.get(f"{stage.cloud.control_url}/calls").json()
    assert calls["removeIpFromNic"] >= 3, "given back before the server goes"


def told(operation: Operation) -> set[tuple[str, str]]:
    """affectedVipCps: cpdId and changeType, each once."""
    entries = operation.resource_changes.get("affectedVipCps") or []
    assert len({(entry["cpInstanceId"], entry["changeType"]) for entry in entries}) == len(entries)
    assert {entry["vnfdId"] for entry in entries} <= {VRRP}
    return {(entry["cpdId"], entry["changeType"]) for entry in entries}


def both(word: str) -> set[tuple[str, str]]:
    return {("vip_in", word), ("vip_out", word)}


def test_an_occurrence_tells_which_virtual_ips_it_made_changed_and_gave_up(
    stage: Stage, pool: WorkerPool
) -> None:
    made = begin(stage, pool)
    assert told(made) == both("ADDED")
    instance = stage.instance(made.vnf_instance_id)
    ids = {entry["cpInstanceId"] for entry in made.resource_changes["affectedVipCps"]}
    assert ids == {vip["cpInstanceId"] for vip in record(instance).values()}
    assert told(completed(stage, pool, instance.id, "HEAL")) == set(), "a reboot changes none"
    anew = {"action": "recreate", "vnfcInstanceIds": [standing.vnfc(instance, "gateway-0").id]}
    healed = completed(stage, pool, instance.id, "HEAL", additionalParams=anew)
    assert told(healed) == both("MODIFIED"), "another server holds them"
    anew = {"action": "recreate", "vnfcInstanceIds": [standing.vnfc(instance, "gateway-1").id]}
    assert told(completed(stage, pool, instance.id, "HEAL", additionalParams=anew)) == set()
    for way in ("SCALE_OUT", "SCALE_IN"):
        scaled = completed(stage, pool, instance.id, "SCALE", type=way, aspectId="size")
        assert told(scaled) == both("MODIFIED"), "others answer for them"
    ended = completed(stage, pool, instance.id, "TERMINATE", terminationType="FORCEFUL")
    assert told(ended) == both("REMOVED")


def egress(stage: Stage) -> list[tuple[str, list[int]]]:
    """Protocol and ports of the egress rules there are."""
    rows = stage.world()["firewallrules"]
    return [(row["protocol"], row["ports"]) for row in rows if row["egress"]]


@pytest.mark.parametrize("fault", [None, "drop", "drop_before"])
def test_security_rules_open_what_the_vnfs_own_network_may_send_and_the_rest_is_said(
    stage: Stage, pool: WorkerPool, fault: str | None
) -> None:
    if fault:
        stage.door("faults", {"kind": fault, "command": "createEgressFirewallRule"})
    patient = dataclasses.replace(stage.settings, settle_pause=0.2)
    made = begin(dataclasses.replace(stage, settings=patient), pool)
    assert made.state is OperationState.COMPLETED, made.error
    assert stage.faults_fired() == (1 if fault else 0)
    assert egress(stage) == [("udp", [53, 53])]
    (warning,) = made.warnings
    assert "clients_come_in (ingress ipv4 tcp 443-443) is not enforced at gw_out" in warning
    instance = stage.instance(made.vnf_instance_id)
    assert [i["target"] for i in instance.resources if i["kind"] == "EGRESS_RULE"] == ["names_go_out/inner"]
    end(stage, pool, instance.id)
    assert egress(stage) == []


def test_answers_that_are_lost_leave_none_twice(stage: Stage, pool: WorkerPool) -> None:
    stage.door("faults", {"kind": "drop", "command": "addIpToNic", "times": 2})
    patient = dataclasses.replace(stage.settings, settle_pause=0.5)
    instance = stand(dataclasses.replace(stage, settings=patient), pool)
    assert stage.faults_fired() == 2
    (found,) = held(stage).values()
    assert sorted(found) == sorted(INNER | {address_of(record(instance)["vip_out"])})
    end(stage, pool, instance.id)


@pytest.mark.parametrize("phase", ["start", "look", "job"])
@pytest.mark.parametrize("point", ["before", "after-call", "after-journal"])
def test_a_worker_that_dies_anywhere_in_it_leaves_none_twice(
    stage: Stage, pool: WorkerPool, phase: str, point: str, tmp_path: Path
) -> None:
    instance = stage.create(VRRP)
    begin = partial(stage.begin, instance.id, OperationType.INSTANTIATE, request(stage))
    ended = run_under(stage, pool, f"reserve_addresses:*/{phase}/{point}", mark_file(tmp_path), begin)
    assert ended.state is OperationState.COMPLETED, ended.error
    (found,) = held(stage).values()
    assert len(found) == 3
    assert set(found) > INNER
    end(stage, pool, instance.id)


def test_what_a_call_in_doubt_took_too_many_is_given_back(
    stage: Stage, pool: WorkerPool, tmp_path: Path
) -> None:
    """Two answers to the call that a worker died in come late: one is adopted, the other must go."""
    instance = stage.create(VRRP)
    begin = partial(stage.begin, instance.id, OperationType.INSTANTIATE, request(stage))
    operation = die_at(stage, pool, "reserve_addresses:*/start/before", mark_file(tmp_path), begin)
    holder = stage.operation(operation).step("deploy_vnfc:gateway-0").result["nics"][0]["id"]
    for _ in range(2):
        vim(stage, "addIpToNic", nicid=holder)
    with pool.running(stage.settings):
        ended = stage.settle(operation)
    assert ended.state is OperationState.COMPLETED, ended.error
    (found,) = held(stage).values()
    assert sorted(found) == sorted(INNER | {address_of(record(stage.instance(instance.id))["vip_out"])})
    end(stage, pool, instance.id)


def test_an_address_that_is_taken_is_named_and_rolled_back(stage: Stage, pool: WorkerPool) -> None:
    """The router's own address."""
    ended = begin(stage, pool, "10.1.1.1")
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert ended.error["step"] == "reserve_addresses:gateway-0"
    assert "the address 10.1.1.1 is taken" in ended.error["detail"]
    assert ended.error["vimCommand"] == "addIpToNic"
    back = decide(stage, pool, ended, "rollback")
    assert back.state is OperationState.ROLLED_BACK, back.error
    assert told(back) == set(), "none was there as a whole"
    assert not any(stage.ours(stage.world()).values())


#: What a NIC in the outside network is given first.
LOWEST = "10.1.1.2"


def rivals(operation: Operation) -> int:
    """How often servers were made again because they had got the address of a virtual IP."""
    return sum(int(entry.memo.get("rivals", 0)) for entry in operation.steps)


def test_a_server_that_got_the_address_of_a_virtual_ip_is_made_again(stage: Stage, pool: WorkerPool) -> None:
    """Its removal is held up until addresses go by chance: else it would get the same again."""
    stage.door("faults", {"kind": "hold", "command": "destroyVirtualMachine"})
    instance = stage.create(VRRP)
    with pool.running(stage.settings):
        begun = stage.begin(instance.id, OperationType.INSTANTIATE, request(stage, LOWEST))
        while not stage.faults_fired():
            assert stage.operation(begun).state in RUNNABLE, "no server had the address"
            time.sleep(0.02)
        stage.door("settings", {"sandbox.addresses": "random"})
        stage.door("release", {})
        ended = stage.settle(begun)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert rivals(ended) >= 1
    assert address_of(record(stage.instance(instance.id))["vip_out"]) == LOWEST
    assert len(stage.world()["vms"]) == 2, "none is left of it"
    end(stage, pool, instance.id)


@pytest.mark.parametrize("expunge", [True, False])
def test_an_address_that_a_sibling_gets_every_time_counts_as_taken(
    stage: Stage, pool: WorkerPool, expunge: bool
) -> None:
    """Where this user may not expunge, a removal frees nothing: it is not even tried."""
    stage.door("settings", {"allow.user.expunge.recover.vm": str(expunge).lower()})
    settings = dataclasses.replace(stage.settings, purge_policy="leave", purge_patience=0.1)
    instance = stage.create(VRRP)
    with pool.running(settings):
        ended = stage.settle(stage.begin(instance.id, OperationType.INSTANTIATE, request(stage, LOWEST)))
    assert ended.state is OperationState.FAILED_TEMP
    assert ended.error is not None
    assert f"the address {LOWEST} is taken" in ended.error["detail"]
    assert rivals(ended) == (MOST_RIVALS if expunge else 0)
    assert len(stage.world()["vms"]) == 2


def test_a_holder_that_is_made_anew_holds_them_again(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool)
    before, vnfc = record(instance), standing.vnfc(instance, "gateway-0")
    ask = {"action": "recreate", "vnfcInstanceIds": [vnfc.id]}
    completed(stage, pool, instance.id, "HEAL", additionalParams=ask)
    after = stage.instance(instance.id)
    new = servers(after)["gateway-0"]
    assert new != vnfc.server
    assert {vm: set(found) for vm, found in held(stage).items()} == {
        new: INNER | {address_of(before["vip_out"])}
    }
    assert record(after) == before
    ids = [item["id"] for item in after.resources if item["kind"] == "NIC_ADDRESS"]
    assert len(ids) == 3
    assert not set(ids) & {item["id"] for item in instance.resources}
    end(stage, pool, instance.id)


def test_a_holder_that_is_rebooted_keeps_them(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool)
    before = held(stage)
    completed(stage, pool, instance.id, "HEAL")
    assert held(stage) == before
    assert stage.instance(instance.id).resources == instance.resources
    end(stage, pool, instance.id)


def test_when_the_holder_leaves_another_takes_them_over(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool)
    before = record(instance)
    leaving = standing.vnfc(instance, "gateway-0").id
    ask = {"vnfcInstanceIds": [leaving]}
    completed(stage, pool, instance.id, "SCALE", type="SCALE_IN", aspectId="size", additionalParams=ask)
    after = stage.instance(instance.id)
    left = servers(after)["gateway-1"]
    assert {vm: set(found) for vm, found in held(stage).items()} == {
        left: INNER | {address_of(before["vip_out"])}
    }
    assert {name: len(vip["associatedVnfcCpIds"]) for name, vip in record(after).items()} == {
        "vip_in": 1,
        "vip_out": 1,
    }
    targets = {item["target"] for item in after.resources if item["kind"] == "NIC_ADDRESS"}
    assert {one.partition("/")[0] for one in targets} == {"gateway-1"}
    completed(stage, pool, instance.id, "SCALE", type="SCALE_OUT", aspectId="size")
    again = stage.instance(instance.id)
    assert len(record(again)["vip_in"]["associatedVnfcCpIds"]) == 2
    assert len(held(stage)) == 1
    end(stage, pool, instance.id)


def test_a_virtual_ip_elsewhere_than_those_who_answer_for_it(stage: Stage) -> None:
    body = request(stage)
    out, vip = body["extVirtualLinks"][0]["extCps"]
    links = [{**body["extVirtualLinks"][0], "extCps": [out]}]
    links += [{"id": "vl-in", "resourceId": stage.networks["inside"], "extCps": [vip]}]
    instance = stage.create(VRRP)
    with pytest.raises(BadRequest, match=r"virtual IP 'vip_out' is on link 'vl-in', .* on vl-out"):
        stage.begin(instance.id, OperationType.INSTANTIATE, {**body, "extVirtualLinks": links})


def test_who_answers_for_one_is_not_plugged_elsewhere(stage: Stage, pool: WorkerPool) -> None:
    instance = stand(stage, pool)
    cps = [{"cpdId": "gw_out", "cpConfig": {}}]
    link = {"id": "vl-in", "resourceId": stage.networks["inside"], "extCps": cps}
    with pytest.raises(BadRequest, match="'gw_out' answers for a virtual IP"):
        stage.begin(instance.id, OperationType.CHANGE_EXT_CONN, {"extVirtualLinks": [link]})
    end(stage, pool, instance.id)
