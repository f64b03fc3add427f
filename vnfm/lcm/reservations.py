"""Addresses that NICs hold besides their own: who holds which, and what record and inventory say of it.

A reservation goes with the NIC that holds it. So where a VNFC gets another server it is made again, and where
the holder leaves, another VNFC that can answer for the address takes it over.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vnfm.domain import reservation, standing
from vnfm.domain.deployment import VipInstance
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationType, StepEntry, StepState
from vnfm.domain.outside import DeploymentError
from vnfm.domain.reservation import Reservation
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import Flavour
from vnfm.lcm.context import Context
from vnfm.vim.port import Kind

Sol = dict[str, Any]
#: The step that makes them; its target is the VNFC that holds them.
STEP = "reserve_addresses"


def steps(reserved: Iterable[Reservation], stage: int) -> list[StepEntry]:
    """One step per VNFC that holds any."""
    return [StepEntry(STEP, vnfc, stage) for vnfc in dict.fromkeys(one.vnfc for one in reserved)]


def again(instance: Instance, vnfc: str, stage: int) -> list[StepEntry]:
    """For a VNFC that gets another server: what the former one held."""
    return [StepEntry(STEP, vnfc, stage)] if any(key == vnfc for key, _, _ in _held(instance)) else []


def moves(instance: Instance, flavour: Flavour, gone: Sequence[StandingVnfc], stage: int) -> list[StepEntry]:
    """For VNFCs that leave: the first of those that stay and can hold their addresses takes them over."""
    return steps(_taken_over(instance, flavour, {vnfc.key for vnfc in gone}), stage)


def _held(instance: Instance) -> list[tuple[str, str, str]]:
    """VNFC key, reservation key and id in the VIM, as the inventory has them."""
    rows = [item for item in instance.resources if item["kind"] == Kind.NIC_ADDRESS]
    return [(*_split(item["target"]), str(item["id"])) for item in rows]


def _split(target: str) -> tuple[str, str]:
    vnfc, _, key = target.partition("/")
    return vnfc, key


def _taken_over(instance: Instance, flavour: Flavour, gone: set[str]) -> list[Reservation]:
    stay = [(vnfc.key, vnfc.vdu) for vnfc in standing.vnfcs(instance) if vnfc.key not in gone]
    orphans = {key for vnfc, key, _ in _held(instance) if vnfc in gone}
    asked = _addresses(instance)
    found = reservation.lay_out(flavour, stay, {})
    return [replace(one, address=asked.get(one.key, one.address)) for one in found if one.key in orphans]


def _addresses(instance: Instance) -> Mapping[str, str]:
    """The addresses of virtual IPs as the record has them, by reservation key."""
    infos = (instance.instantiated_vnf_info or {}).get("vipCpInfo") or []
    found: dict[str, str] = {}
    for info in infos:
        groups = [
            group
            for protocol in info.get("cpProtocolInfo") or []
            for group in (protocol.get("ipOverEthernet") or {}).get("ipAddresses") or []
        ]
        found |= {f"{reservation.VIP}:{info['cpdId']}": one for group in groups for one in group["addresses"]}
    return found


def of(ctx: Context, vnfc: str) -> list[Reservation]:
    """What ``reserve_addresses`` has to make for a VNFC in this operation."""
    if ctx.op.type is OperationType.INSTANTIATE:
        return [one for one in ctx.deployment.reserved if one.vnfc == vnfc]
    flavour = ctx.former_flavour
    if ctx.op.type is OperationType.HEAL:
        mine = {key for holder, key, _ in _held(ctx.instance) if holder == vnfc}
        asked = _addresses(ctx.instance)
        laid_out = reservation.lay_out(flavour, [(vnfc, standing.vnfc(ctx.instance, vnfc).vdu)], {})
        return [replace(one, address=asked.get(one.key, one.address)) for one in laid_out if one.key in mine]
    return [one for one in _taken_over(ctx.instance, flavour, _leaving(ctx)) if one.vnfc == vnfc]


def wanted(ctx: Context) -> set[tuple[tuple[str, str], str]]:
    """Link and address of what an INSTANTIATE is to reserve at an address of its choice; elsewhere they are
    held already."""
    if ctx.op.type is not OperationType.INSTANTIATE:
        return set()
    return {
        (cp.network, one.address)
        for one in ctx.deployment.reserved
        for cp in ctx.deployment.vnfc(one.vnfc).cps
        if one.address and cp.cpd.id == one.cp
    }


def _leaving(ctx: Context) -> set[str]:
    """Keys of the VNFCs whose servers this operation removes."""
    targets = {entry.target for entry in ctx.op.steps if entry.name == "remove"}
    return {vnfc.key for vnfc in standing.vnfcs(ctx.instance) if f"{Kind.SERVER}/{vnfc.server}" in targets}


def check_same(old: Flavour, new: Flavour) -> None:
    """DeploymentError if a change of flavour or package adds, drops or renames a virtual IP or an allowed
    address: under VNFCs that stand this is not done."""
    before, after = reservation.keys(old), reservation.keys(new)
    for key in sorted(before ^ after):
        where = f"not in flavour {new.id}" if key in before else f"new in flavour {new.id}"
        raise DeploymentError(f"{key} is {where}: this VNFM cannot change virtual IPs of a standing VNF")


# What came of it.


def resources(operation: Operation) -> list[Mapping[str, Any]]:
    """The inventory's entries for what was made and not taken back."""
    undone = {entry.key for entry in operation.undo if entry.state is StepState.DONE}
    made = [e for e in operation.steps if e.name == STEP and e.key not in undone]
    return [
        {"kind": str(Kind.NIC_ADDRESS), "id": one["id"], "target": f"{entry.target}/{key}"}
        for entry in made
        for key, one in made_by(entry).items()
    ]


def made_by(entry: StepEntry) -> Mapping[str, Mapping[str, Any]]:
    """By reservation key: id, address, and the NIC."""
    found: Mapping[str, Mapping[str, Any]] = entry.result.get("held") or entry.memo.get("held") or {}
    return found


def kept(ctx: Context, items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """``items`` of the inventory without the reservations that have gone with their NICs."""
    servers = {item["target"] for item in items if item["kind"] == Kind.SERVER}
    renewed = {
        entry.target
        for entry in ctx.op.steps
        if entry.name == "recreate_vnfc" and entry.state is StepState.DONE and entry.result.get("id")
    }
    return [
        item
        for item in items
        if item["kind"] != Kind.NIC_ADDRESS or _split(item["target"])[0] in servers - renewed
    ]


def vip_infos(ctx: Context) -> list[Sol]:
    """vipCpInfo (SOL003 5.5.3.27) after INSTANTIATE."""
    infos = []
    for vip in ctx.deployment.virtual_ips:
        cps = [cp for vnfc in ctx.deployment.vnfcs for cp in vnfc.cps if cp.cpd.id in vip.descriptor.targets]
        info: Sol = {"cpInstanceId": vip.id, "cpdId": vip.descriptor.id}
        if vip.ext_cp_id:
            info["vnfExtCpId"] = vip.ext_cp_id
        protocol = _protocol(ctx, vip)
        infos.append({**info, "cpProtocolInfo": protocol, "associatedVnfcCpIds": [cp.id for cp in cps]})
    return infos


def ext_cp_infos(ctx: Context) -> list[Sol]:
    """extCpInfo of the virtual IPs that the outside knows."""
    return [
        {
            "id": vip.ext_cp_id,
            "cpdId": vip.descriptor.external_cpd,
            "cpConfigId": vip.config_id,
            "vnfdId": ctx.vnfd.id,
            "cpProtocolInfo": _protocol(ctx, vip),
            "associatedVipCpId": vip.id,
        }
        for vip in ctx.deployment.virtual_ips
        if vip.ext_cp_id
    ]


def _protocol(ctx: Context, vip: VipInstance) -> list[Sol]:
    key = f"{reservation.VIP}:{vip.descriptor.id}"
    found = [made_by(entry)[key] for entry in ctx.op.steps if entry.name == STEP and key in made_by(entry)]
    ethernet: Sol = {}
    if found:
        dynamic = any(one.key == key and one.address is None for one in ctx.deployment.reserved)
        given = {"type": "IPV4", "addresses": [found[0]["address"]], "isDynamic": dynamic}
        ethernet = {"ipOverEthernet": {"ipAddresses": [given]}}
    return [{"layerProtocol": "IP_OVER_ETHERNET", **ethernet}]


def refreshed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sol:
    """``after`` (instantiatedVnfInfo) with the CPs that answer for each virtual IP now: those of the same
    descriptors as ``before``."""
    fresh = copy.deepcopy(dict(after))
    kinds = {cp["id"]: cp["cpdId"] for cp in _cps(before)}
    for vip in fresh.get("vipCpInfo") or []:
        targets = {kinds[one] for one in vip.get("associatedVnfcCpIds") or [] if one in kinds}
        vip["associatedVnfcCpIds"] = [cp["id"] for cp in _cps(fresh) if cp["cpdId"] in targets]
    return fresh


def _cps(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [cp for vnfc in info.get("vnfcResourceInfo") or [] for cp in vnfc.get("vnfcCpInfo") or []]
