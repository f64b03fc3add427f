"""A standing VNF by hand, and a context that sees it: firewalls with a leg inside and one outside."""

from __future__ import annotations

from typing import Any, cast

from tests.fakes.domain import T0, make_instance, make_operation
from tests.unit.domain.build import make_flavour, make_vnfd
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import Operation, StepEntry, StepState
from vnfm.lcm.context import Context, Policy, Ports
from vnfm.nfvo.port import Nfvo


def handle(resource: str, kind: str) -> dict[str, str]:
    """ResourceHandle in the only VIM."""
    return {"vimConnectionId": "cloud", "resourceId": resource, "vimLevelResourceType": kind}


def vnfc(number: int) -> dict[str, Any]:
    """vnfcResourceInfo of firewall ``number``: an outside leg and an inside one."""
    return {
        "id": f"vnfc-{number}",
        "vduId": "fw",
        "vnfdId": "d1",
        "computeResource": handle(f"vm-{number}", "virtualmachine"),
        "vnfcCpInfo": [
            {"id": f"out-{number}", "cpdId": "fw_out", "vnfExtCpId": f"ext-{number}"},
            {"id": f"in-{number}", "cpdId": "fw_in", "vnfLinkPortId": f"port-in-{number}"},
        ],
    }


def info(numbers: tuple[int, ...] = (0, 1)) -> dict[str, Any]:
    """instantiatedVnfInfo with these firewalls."""
    return {
        "flavourId": "pair",
        "vnfState": "STARTED",
        "scaleStatus": [{"aspectId": "size", "scaleLevel": len(numbers) - 2}],
        "vnfcResourceInfo": [vnfc(n) for n in numbers],
        "extCpInfo": [
            {
                "id": f"ext-{n}",
                "cpdId": "fw_out",
                "cpConfigId": f"fw_out-{n}",
                "associatedVnfcCpId": f"out-{n}",
                "extLinkPortId": f"port-out-{n}",
                "cpProtocolInfo": [
                    {
                        "layerProtocol": "IP_OVER_ETHERNET",
                        "ipOverEthernet": {"macAddress": f"02:00:00:00:00:0{n}"},
                    }
                ],
            }
            for n in numbers
        ],
        "extVirtualLinkInfo": [
            {
                "id": "vl-1",
                "resourceHandle": handle("net-1", "network"),
                "currentVnfExtCpData": [{"cpdId": "fw_out", "cpConfig": {}}],
                "extLinkPorts": [ext_port(n) for n in numbers],
            }
        ],
        "vnfVirtualLinkResourceInfo": [
            {
                "id": "link-int",
                "vnfVirtualLinkDescId": "int",
                "vnfdId": "d1",
                "networkResource": handle("net-int", "network"),
                "vnfLinkPorts": [
                    {
                        "id": f"port-in-{n}",
                        "resourceHandle": handle(f"nic-in-{n}", "nic"),
                        "cpInstanceId": f"in-{n}",
                        "cpInstanceType": "VNFC_CP",
                    }
                    for n in numbers
                ],
            }
        ],
    }


def ext_port(number: int) -> dict[str, Any]:
    """ExtLinkPortInfo of firewall ``number``."""
    return {
        "id": f"port-out-{number}",
        "resourceHandle": handle(f"nic-out-{number}", "nic"),
        "cpInstanceId": f"ext-{number}",
    }


def standing(numbers: tuple[int, ...] = (0, 1), **changes: Any) -> Instance:
    """The instance of it."""
    plain: dict[str, Any] = {
        "name": "t",
        "state": InstantiationState.INSTANTIATED,
        "vim_connection_info": {"cloud": {"vimType": "CLOUDSTACK"}},
        "instantiated_vnf_info": info(numbers),
        "resources": [{"kind": "SERVER", "id": f"vm-{n}", "target": f"fw-{n}"} for n in numbers],
    }
    return make_instance(**{**plain, **changes})


class OneInstance:
    """A store of that one instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def get(self, tenant: str, instance_id: str) -> Instance | None:
        return self.instance

    def update(self, tenant: str, instance_id: str, changes: Any) -> Instance | None:
        for name, value in changes.items():
            setattr(self.instance, name, value)
        return self.instance


def context(operation: Operation, instance: Instance, vim: Any = None) -> Context:
    """What a step sees of ``instance``; no secrets, no NFVO, and the VIM that is given."""
    ports = Ports(
        instances=OneInstance(instance),
        secrets=NoSecrets(),
        nfvo=cast(Nfvo, None),
        load_vnfd=lambda _tenant, _id: make_vnfd(make_flavour()),
        connect_vim=lambda _connection, _scope: vim,
        policy=Policy("http://x", 0.1, 1.0, "wait"),
    )
    return Context(ports, operation, T0)


class NoSecrets:
    """Nothing is secret here."""

    def put(self, tenant: str, name: str, value: Any) -> None:
        pass

    def get(self, tenant: str, name: str) -> None:
        return None

    def delete(self, tenant: str, prefix: str) -> None:
        pass


def done(name: str, target: str = "", stage: int = 0, **result: Any) -> StepEntry:
    """A journal entry that is DONE."""
    return StepEntry(name, target, stage, state=StepState.DONE, result=result)


def journal(*steps: StepEntry, **changes: Any) -> Operation:
    """An operation with a granted start and these steps."""
    return make_operation(steps=[done("request_grant", stage=-2, grant={"id": "g1"}), *steps], **changes)
