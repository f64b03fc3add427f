"""What an operation takes away, as resourceChanges tells it (SOL003 5.5.2.13): taken down before the instance
forgets, told as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepState
from vnfm.lcm import vips
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol

#: The lists of resourceChanges.
LISTS = (
    "affectedVnfcs",
    "affectedVirtualLinks",
    "affectedExtLinkPorts",
    "affectedVirtualStorages",
    "affectedVipCps",
)


def planned_removals(instance: Instance) -> Mapping[str, Mapping[str, Any]]:
    """For each "KIND/id" that TERMINATE will remove: the list it belongs to and its entry there.

    Taken down before the instance forgets, because the occurrence must tell it afterwards.
    """
    info = instance.instantiated_vnf_info or {}
    removals: dict[str, Mapping[str, Any]] = {}
    for item in info.get("vnfcResourceInfo") or []:
        entry = {key: item[key] for key in ("id", "vduId", "vnfdId", "computeResource") if key in item}
        cps = [cp["id"] for cp in item.get("vnfcCpInfo") or []]
        more = {"affectedVnfcCpIds": cps} if cps else {}
        disks = item.get("storageResourceIds")
        more |= {"removedStorageResourceIds": disks} if disks else {}
        key = f"SERVER/{item['computeResource']['resourceId']}"
        removals[key] = {
            "list": "affectedVnfcs",
            "entry": {**entry, **more, "changeType": "REMOVED"},
            "ports": [
                *({"list": "affectedVirtualLinks", "entry": port} for port in _link_ports_gone(info, item)),
                *({"list": "affectedExtLinkPorts", "entry": port} for port in _ext_ports_gone(info, item)),
                *(
                    {"list": "affectedVipCps", "entry": vip}
                    for vip in vips.left(info, item, instance.vnfd_id)
                ),
            ],
        }
    sections = (
        (
            "vnfVirtualLinkResourceInfo",
            "affectedVirtualLinks",
            "vnfVirtualLinkDescId",
            "networkResource",
            "NETWORK",
        ),
        (
            "virtualStorageResourceInfo",
            "affectedVirtualStorages",
            "virtualStorageDescId",
            "storageResource",
            "VOLUME",
        ),
    )
    for section, name, descriptor, resource, kind in sections:
        for item in info.get(section) or []:
            entry = {key: item[key] for key in ("id", descriptor, "vnfdId", resource) if key in item}
            key = f"{kind}/{item[resource]['resourceId']}"
            removals[key] = {"list": name, "entry": {**entry, "changeType": "REMOVED"}}
    return removals


def _link_ports_gone(info: Mapping[str, Any], vnfc: Mapping[str, Any]) -> list[Sol]:
    cps = {cp["id"] for cp in vnfc.get("vnfcCpInfo") or []}
    entries = []
    for name in ("vnfVirtualLinkResourceInfo", "extManagedVirtualLinkInfo"):
        for link in info.get(name) or []:
            ports = [p["id"] for p in link.get("vnfLinkPorts") or [] if p.get("cpInstanceId") in cps]
            known = ("id", "vnfVirtualLinkDescId", "vnfdId", "networkResource")
            entry = {key: link[key] for key in known if key in link}
            if ports:
                entries.append({**entry, "changeType": "LINK_PORT_REMOVED", "vnfLinkPortIds": ports})
    return entries


def _ext_ports_gone(info: Mapping[str, Any], vnfc: Mapping[str, Any]) -> list[Sol]:
    cps = {cp["vnfExtCpId"] for cp in vnfc.get("vnfcCpInfo") or [] if cp.get("vnfExtCpId")}
    return [
        {
            "id": port["id"],
            "changeType": "REMOVED",
            "extCpInstanceId": port["cpInstanceId"],
            "resourceHandle": port["resourceHandle"],
        }
        for link in info.get("extVirtualLinkInfo") or []
        for port in link.get("extLinkPorts") or []
        if port.get("cpInstanceId") in cps
    ]


def removed(ctx: Context) -> dict[str, list[Sol]]:
    """What was removed so far, as ``CheckPlan`` took it down: ports before what they were of."""
    planned = ctx.result("check_plan").get("removals") or {}
    changes: dict[str, list[Sol]] = {name: [] for name in LISTS}
    for step in ctx.op.steps:
        if step.name == "remove" and step.state is StepState.DONE and step.target in planned:
            removal = planned[step.target]
            for item in [*(removal.get("ports") or []), removal]:
                changes[item["list"]].append(item["entry"])
    return changes
