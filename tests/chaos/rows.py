"""The operations of T1: on which sample each is played, how it begins, and what must be there afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.stage import (
    FIREWALL,
    FIREWALL_NEXT,
    LOAD_BALANCER,
    LOAD_BALANCER_NEXT,
    NFVO,
    VRRP,
    WEB_TIER,
    Stage,
)
from vnfm.domain import standing
from vnfm.domain.operation import OperationType
from vnfm.services import snapshots


@dataclass(frozen=True)
class World:
    """How much of ours there is, and in which states the servers are."""

    vms: int = 0
    networks: int = 0
    volumes: int = 0
    affinitygroups: int = 0
    states: tuple[str, ...] = ()
    securitygroups: int = 0
    #: Addresses that NICs hold besides their own.
    addresses: int = 0


def world(stage: Stage) -> World:
    """What there is now, by the emulator's own witness."""
    found = stage.world()
    counts = {kind: len(names) for kind, names in stage.ours(found).items()}
    nics = [nic for vm in found["vms"] for nic in vm["nics"]]
    return World(
        **counts,
        states=tuple(sorted(vm["state"] for vm in found["vms"])),
        addresses=sum(len(nic["secondary"]) for nic in nics),
    )


NOTHING = World()
FIREWALLS = World(3, 1, 4, 1, ("Running",) * 3)
#: The next version has one link, two state disks and one group more.
FILTERS = World(3, 2, 6, 2, ("Running",) * 3)
TIER = World(2, 1, 2, 0, ("Running",) * 2)
GATEWAYS = World(2, 1, 2, 0, ("Running",) * 2, addresses=3)


@dataclass(frozen=True)
class Row:
    """One operation: on which sample it is played, how it begins, what the world must be like afterwards.

    ``standing`` says that the instance is instantiated first; ``kept`` that one instance serves all points of
    a lane. ``prepare`` are operations before the first point; ``restore`` those that lead back after each.
    """

    name: str
    vnfd: str
    begin: Callable[[Stage, str], str]
    expected: World
    standing: bool = True
    kept: bool = True
    prepare: tuple[Callable[[Stage, str], str], ...] = ()
    restore: tuple[Callable[[Stage, str], str], ...] = ()


def operation(kind: str, **body: Any) -> Callable[[Stage, str], str]:
    """Begins an operation with a body that fits every instance."""
    return lambda stage, instance_id: stage.begin(instance_id, OperationType(kind), body)


def heal(action: str, key: str = "fw_manager-0") -> Callable[[Stage, str], str]:
    """Begins a HEAL of one VNFC; by default of the firewall's that has a data disk."""

    def begin(stage: Stage, instance_id: str) -> str:
        vnfc = standing.vnfc(stage.instance(instance_id), key)
        params = {"action": action, "vnfcInstanceIds": [vnfc.id]}
        return stage.begin(instance_id, OperationType.HEAL, {"additionalParams": params})

    return begin


def check_nics(stage: Stage, instance_id: str) -> None:
    """As many NICs as the record has connection points, and no server twice in one network."""
    info = stage.instance(instance_id).instantiated_vnf_info or {}
    rows = [[nic["network"] for nic in vm["nics"]] for vm in stage.world()["vms"]]
    assert sum(map(len, rows)) == sum(len(vnfc["vnfcCpInfo"]) for vnfc in info["vnfcResourceInfo"])
    assert all(len(row) == len(set(row)) for row in rows), rows


def plug(network: str) -> Callable[[Stage, str], str]:
    """Begins a CHANGE_EXT_CONN that moves the firewalls' default NICs."""

    def begin(stage: Stage, instance_id: str) -> str:
        check_nics(stage, instance_id)
        cps = [{"cpdId": "fw_outside", "cpConfig": {}}]
        link = {"id": f"vl-{network}", "resourceId": stage.networks[network], "extCps": cps}
        return stage.begin(instance_id, OperationType.CHANGE_EXT_CONN, {"extVirtualLinks": [link]})

    return begin


def take(stage: Stage, instance_id: str) -> str:
    """Begins a CREATE_SNAPSHOT into a new VnfSnapshotInfo."""
    name = snapshots.create(stage.deps, NFVO, {}).id
    return stage.begin(instance_id, OperationType.CREATE_SNAPSHOT, {"vnfSnapshotInfoId": name})


def take_with_memory(stage: Stage, instance_id: str) -> str:
    """Begins a CREATE_SNAPSHOT of running servers."""
    name = snapshots.create(stage.deps, NFVO, {}).id
    body = {"vnfSnapshotInfoId": name, "additionalParams": {"mode": "memory"}}
    return stage.begin(instance_id, OperationType.CREATE_SNAPSHOT, body)


def take_disks(stage: Stage, instance_id: str) -> str:
    """Begins a CREATE_SNAPSHOT of every disk for itself."""
    name = snapshots.create(stage.deps, NFVO, {}).id
    body = {"vnfSnapshotInfoId": name, "additionalParams": {"mode": "volumes"}}
    return stage.begin(instance_id, OperationType.CREATE_SNAPSHOT, body)


def end_with_one_disk_taken(stage: Stage, instance_id: str) -> str:
    """Begins a TERMINATE after a look at what CREATE_SNAPSHOT has left in the VIM."""
    found = stage.world()["snapshots"]
    assert len(found) == 1, found
    return END(stage, instance_id)


def end_with_one_snapshot(stage: Stage, instance_id: str) -> str:
    """Begins a TERMINATE after a look at what CREATE_SNAPSHOT has left in the VIM."""
    found = stage.world()["vmsnapshots"]
    assert len(found) == 1, found
    return END(stage, instance_id)


def go_back(stage: Stage, instance_id: str) -> str:
    """Begins a REVERT_TO_SNAPSHOT to the one snapshot of the instance."""
    found = stage.deps.snapshots.list_all(NFVO.tenant, 1000)
    name = next(info.id for info in found if info.instance_id == instance_id)
    return stage.begin(instance_id, OperationType.REVERT_TO_SNAPSHOT, {"vnfSnapshotInfoId": name})


def instantiate(stage: Stage, instance_id: str) -> str:
    """Begins an INSTANTIATE. By chance, a NIC might be given just the address that a virtual IP wants."""
    stage.door("settings", {"sandbox.addresses": "first"})
    return stage.instantiate(instance_id)


RENEW = operation("CHANGE_VNFPKG", vnfdId=FIREWALL_NEXT)
UPGRADE = operation("CHANGE_VNFPKG", vnfdId=LOAD_BALANCER_NEXT)
GROW = operation("CHANGE_FLAVOUR", newFlavourId="premium", instantiationLevelId="medium")
SHRINK = operation("CHANGE_FLAVOUR", newFlavourId="basic")
START = operation("OPERATE", changeStateTo="STARTED")
STOP = operation("OPERATE", changeStateTo="STOPPED", stopType="GRACEFUL", gracefulStopTimeout=5)
END = operation("TERMINATE", terminationType="FORCEFUL")
LEAVE = operation("TERMINATE", terminationType="GRACEFUL", gracefulTerminationTimeout=5)

MEDIUM = operation("SCALE_TO_LEVEL", instantiationLevelId="medium")
SMALL = operation("SCALE_TO_LEVEL", instantiationLevelId="small")
PAINT = operation("MODIFY_INFO", metadata={"colour": "red"}, vnfInstanceName="painted")
OUT = operation("SCALE", type="SCALE_OUT", aspectId="web_aspect")
IN = operation("SCALE", type="SCALE_IN", aspectId="web_aspect")

ROWS = (
    Row("INSTANTIATE", FIREWALL, instantiate, FIREWALLS, standing=False, kept=False, restore=(END,)),
    Row("TERMINATE", FIREWALL, LEAVE, NOTHING, kept=False),
    Row("SCALE out", WEB_TIER, OUT, World(3, 1, 3, 0, ("Running",) * 3), restore=(IN,)),
    Row("SCALE in", WEB_TIER, IN, TIER, prepare=(OUT,), restore=(OUT,)),
    Row("SCALE_TO_LEVEL", WEB_TIER, MEDIUM, World(5, 1, 5, 0, ("Running",) * 5), restore=(SMALL,)),
    Row("OPERATE stop", WEB_TIER, STOP, World(2, 1, 2, 0, ("Stopped",) * 2), restore=(START,)),
    Row("OPERATE start", WEB_TIER, START, TIER, prepare=(STOP,), restore=(STOP,)),
    Row("CHANGE_FLAVOUR up", WEB_TIER, GROW, World(5, 1, 5, 0, ("Running",) * 5), restore=(SHRINK,)),
    Row("CHANGE_FLAVOUR down", WEB_TIER, SHRINK, TIER, prepare=(GROW,), restore=(GROW,)),
    Row("CHANGE_VNFPKG", LOAD_BALANCER, UPGRADE, World(1, 0, 1, 0, ("Running",)), kept=False, restore=(END,)),
    Row("CHANGE_VNFPKG whole", FIREWALL, RENEW, FILTERS, kept=False, restore=(END,)),
    Row("HEAL reboot", FIREWALL, heal("reboot"), FIREWALLS),
    Row("HEAL rebuild", FIREWALL, heal("rebuild"), FIREWALLS),
    Row("HEAL recreate", FIREWALL, heal("recreate"), FIREWALLS),
    Row(
        "INSTANTIATE with virtual IPs",
        VRRP,
        instantiate,
        GATEWAYS,
        standing=False,
        kept=False,
        restore=(END,),
    ),
    Row("HEAL recreate of their holder", VRRP, heal("recreate", "gateway-0"), GATEWAYS),
    Row("CHANGE_EXT_CONN", FIREWALL, plug("dmz"), FIREWALLS, restore=(plug("outside"),)),
    Row(
        "CREATE_SNAPSHOT",
        LOAD_BALANCER,
        take,
        World(1, 0, 1, 0, ("Running",)),
        kept=False,
        restore=(end_with_one_snapshot,),
    ),
    Row(
        "CREATE_SNAPSHOT with memory",
        LOAD_BALANCER,
        take_with_memory,
        World(1, 0, 1, 0, ("Running",)),
        kept=False,
        restore=(end_with_one_snapshot,),
    ),
    Row(
        "CREATE_SNAPSHOT of disks",
        LOAD_BALANCER,
        take_disks,
        World(1, 0, 1, 0, ("Running",)),
        kept=False,
        restore=(end_with_one_disk_taken,),
    ),
    Row("REVERT_TO_SNAPSHOT", LOAD_BALANCER, go_back, World(1, 0, 1, 0, ("Running",)), prepare=(take,)),
    Row("MODIFY_INFO", LOAD_BALANCER, PAINT, World(1, 0, 1, 0, ("Running",))),
)
