"""Compares what is said of one VNF with what there is: instance, occurrence, the emulator's witness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from tests.stage import NFVO, Stage
from vnfm.domain import scaling, standing
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import TRANSITIONS, Operation, OperationState, OperationType
from vnfm.domain.standing import UNSEEN
from vnfm.services import packages
from vnfm.store.client import connect

S = OperationState
KINDS = {
    "vms": "SERVER",
    "networks": "NETWORK",
    "volumes": "VOLUME",
    "affinitygroups": "AFFINITY_GROUP",
    "vmsnapshots": "SNAPSHOT",
    "snapshots": "VOLUME_SNAPSHOT",
}
#: Their deletion is no operation: it may stop half-way and be asked for again.
DELETED_APART = {"SNAPSHOT", "VOLUME_SNAPSHOT"}
#: A body on its way out: it is nobody's any more, and the VIM purges it.
LEAVING = {"Destroyed", "Expunging"}
STEPS = {(former, after) for (former, _), after in TRANSITIONS.items()}


def judge(
    stage: Stage, name: str, operation: Operation, world: Mapping[str, Any], *, tainted: bool
) -> list[str]:
    """What is wrong with an operation at rest, in words. ``name`` begins every name in the VIM; ``tainted``:
    one was given up."""
    instance, mine = stage.instance(operation.vnf_instance_id), _belongings(world, name)
    wrong = [*_occurrence(stage, operation), *_twins(mine["SERVER"])]
    if operation.state is not S.FAILED_TEMP:
        exact = not tainted and operation.state is not S.FAILED
        wrong += _inventory(instance, mine, exact=exact)
        wrong += _record(stage, instance, mine, exact=exact)
    return [*wrong, *_changes(operation, mine)]


def judge_running(stage: Stage, name: str, operation: Operation, world: Mapping[str, Any]) -> list[str]:
    """What is wrong with an operation that is under way: its history, and servers that run twice."""
    return [*_past(_history(stage, operation), operation), *_twins(_belongings(world, name)["SERVER"])]


def _belongings(world: Mapping[str, Any], name: str) -> dict[str, list[Mapping[str, Any]]]:
    return {
        kind: [
            row for row in world[table] if row["name"].startswith(name) and row.get("state") not in LEAVING
        ]
        for table, kind in KINDS.items()
    }


def _occurrence(stage: Stage, operation: Operation) -> Iterator[str]:
    """State and history by the table, error where there must be one, the instance held or not."""
    yield from _past(_history(stage, operation), operation)
    if (operation.error is None) != (operation.state is S.COMPLETED):
        yield f"{operation.state} with error {operation.error}"
    if operation.cancel_mode is not None:
        yield f"{operation.state} with a cancel pending"
    holder = stage.deps.operations.active_on(NFVO.tenant, operation.vnf_instance_id)
    if (holder == operation.id) != (operation.state is S.FAILED_TEMP):
        yield f"{operation.state}, and the instance is held by {holder}"


def _past(history: list[OperationState], operation: Operation) -> Iterator[str]:
    first = S.PROCESSING if str(operation.type) == "MODIFY_INFO" else S.STARTING
    if history[0] != first or history[-1] != operation.state:
        yield f"told as {history}, and is {operation.state}"
    for former, after in pairwise(history):
        if (former, after) not in STEPS:
            yield f"went from {former} to {after}"


def _history(stage: Stage, operation: Operation) -> list[OperationState]:
    db = connect(stage.settings.mongo_uri, stage.settings.mongo_database)
    try:
        found = db["operations"].find_one({"_id": operation.id}, {"outbox": 1})
    finally:
        db.client.close()
    return [OperationState(entry["state"]) for entry in (found or {})["outbox"]]


def _twins(servers: list[Mapping[str, Any]]) -> Iterator[str]:
    names = Counter(vm["name"] for vm in servers if vm["state"] in {"Running", "Starting"})
    yield from (f"{count} servers called {one} run" for one, count in names.items() if count > 1)


def _inventory(instance: Instance, mine: Mapping[str, Any], *, exact: bool) -> Iterator[str]:
    for kind, rows in mine.items():
        there = {row["id"] for row in rows}
        known = {item["id"] for item in instance.resources if item["kind"] == kind}
        perhaps = {item["id"].rpartition("/")[2] for item in instance.resources if item["kind"] == UNSEEN}
        unknown = [row for row in rows if row["id"] not in known and row["name"] not in perhaps]
        if unknown:
            yield f"{kind}: in the VIM and unknown: {unknown}"
        if exact and known - there and kind not in DELETED_APART:
            yield f"{kind}: recorded and not in the VIM: {sorted(known - there)}"


def _record(stage: Stage, instance: Instance, mine: Mapping[str, Any], *, exact: bool) -> Iterator[str]:
    """instantiatedVnfInfo against inventory, world and scale levels."""
    info = instance.instantiated_vnf_info
    if (info is None) != (instance.state is InstantiationState.NOT_INSTANTIATED):
        yield f"{instance.state} with instantiatedVnfInfo {info}"
    if info is None or not exact:
        return
    servers = {row["id"]: row for row in mine["SERVER"]}
    vnfcs = {one["computeResource"]["resourceId"] for one in info.get("vnfcResourceInfo") or []}
    if vnfcs != set(servers):
        yield f"vnfcResourceInfo has {sorted(vnfcs)}, the VIM {sorted(servers)}"
    volumes = {v["storageResource"]["resourceId"] for v in info.get("virtualStorageResourceInfo") or []}
    if volumes != {row["id"] for row in mine["VOLUME"]}:
        yield f"virtualStorageResourceInfo has {sorted(volumes)}, the VIM {mine['VOLUME']}"
    yield from _ports(info, list(servers.values()))
    vnfd = packages.require(stage.deps, NFVO.tenant, instance.vnfd_id)
    flavour = standing.flavour_of(instance, vnfd)
    levels, count = standing.scale_levels(instance), standing.count(instance)
    if flavour.aspects and scaling.vnfcs_at(flavour, levels, count) != count:
        yield f"scale levels {levels} and {count} VNFCs"


def _ports(info: Mapping[str, Any], servers: list[Mapping[str, Any]]) -> Iterator[str]:
    """Ports of external links are on NICs of their networks."""
    for link in info.get("extVirtualLinkInfo") or []:
        ports = {port["resourceHandle"]["resourceId"] for port in link.get("extLinkPorts") or []}
        network = link["resourceHandle"]["resourceId"]
        on = {nic["id"] for row in servers for nic in row["nics"] if nic["network"] == network}
        if ports - on:
            yield f"link {link['id']} has ports on NICs that are not there or elsewhere: {ports - on}"


def _changes(operation: Operation, mine: Mapping[str, Any]) -> Iterator[str]:
    """resourceChanges: what was added and not removed is there, what was removed is not."""
    for section, kind, handle in (
        ("affectedVnfcs", "SERVER", "computeResource"),
        ("affectedVirtualStorages", "VOLUME", "storageResource"),
        ("affectedVirtualLinks", "NETWORK", "networkResource"),
    ):
        there = {row["id"] for row in mine[kind]}
        words: dict[str, set[str]] = {"ADDED": set(), "REMOVED": set()}
        for entry in operation.resource_changes.get(section) or []:
            words.setdefault(entry["changeType"], set()).add(entry[handle]["resourceId"])
        if words["REMOVED"] & there:
            yield f"{section} REMOVED and still there: {words['REMOVED'] & there}"
        gone = words["ADDED"] - words["REMOVED"] - there
        if gone and not _is_undoing(operation):
            yield f"{section} ADDED and not there: {gone}"
    if operation.type is OperationType.TERMINATE and operation.state is S.COMPLETED and any(mine.values()):
        yield f"TERMINATE is COMPLETED and there is {mine}"


def _is_undoing(operation: Operation) -> bool:
    """A removal that was begun and not seen to its end may have taken effect."""
    return operation.state in {S.FAILED_TEMP, S.FAILED} and bool(operation.undo)
