"""The outward attributes of an occurrence that follow from its journal (SOL003 5.5.2.13): grantId,
resourceChanges, changedExtConnectivity, changedInfo, warnings. Derived anew at every change of state, so they
show partial work too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from vnfm.domain.deployment import LinkInstance, VnfcInstance
from vnfm.domain.operation import Operation, OperationType, StepEntry, StepState
from vnfm.lcm import (
    additions,
    connectivity,
    departures,
    inventory,
    modifications,
    modify,
    problem,
    replugs,
    shortfalls,
    vips,
)
from vnfm.lcm.context import Context
from vnfm.lcm.departures import LISTS
from vnfm.lcm.inventory import Sol, handle

#: Those whose entries say in which zone they are; a VNF is in one.
_PLACED = ("affectedVnfcs", "affectedVirtualLinks", "affectedVirtualStorages")


def summarise(ctx: Context) -> Mapping[str, Any]:
    """Attributes of ``Operation`` to set; called by the engine before each change of state is written."""
    return {
        "grant_id": ctx.grant.get("id"),
        "resource_changes": _resource_changes(ctx),
        "changed_ext_connectivity": _changed_ext_connectivity(ctx),
        "changed_info": _changed_info(ctx),
        "package_modifications": _package_modifications(ctx),
        "warnings": [*_warnings(ctx.op), *shortfalls.of(ctx)],
        "error": problem.told(ctx),
    }


def _changed_info(ctx: Context) -> Mapping[str, Any]:
    """changedInfo: of a MODIFY_INFO what it is about, of others what they add to the instance."""
    return modify.changed_info(ctx.op) if ctx.op.type is OperationType.MODIFY_INFO else additions.told(ctx)


def _package_modifications(ctx: Context) -> Mapping[str, Any]:
    """modificationsTriggeredByVnfPkgChange: known once the last step is done, and gone with its undoing."""
    if ctx.op.type is not OperationType.CHANGE_VNFPKG:
        return {}
    last = ctx.op.steps[-1]
    if last.state is not StepState.DONE or last.key in _done(ctx.op.undo):
        return {}
    told: Mapping[str, Any] = ctx.result("check_plan").get("packageModifications") or {}
    return told


def _warnings(operation: Operation) -> list[str]:
    left = [entry.result["left"] for entry in [*operation.steps, *operation.undo] if entry.result.get("left")]
    twins = [
        f"VNFC {entry.target}: the VIM has living servers of the same name that this VNFM did not adopt: "
        + ", ".join(found)
        for entry in operation.steps
        if (found := entry.result.get("twins") or entry.memo.get("twins"))
    ]
    refused = [
        f"VNFC {entry.target}: its disks were taken one by one, because the VIM takes no snapshot of it as a "
        f"whole: {entry.result['refused']}"
        for entry in operation.steps
        if entry.name == "take_snapshot" and entry.result.get("refused")
    ]
    return left + twins + refused


def _resource_changes(ctx: Context) -> Sol:
    """resourceChanges (SOL003 5.5.2.13): made, undone, then removed, in lists that only grow."""
    done = _done(ctx.op.steps)
    if "check_plan" not in done:
        return {}
    parts = [modifications.made(ctx), departures.removed(ctx)]
    if inventory.makes(ctx.op):
        parts = [_made(ctx, done, "ADDED"), _made(ctx, done & _done(ctx.op.undo), "REMOVED"), *parts]
    if connectivity.concerns(ctx):
        parts.append(connectivity.resource_changes(ctx))
    parts.append(replugs.resource_changes(ctx))
    parts.append({"affectedVipCps": vips.modified(ctx, done)})
    changes = {name: [item for part in parts for item in part.get(name, [])] for name in LISTS}
    changes["affectedVirtualLinks"] = _one_per_link(changes["affectedVirtualLinks"])
    changes["affectedVipCps"] = vips.one_each(ctx, changes["affectedVipCps"])
    zone = next((entry.result.get("zone_id") for entry in ctx.op.steps if entry.name == "check_vim"), None)
    for name in _PLACED if zone else ():
        changes[name] = [{**item, "zoneId": zone} for item in changes[name]]
    return {name: items for name, items in changes.items() if items}


def _done(track: Iterable[StepEntry]) -> Set[str]:
    return {entry.key for entry in track if entry.state is StepState.DONE}


def _made(ctx: Context, keys: Set[str], word: str) -> dict[str, list[Sol]]:
    """What the steps ``keys`` have made; with ``word`` REMOVED, what their undoing took away again."""
    plan = ctx.deployment
    vnfcs = [vnfc for vnfc in plan.vnfcs if f"deploy_vnfc:{vnfc.key}" in keys]
    return {
        "affectedVnfcs": [_vnfc(ctx, vnfc, word) for vnfc in vnfcs],
        "affectedVirtualLinks": [
            entry for link in plan.links for entry in _link_entries(ctx, link, vnfcs, keys, word)
        ],
        "affectedExtLinkPorts": [port for vnfc in vnfcs for port in _ext_ports(ctx, vnfc, word)],
        "affectedVirtualStorages": [
            {
                "id": disk.id,
                "virtualStorageDescId": disk.descriptor.id,
                "vnfdId": ctx.vnfd.id,
                "changeType": word,
                "storageResource": handle(ctx, ctx.result(f"add_volume:{disk.key}")["id"], "volume"),
                "resourceDefinitionId": disk.id,
            }
            for disk in [*(disk for vnfc in plan.vnfcs for disk in vnfc.storages), *plan.disks]
            if f"add_volume:{disk.key}" in keys
        ],
        "affectedVipCps": vips.made(ctx, keys, word),
    }


def _vnfc(ctx: Context, vnfc: VnfcInstance, word: str) -> Sol:
    entry: Sol = {
        "id": vnfc.id,
        "vduId": vnfc.vdu.id,
        "vnfdId": ctx.vnfd.id,
        "changeType": word,
        "computeResource": handle(ctx, ctx.result(f"deploy_vnfc:{vnfc.key}")["id"], "virtualmachine"),
        "resourceDefinitionId": vnfc.id,
    }
    if vnfc.cps:
        entry["affectedVnfcCpIds"] = [cp.id for cp in vnfc.cps]
    if vnfc.storages:
        entry[f"{word.lower()}StorageResourceIds"] = [disk.id for disk in vnfc.storages]
    return entry


def _link_entries(
    ctx: Context, link: LinkInstance, vnfcs: Sequence[VnfcInstance], keys: Set[str], word: str
) -> list[Sol]:
    """The link itself if its step is among ``keys``, and its ports: one entry per link and change type.

    A link that stood before, or that the NFVO manages, has changed in its ports only.
    """
    step = f"create_network:{link.key}"
    entry: Sol = {"vnfVirtualLinkDescId": link.descriptor.id, "vnfdId": ctx.vnfd.id}
    if link.managed is not None:
        resource = link.managed["resourceId"]
        entry |= {"id": link.managed["id"], "networkResource": handle(ctx, resource, "network")}
    elif ctx.result(step).get("id"):
        resource = ctx.result(step)["id"]
        entry |= {"id": link.id, "networkResource": handle(ctx, resource, "network")}
        entry["resourceDefinitionId"] = link.id
    else:
        return []
    itself = [{**entry, "changeType": word}] if link.managed is None and step in keys else []
    ports = [cp.link_port_id for v in vnfcs for cp in v.cps if cp.network == ("internal", link.key)]
    moved = [{**entry, "changeType": f"LINK_PORT_{word}", "vnfLinkPortIds": ports}] if ports else []
    return [*itself, *moved] if word == "ADDED" else [*moved, *itself]


def _ext_ports(ctx: Context, vnfc: VnfcInstance, word: str) -> list[Sol]:
    nics = ctx.result(f"deploy_vnfc:{vnfc.key}")["nics"]
    return [
        {
            "id": cp.link_port_id,
            "changeType": word,
            "extCpInstanceId": cp.ext_cp_id,
            "resourceHandle": handle(ctx, nic["id"], "nic"),
            "resourceDefinitionId": cp.link_port_id,
        }
        for cp, nic in zip(vnfc.plugged, nics, strict=True)
        if cp.network[0] == "external"
    ]


def _one_per_link(items: Iterable[Sol]) -> list[Sol]:
    """LINK_PORT entries of one link and change type become one (lcm-state-machine 5)."""
    merged: dict[tuple[str, str], Sol] = {}
    for item in items:
        known = merged.setdefault((item["id"], item["changeType"]), {**item})
        if "vnfLinkPortIds" in item:
            known["vnfLinkPortIds"] = list(dict.fromkeys([*known["vnfLinkPortIds"], *item["vnfLinkPortIds"]]))
    return list(merged.values())


def _changed_ext_connectivity(ctx: Context) -> list[Sol]:
    """changedExtConnectivity: every external link whose ports or CP data differ from what they were before.

    Nothing is left of it once a rollback has restored them.
    """
    if "check_plan" not in _done(ctx.op.steps):
        return []
    before = {link["id"]: link for link in ctx.result("check_plan").get("extConnectivity") or []}
    start = list(before.values())
    if connectivity.concerns(ctx):
        start = connectivity.links_now(ctx, start)
    now = {link["id"]: {**link} for link in start}
    gone = {entry["id"] for entry in departures.removed(ctx)["affectedExtLinkPorts"]}
    for link in now.values():
        _set_ports(link, [port for port in link.get("extLinkPorts") or [] if port["id"] not in gone])
    renewed = {e["id"]: e["resourceHandle"] for e in modifications.made(ctx)["affectedExtLinkPorts"]}
    for link in now.values():  # VNFCs that stay may have got other servers, and so other NICs
        held = link.get("extLinkPorts") or []
        _set_ports(link, [{**p, "resourceHandle": renewed.get(p["id"], p["resourceHandle"])} for p in held])
    replugs.move_ports(ctx, now)
    for link in inventory.ext_virtual_links(ctx) if inventory.makes(ctx.op) else []:
        known = now.setdefault(link["id"], {key: link[key] for key in link if key != "extLinkPorts"})
        _set_ports(known, [*(known.get("extLinkPorts") or []), *(link.get("extLinkPorts") or [])])
    for given in ctx.ext_virtual_links if _is_reshaped(ctx.op) else []:
        if given["id"] in now:
            now[given["id"]]["currentVnfExtCpData"] = given["extCps"]
    return [
        link
        for name, link in now.items()
        if link != before.get(name) and (name in before or link.get("extLinkPorts"))
    ]


def _is_reshaped(operation: Operation) -> bool:
    """Whether the CPs' configurations are those of another flavour or VNFD by now."""
    done = {entry.name for entry in operation.steps if entry.state is StepState.DONE}
    undone = {entry.name for entry in operation.undo if entry.state is StepState.DONE}
    return "finalise_reshape" in done - undone


def _set_ports(link: Sol, ports: list[Any]) -> None:
    link.pop("extLinkPorts", None)
    if ports:
        link["extLinkPorts"] = ports
