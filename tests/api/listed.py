"""What the tests of lists list, and how they ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.fakes.domain import T0, make_instance, make_operation
from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import OperationState, OperationType, StepEntry, StepState
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.subscription import Subscription
from vnfm.services.deps import Deps

INSTANCES = "/vnflcm/v2/vnf_instances"
OPERATIONS = "/vnflcm/v2/vnf_lcm_op_occs"
SNAPSHOTS = "/vnflcm/v2/vnf_snapshots"
IN_FULL = make_instance(
    id="i0",
    tenant="a",
    name="edge, 'old' (one)",
    state=InstantiationState.INSTANTIATED,
    vim_connection_info={"vim1": {"vimType": "CLOUDSTACK", "interfaceInfo": {"endpoint": "http://cloud"}}},
    metadata={"rack/row": "7", "owner": {"name": "ops"}},
    extensions={"size": "big"},
    vnf_configurable_properties={"isAutohealEnabled": True},
    ruled_out=("SCALE",),
    vnfc_states={"c": "STOPPED"},
    vnfc_properties={"c": {"colour": "red"}},
    instantiated_vnf_info={
        "flavourId": "f",
        "vnfState": "STARTED",
        "vnfcResourceInfo": [
            {"id": "c", "vduId": "vdu", "computeResource": {"vimConnectionId": "vim1", "resourceId": "s"}}
        ],
        "scaleStatus": [{"aspectId": "web", "scaleLevel": 2}, {"aspectId": "db", "scaleLevel": 1}],
    },
)


GRANT = {"id": "g", "_links": {"self": {"href": "http://nfvo/grants/g"}}}
GRANTED = StepEntry("request_grant", "", -2, StepState.DONE, result={"grant": GRANT})
DEPLOYED = StepEntry("deploy_vnfc", "a", 1, StepState.DONE)
#: After that, nothing can be rolled back.
REMOVED = StepEntry("remove", "a", 2, StepState.DONE)
#: Everything that an occurrence may tell of what it did.
OUTCOME: dict[str, Any] = {
    "error": {"status": 500, "detail": "tried before"},
    "resource_changes": {
        "affectedVirtualLinks": [
            {
                "id": "l",
                "vnfVirtualLinkDescId": "vl",
                "changeType": "ADDED",
                "networkResource": {"vimConnectionId": "vim1", "resourceId": "n"},
            }
        ]
    },
    "changed_info": {"vnfInstanceName": "edge"},
    "changed_ext_connectivity": [
        {
            "id": "x",
            "resourceHandle": {"vimConnectionId": "vim1", "resourceId": "n"},
            "currentVnfExtCpData": [{"cpdId": "cp"}],
        }
    ],
}
PACKAGE_CHANGED = {
    "package_modifications": {
        "vnfdId": "d2",
        "vnfProvider": "p",
        "vnfProductName": "n",
        "vnfSoftwareVersion": "2",
        "vnfdVersion": "3",
    }
}


def fill(deps: Deps) -> None:
    """Five instances, five operations, two snapshots, three subscriptions; and what others must not see."""
    left = [{"kind": "SERVER", "id": "left by an INSTANTIATE that was given up"}]
    for number in range(4, 0, -1):
        resources = left if number == 1 else []
        instance = make_instance(id=f"i{number}", tenant="a", name=f"n{9 - number}", resources=resources)
        deps.instances.insert("a", instance)
    deps.instances.insert("a", IN_FULL)
    deps.instances.insert("b", make_instance(id="i9", tenant="b", name="n1"))
    for number in range(5):
        kind = OperationType.CHANGE_VNFPKG if number == 4 else OperationType.INSTANTIATE
        operation = make_operation(
            id=f"o{number}",
            tenant="a",
            steps=[GRANTED, DEPLOYED, *([REMOVED] if number == 1 else [])],
            type=kind,
            vnf_instance_id=f"i{number}",
            start_time=T0 + timedelta(seconds=number),
            state=OperationState.FAILED_TEMP if number % 2 else OperationState.COMPLETED,
            **{0: OUTCOME, 4: PACKAGE_CHANGED}.get(number, {}),
        )
        deps.operations.accept("a", operation)
    taken = {
        "id": "s",
        "vnfInstanceId": "i0",
        "vnfdId": "d1",
        "creationStartedAt": T0.isoformat(),
        "vnfcSnapshots": [{"id": "c", "vnfcInstanceId": "v"}],
    }
    record = {**{name: getattr(IN_FULL, name) for name in IN_FULL.__slots__}, "state": str(IN_FULL.state)}
    deps.snapshots.insert("a", SnapshotInfo("s0", "a", T0, taken, record, {}))
    deps.snapshots.insert("a", SnapshotInfo("s1", "a", T0))
    for number, owner in enumerate(("nfvo", "nfvo", "second", "nfvo")):
        wanted = {"operationTypes": ["HEAL", "SCALE"][: number + 1]}
        made = Subscription(f"u{number}", "a", owner, "vnflcm/v2", f"http://em/{number}", wanted)
        deps.subscriptions.insert("a", made)


def get(client: httpx.Client, path: str, **params: str) -> httpx.Response:
    """With the version that the path's API has."""
    version = {"Version": "1.3.0"} if "/v1/" in path else {"Version": "2.1.0"}
    return client.get(path, params=params or None, headers=version)


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["id"] for entry in answer.json()]


def follow(client: httpx.Client, path: str, **params: str) -> list[list[str]]:
    """The ids of all pages."""
    answer = get(client, path, **params)
    pages = [ids(answer)]
    while "next" in answer.links:
        answer = get(client, answer.links["next"]["url"])
        pages.append(ids(answer))
        assert len(pages) < 10, "the pages go round in circles"
    return pages
