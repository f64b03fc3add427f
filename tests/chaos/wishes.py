"""What random lives wish for: requests that are legal now, that never are, and things that go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.stage import LOAD_BALANCER, LOAD_BALANCER_NEXT, NFVO, WEB_TIER, Stage
from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.domain.vnfd import Flavour
from vnfm.services import packages, snapshots

Body = dict[str, Any]
COMMANDS = (
    "deployVirtualMachine",
    "destroyVirtualMachine",
    "stopVirtualMachine",
    "startVirtualMachine",
    "createVolume",
    "attachVolume",
    "deleteVolume",
    "createNetwork",
    "deleteNetwork",
    "createAffinityGroup",
    "deleteAffinityGroup",
    "addNicToVirtualMachine",
    "removeNicFromVirtualMachine",
    "restoreVirtualMachine",
    "scaleVirtualMachine",
    "createVMSnapshot",
    "revertToVMSnapshot",
    "deleteVMSnapshot",
    "createSnapshot",
    "revertSnapshot",
    "deleteSnapshot",
    "queryAsyncJobResult",
    "listVirtualMachines",
    "listNetworks",
)
TROUBLES: tuple[Mapping[str, Any], ...] = (
    {"kind": "fail", "code": 530, "text": "the agent failed"},
    {"kind": "fail", "code": 533, "text": "insufficient capacity"},
    {"kind": "refuse", "code": 530},
    {"kind": "refuse", "code": 431},
    {"kind": "refuse", "code": 429},
    {"kind": "drop"},
    {"kind": "drop_before"},
    {"kind": "html"},
)
#: Those that take time of ours, or a server that goes away for a moment.
DELAYS: tuple[Mapping[str, Any], ...] = (
    {"kind": "stall", "seconds": 0.3},
    {"kind": "hold", "seconds": 0.5},
)
KILL: Mapping[str, Any] = {"kind": "kill", "seconds": 0.02}
GRANTS = (
    {"kind": "reject", "detail": "no licence"},
    {"kind": "pend", "polls": 2},
    {"kind": "unavailable", "count": 1},
    {"kind": "drop", "count": 1},
)


# How to make a legal request from the present state, or None; one row per operation.


def _instantiate(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    return stage.request(instance.vnfd_id)


def _terminate(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    if random.random() < 0.5:
        return {"terminationType": "FORCEFUL"}
    return {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5}


def _scale(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    if flavour is None or not flavour.aspects:
        return None
    aspect = random.choice(sorted(flavour.aspects))
    level = standing.scale_levels(instance).get(aspect, 0)
    room = {"SCALE_OUT": flavour.aspects[aspect].max_level - level, "SCALE_IN": level}
    ways = [way for way, steps in room.items() if steps > 0]
    return {"type": random.choice(ways), "aspectId": aspect} if ways else None


def _scale_to_level(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    if flavour is None or not flavour.levels or not flavour.aspects:
        return None
    return {"instantiationLevelId": random.choice(sorted(flavour.levels))}


def _change_ext_conn(
    stage: Stage, instance: Instance, flavour: Flavour | None, random: Random
) -> Body | None:
    links = stage.request(instance.vnfd_id)["extVirtualLinks"]
    others = {link["resourceId"] for link in links[1:]}  # no second NIC into a network
    network = random.choice(sorted(name for name, one in stage.networks.items() if one not in others))
    return {"extVirtualLinks": [{**links[0], "id": f"vl-{network}", "resourceId": stage.networks[network]}]}


def _modify(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    return {"metadata": {"colour": random.choice(["red", "green", None])}}


def _operate(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    return {"changeStateTo": random.choice(["STARTED", "STOPPED"])}


def _heal(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    return {"cause": "unreachable"}


def _change_flavour(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    if instance.vnfd_id != WEB_TIER or flavour is None:
        return None
    return {"newFlavourId": "premium" if flavour.id == "basic" else "basic"}


def _change_package(stage: Stage, instance: Instance, flavour: Flavour | None, random: Random) -> Body | None:
    return {"vnfdId": LOAD_BALANCER_NEXT} if instance.vnfd_id == LOAD_BALANCER else None


def _create_snapshot(
    stage: Stage, instance: Instance, flavour: Flavour | None, random: Random
) -> Body | None:
    name = snapshots.create(stage.deps, NFVO, {}).id
    mode = random.choice(["stop", "memory", "quiesce", "volumes"])
    return {"vnfSnapshotInfoId": name, "additionalParams": {"mode": mode}}


def _revert_to_snapshot(
    stage: Stage, instance: Instance, flavour: Flavour | None, random: Random
) -> Body | None:
    servers = {vnfc.key: vnfc.server for vnfc in standing.vnfcs(instance)}
    known = stage.deps.snapshots.list_all(NFVO.tenant, 10_000)
    fits = [info for info in known if info.misfit(instance.id, servers) is None]
    fits.sort(key=lambda info: info.created)
    return {"vnfSnapshotInfoId": random.choice(fits).id} if fits else None


Maker = Callable[[Stage, Instance, Flavour | None, Random], Body | None]

#: One row per operation; the lives demand one of every plan.
REQUESTS: Mapping[str, Maker] = {
    "INSTANTIATE": _instantiate,
    "TERMINATE": _terminate,
    "SCALE": _scale,
    "SCALE_TO_LEVEL": _scale_to_level,
    "CHANGE_EXT_CONN": _change_ext_conn,
    "MODIFY_INFO": _modify,
    "OPERATE": _operate,
    "HEAL": _heal,
    "CHANGE_FLAVOUR": _change_flavour,
    "CHANGE_VNFPKG": _change_package,
    "CREATE_SNAPSHOT": _create_snapshot,
    "REVERT_TO_SNAPSHOT": _revert_to_snapshot,
}


def wish(stage: Stage, instance: Instance, kind: OperationType, random: Random) -> Body | None:
    """A request that fits the instance as it is now; None if there is none of this kind."""
    flavour = None
    if instance.instantiated_vnf_info is not None:
        flavour = standing.flavour_of(instance, packages.require(stage.deps, NFVO.tenant, instance.vnfd_id))
    return REQUESTS[str(kind)](stage, instance, flavour, random)


#: Requests that no state permits.
NONSENSE: Mapping[str, Body] = {
    "INSTANTIATE": {"flavourId": "no-such-flavour"},
    "TERMINATE": {"terminationType": "FORCEFUL", "gracefulTerminationTimeout": 3},
    "SCALE": {"type": "SCALE_OUT", "aspectId": "no-such-aspect"},
    "SCALE_TO_LEVEL": {"instantiationLevelId": "no-such-level"},
    "CHANGE_FLAVOUR": {"newFlavourId": "no-such-flavour"},
    "CHANGE_VNFPKG": {"vnfdId": "no-such-vnfd"},
    "CREATE_SNAPSHOT": {"vnfSnapshotInfoId": "no-such-snapshot"},
    "REVERT_TO_SNAPSHOT": {"vnfSnapshotInfoId": "no-such-snapshot"},
}
