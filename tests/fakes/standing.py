"""A VNF that stands, as INSTANTIATE would have left its record, without anybody having built it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain.deployment import Deployment, lay_out
from vnfm.domain.instance import InstantiationState
from vnfm.domain.principal import Principal
from vnfm.services import instances, packages
from vnfm.services.deps import Deps

#: The tenant and role of ``tests/api``.
NFVO = Principal("nfvo", "a", frozenset({"nfvo"}))
#: VNFD id at ``AnyPackage`` → flavour, and the external virtual links it needs.
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "lb": {"flavourId": "simple", "extVirtualLinks": [("mgmt", "lb_ext")]},
    "web-tier": {"flavourId": "basic", "extVirtualLinks": [("outside", "web_ext")]},
}


def request_for(vnfd_id: str) -> dict[str, Any]:
    """An InstantiateVnfRequest."""
    links = [
        {"id": f"vl-{name}", "resourceId": f"net-{name}", "extCps": [{"cpdId": cpd, "cpConfig": {}}]}
        for name, cpd in REQUESTS[vnfd_id]["extVirtualLinks"]
    ]
    return {"flavourId": REQUESTS[vnfd_id]["flavourId"], "extVirtualLinks": links}


def stand(deps: Deps, principal: Principal, vnfd_id: str, **changes: Any) -> str:
    """Store an INSTANTIATED instance; ``changes`` are fields of it. Its id."""
    instance = instances.create(deps, principal, {"vnfdId": vnfd_id})
    request = request_for(vnfd_id)
    vnfd = packages.require(deps, principal.tenant, vnfd_id)
    plan = lay_out(instance.id, vnfd, request, "vnf", final=True)
    facts = {
        "state": str(InstantiationState.INSTANTIATED),
        "instantiated_vnf_info": _info(plan, request["extVirtualLinks"]),
        "resources": _resources(plan),
        "vim_connection_info": {"v": {"vimType": "CLOUDSTACK", "interfaceInfo": {"endpoint": "https://c"}}},
    }
    deps.instances.update(principal.tenant, instance.id, {**facts, **changes})
    return instance.id


def _handle(resource_id: str) -> dict[str, str]:
    return {"vimConnectionId": "v", "resourceId": resource_id}


def _info(plan: Deployment, links: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cps = [(vnfc, cp) for vnfc in plan.vnfcs for cp in vnfc.cps]
    levels = plan.level.scale_levels if plan.level else {}
    return {
        "flavourId": plan.flavour.id,
        "vnfState": "STARTED",
        "scaleStatus": [{"aspectId": one, "scaleLevel": level} for one, level in sorted(levels.items())],
        "vnfcResourceInfo": [
            {
                "id": vnfc.id,
                "vduId": vnfc.vdu.id,
                "computeResource": _handle(f"vm-{vnfc.key}"),
                "vnfcCpInfo": [{"id": cp.id, "cpdId": cp.cpd.id} for cp in vnfc.cps],
            }
            for vnfc in plan.vnfcs
        ],
        "extCpInfo": [
            {
                "id": cp.ext_cp_id,
                "cpdId": cp.cpd.external_cpd or cp.cpd.id,
                "cpConfigId": cp.config_id or cp.cpd.id,
                "cpProtocolInfo": [{"layerProtocol": "IP_OVER_ETHERNET"}],
                "associatedVnfcCpId": cp.id,
            }
            for _, cp in cps
            if cp.ext_cp_id is not None
        ],
        "extVirtualLinkInfo": [
            {
                "id": link["id"],
                "resourceHandle": _handle(link["resourceId"]),
                "currentVnfExtCpData": link["extCps"],
                "extLinkPorts": [
                    {
                        "id": cp.link_port_id,
                        "resourceHandle": _handle(f"nic-{cp.ext_cp_id}"),
                        "cpInstanceId": cp.ext_cp_id,
                    }
                    for _, cp in cps
                    if cp.network == ("external", link["id"])
                ],
            }
            for link in links
        ],
        "vnfVirtualLinkResourceInfo": [
            {
                "id": link.id,
                "vnfVirtualLinkDescId": link.descriptor.id,
                "networkResource": _handle(f"net-{link.key}"),
            }
            for link in plan.links
        ],
    }


def _resources(plan: Deployment) -> list[dict[str, str]]:
    return [
        *({"kind": "NETWORK", "id": f"net-{link.key}", "target": link.key} for link in plan.links),
        *({"kind": "AFFINITY_GROUP", "id": f"g-{group.key}", "target": group.key} for group in plan.groups),
        *({"kind": "SERVER", "id": f"vm-{vnfc.key}", "target": vnfc.key} for vnfc in plan.vnfcs),
        *(
            {"kind": "VOLUME", "id": f"vol-{disk.key}", "target": disk.key}
            for vnfc in plan.vnfcs
            for disk in vnfc.storages
        ),
    ]
