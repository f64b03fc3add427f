"""What an operation has made, in SOL003's words and our own: derived from the journal, never remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain.deployment import CpInstance, StorageInstance, VnfcInstance
from vnfm.domain.operation import Operation, StepState
from vnfm.domain.standing import UNSEEN
from vnfm.lcm import reservations
from vnfm.lcm.context import Context
from vnfm.vim.port import Kind

Sol = dict[str, Any]


_MAKES = {
    "deploy_vnfc": Kind.SERVER,
    "recreate_vnfc": Kind.SERVER,
    "add_volume": Kind.VOLUME,
    "create_network": Kind.NETWORK,
    "create_group": Kind.AFFINITY_GROUP,
    "create_security_group": Kind.SECURITY_GROUP,
    "open_egress": Kind.EGRESS_RULE,
    "take_snapshot": Kind.SNAPSHOT,
    "take_disk": Kind.VOLUME_SNAPSHOT,
}
#: What belongs to the VNF snapshot that the operation fills: its id is in the entry's ``of``.
_TAKEN = frozenset({"take_snapshot", "take_disk"})


def resources(operation: Operation) -> list[Mapping[str, Any]]:
    """One entry per thing made in the VIM: what TERMINATE will have to remove. Half-made ones count, what a
    rollback has removed again does not."""
    undone = {entry.key for entry in operation.undo if entry.state is StepState.DONE}
    made: list[Mapping[str, Any]] = []
    for entry in operation.steps:
        if entry.name not in _MAKES or entry.key in undone:
            continue
        known = entry.result.get("id") or entry.memo.get("id")
        # A twin or a body that never lived was made by us too, and must go when the rest goes.
        others = [*(entry.result.get("twins") or []), *(entry.memo.get("bodies") or [])]
        for resource_id in dict.fromkeys([*([known] if known else []), *others]):
            of = {"of": operation.params["vnfSnapshotInfoId"]} if entry.name in _TAKEN else {}
            made.append({"kind": str(_MAKES[entry.name]), "id": resource_id, "target": entry.target, **of})
        made += [
            {"kind": UNSEEN, "id": one, "target": entry.target} for one in entry.memo.get("unseen") or []
        ]
    return [*made, *reservations.resources(operation)]


def makes(operation: Operation) -> bool:
    """Whether the plan makes anything that the record shows."""
    return any(entry.name in {"deploy_vnfc", "add_volume", "create_network"} for entry in operation.steps)


def handle(ctx: Context, resource_id: str, kind: str) -> Sol:
    """ResourceHandle (SOL003 4.4.1.7)."""
    return {"vimConnectionId": ctx.connection_id, "resourceId": resource_id, "vimLevelResourceType": kind}


def zone(ctx: Context) -> str:
    """The VIM's zone in which this operation makes things: one per VNF."""
    return str(ctx.result("check_vim")["zone_id"])


def instantiated_vnf_info(ctx: Context) -> Sol:
    """instantiatedVnfInfo (SOL003 5.5.2.2) of what this operation has made whole so far: after INSTANTIATE,
    all of it. What is half made is in the inventory only."""
    plan, vnfcs = ctx.deployment, deployed(ctx)
    info: Sol = {
        "flavourId": plan.flavour.id,
        "vnfState": "STARTED",
        "vnfcResourceInfo": [_vnfc_info(ctx, vnfc) for vnfc in vnfcs],
        "extCpInfo": [
            *(_ext_cp_info(ctx, vnfc, cp) for vnfc in vnfcs for cp in vnfc.cps if cp.ext_cp_id is not None),
            *reservations.ext_cp_infos(ctx),
        ],
        "vipCpInfo": reservations.vip_infos(ctx),
        "extVirtualLinkInfo": ext_virtual_links(ctx),
        "extManagedVirtualLinkInfo": [_managed_info(ctx, link) for link in plan.links if link.managed],
        "vnfVirtualLinkResourceInfo": [
            _link_info(ctx, link)
            for link in plan.links
            if not link.managed and _is_made(ctx, f"create_network:{link.key}")
        ],
        "virtualStorageResourceInfo": [
            {
                "id": disk.id,
                "virtualStorageDescId": disk.descriptor.id,
                "vnfdId": ctx.vnfd.id,
                "storageResource": handle(ctx, ctx.result(f"add_volume:{disk.key}")["id"], "volume"),
                "zoneId": zone(ctx),
            }
            for disk in [*(disk for vnfc in vnfcs for disk in _disks(ctx, vnfc)), *more_disks(ctx)]
        ],
        "localizationLanguage": ctx.op.params.get("localizationLanguage"),
    }
    if plan.flavour.aspects:
        levels = plan.level.scale_levels if plan.level else {}
        aspects = plan.flavour.aspects.values()
        info["scaleStatus"] = [{"aspectId": a.id, "scaleLevel": levels.get(a.id, 0)} for a in aspects]
        info["maxScaleLevels"] = [{"aspectId": a.id, "scaleLevel": a.max_level} for a in aspects]
    return {key: value for key, value in info.items() if value not in (None, [])}


def _nic(ctx: Context, vnfc: VnfcInstance, cp: CpInstance) -> Mapping[str, Any]:
    nics: Sequence[Mapping[str, Any]] = ctx.result(f"deploy_vnfc:{vnfc.key}")["nics"]
    return nics[vnfc.plugged.index(cp)] if cp in vnfc.plugged else {}


def _protocol_info(nic: Mapping[str, Any], cp: CpInstance) -> list[Sol]:
    ethernet: Sol = {"macAddress": nic["macAddress"]} if nic.get("macAddress") else {}
    if nic.get("address"):
        kind = "IPV6" if ":" in nic["address"] else "IPV4"
        address = {"type": kind, "addresses": [nic["address"]], "isDynamic": cp.address is None}
        ethernet["ipAddresses"] = [address]
    return [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": ethernet}]


def _vnfc_info(ctx: Context, vnfc: VnfcInstance) -> Sol:
    info: Sol = {
        "id": vnfc.id,
        "vduId": vnfc.vdu.id,
        "vnfdId": ctx.vnfd.id,
        "computeResource": handle(ctx, ctx.result(f"deploy_vnfc:{vnfc.key}")["id"], "virtualmachine"),
        "zoneId": zone(ctx),
        "vnfcCpInfo": [_vnfc_cp_info(ctx, vnfc, cp) for cp in vnfc.cps],
        "metadata": {"vnfcKey": vnfc.key},
    }
    disks = _disks(ctx, vnfc)
    if disks:
        info["storageResourceIds"] = [disk.id for disk in disks]
    return info


def _vnfc_cp_info(ctx: Context, vnfc: VnfcInstance, cp: CpInstance) -> Sol:
    info: Sol = {
        "id": cp.id,
        "cpdId": cp.cpd.id,
        "cpProtocolInfo": _protocol_info(_nic(ctx, vnfc, cp), cp),
    }
    if cp.ext_cp_id is not None:
        info["vnfExtCpId"] = cp.ext_cp_id
    if cp.network[0] == "internal":
        info["vnfLinkPortId"] = cp.link_port_id
    return info


def _ext_cp_info(ctx: Context, vnfc: VnfcInstance, cp: CpInstance) -> Sol:
    info: Sol = {
        "id": cp.ext_cp_id,
        "cpdId": cp.cpd.external_cpd or cp.cpd.id,
        "cpConfigId": cp.config_id or cp.cpd.id,
        "vnfdId": ctx.vnfd.id,
        "cpProtocolInfo": _protocol_info(_nic(ctx, vnfc, cp), cp),
        "associatedVnfcCpId": cp.id,
    }
    if cp.network[0] == "external":
        info["extLinkPortId"] = cp.link_port_id
    return info


def _port(ctx: Context, vnfc: VnfcInstance, cp: CpInstance) -> Sol:
    return {"id": cp.link_port_id, "resourceHandle": handle(ctx, _nic(ctx, vnfc, cp)["id"], "nic")}


def _link_ports(ctx: Context, link: str) -> list[Sol]:
    return [
        {**_port(ctx, vnfc, cp), "cpInstanceId": cp.id, "cpInstanceType": "VNFC_CP"}
        for vnfc in deployed(ctx)
        for cp in vnfc.cps
        if cp.network == ("internal", link)
    ]


def _link_info(ctx: Context, link: Any) -> Sol:
    info: Sol = {
        "id": link.id,
        "vnfVirtualLinkDescId": link.descriptor.id,
        "vnfdId": ctx.vnfd.id,
        "networkResource": handle(ctx, ctx.result(f"create_network:{link.key}")["id"], "network"),
        "zoneId": zone(ctx),
    }
    ports = _link_ports(ctx, link.key)
    return {**info, "vnfLinkPorts": ports} if ports else info


def _managed_info(ctx: Context, link: Any) -> Sol:
    info: Sol = {
        "id": link.managed["id"],
        "vnfVirtualLinkDescId": link.descriptor.id,
        "vnfdId": ctx.vnfd.id,
        "networkResource": handle(ctx, link.managed["resourceId"], "network"),
    }
    ports = _link_ports(ctx, link.key)
    return {**info, "vnfLinkPorts": ports} if ports else info


def ext_virtual_links(ctx: Context) -> list[Sol]:
    """ExtVirtualLinkInfo (SOL003 5.5.3.2a) of every external link of the request or the grant."""
    result = []
    for link in ctx.ext_virtual_links:
        ports = [
            {**_port(ctx, vnfc, cp), "cpInstanceId": cp.ext_cp_id}
            for vnfc in deployed(ctx)
            for cp in vnfc.cps
            if cp.network == ("external", link["id"])
        ]
        info: Sol = {
            "id": link["id"],
            "resourceHandle": handle(ctx, link["resourceId"], "network"),
            "currentVnfExtCpData": link["extCps"],
        }
        result.append({**info, "extLinkPorts": ports} if ports else info)
    return result


def deployed(ctx: Context) -> list[VnfcInstance]:
    """The VNFCs of this operation that are whole: deployed, and not taken back by a rollback."""
    return [vnfc for vnfc in ctx.deployment.vnfcs if _is_made(ctx, f"deploy_vnfc:{vnfc.key}")]


def more_disks(ctx: Context) -> list[StorageInstance]:
    """The data disks that VNFCs which stood before have got, and have still."""
    return [disk for disk in ctx.deployment.disks if _is_made(ctx, f"add_volume:{disk.key}")]


def _disks(ctx: Context, vnfc: VnfcInstance) -> list[StorageInstance]:
    return [disk for disk in vnfc.storages if _is_made(ctx, f"add_volume:{disk.key}")]


def _is_made(ctx: Context, key: str) -> bool:
    done = {entry.key for entry in ctx.op.steps if entry.state is StepState.DONE}
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    return key in done - undone
