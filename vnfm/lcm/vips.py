"""affectedVipCps (SOL003 AffectedVipCp): which virtual IPs an operation has made, changed or given up.

One is changed when another server holds its address, or when VNFCs that answer for it come or go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from vnfm.domain.deployment import VipInstance, VnfcInstance
from vnfm.domain.operation import OperationType
from vnfm.domain.reservation import VIP
from vnfm.lcm import reservations
from vnfm.lcm.context import Context

Sol = dict[str, Any]


def made(ctx: Context, keys: Set[str], word: str) -> list[Sol]:
    """Of INSTANTIATE: what the steps ``keys`` have made; with ``word`` REMOVED, what their undoing took."""
    vips = [vip for vip in ctx.deployment.virtual_ips if _maker(ctx, vip) in keys]
    return [_entry(vip.id, vip.descriptor.id, ctx.vnfd.id, word) for vip in vips]


def _maker(ctx: Context, vip: VipInstance) -> str | None:
    """The step that makes it: the one that reserves its address, else the first that deploys who answers."""
    key = f"{VIP}:{vip.descriptor.id}"
    holders = [f"{reservations.STEP}:{one.vnfc}" for one in ctx.deployment.reserved if one.key == key]
    answering = [f"deploy_vnfc:{vnfc.key}" for vnfc in ctx.deployment.vnfcs if _answers(ctx, vnfc, key)]
    return next(iter([*holders, *answering]), None)


def modified(ctx: Context, done: Set[str]) -> list[Sol]:
    """Of an operation on a standing VNF: those with another holder, and those that more VNFCs answer for."""
    if ctx.op.type is OperationType.INSTANTIATE:
        return []
    touched = {
        key
        for entry in ctx.op.steps
        if entry.name == reservations.STEP and entry.key in done
        for key in reservations.made_by(entry)
    }
    joined = [entry for entry in ctx.op.steps if entry.name == "deploy_vnfc" and entry.key in done]
    for vnfc in [ctx.deployment.vnfc(entry.target) for entry in joined]:
        touched |= {key for key in _keys(ctx) if _answers(ctx, vnfc, key)}
    infos = (ctx.instance.instantiated_vnf_info or {}).get("vipCpInfo") or []
    return [
        _entry(info["cpInstanceId"], info["cpdId"], ctx.vnfd.id, "MODIFIED")
        for info in infos
        if f"{VIP}:{info['cpdId']}" in touched
    ]


def left(info: Mapping[str, Any], vnfc: Mapping[str, Any], vnfd_id: str) -> list[Sol]:
    """Those that a VNFC (VnfcResourceInfo) of ``info`` answers for, and will not once it is removed."""
    cps = {cp["id"] for cp in vnfc.get("vnfcCpInfo") or []}
    return [
        _entry(vip["cpInstanceId"], vip["cpdId"], vnfd_id, "MODIFIED")
        for vip in info.get("vipCpInfo") or []
        if cps & set(vip.get("associatedVnfcCpIds") or [])
    ]


def one_each(ctx: Context, items: Iterable[Sol]) -> list[Sol]:
    """One entry per virtual IP and change type; what TERMINATE changes of one is that it goes."""
    if ctx.op.type is OperationType.TERMINATE:
        items = [{**item, "changeType": "REMOVED"} for item in items]
    return list({(item["cpInstanceId"], item["changeType"]): item for item in items}.values())


def _keys(ctx: Context) -> list[str]:
    return [f"{VIP}:{name}" for name in ctx.deployment.flavour.virtual_ips]


def _answers(ctx: Context, vnfc: VnfcInstance, key: str) -> bool:
    targets = ctx.deployment.flavour.virtual_ips[key.partition(":")[2]].targets
    return any(cp.cpd.id in targets for cp in vnfc.cps)


def _entry(vip_id: str, cpd_id: str, vnfd_id: str, word: str) -> Sol:
    return {"cpInstanceId": vip_id, "cpdId": cpd_id, "vnfdId": vnfd_id, "changeType": word}
