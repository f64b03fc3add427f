"""SOL003 5.4: the handlers of ``sol003-vnflcm-v2.yaml``. Services decide, ``wire`` spells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vnfm import wire
from vnfm.api import versions
from vnfm.api.call import Answer, Call, Gateway, Handler, accepted, json_answer, no_content
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.errors import BadRequest
from vnfm.services import instances, lcm, operations, snapshots, tasks
from vnfm.wire.links import Links

#: Until lists are paged, one that is longer is refused, never cut short (SOL013 5.4.2.1).
LIST_LIMIT = 1000


def _complete(found: Sequence[object]) -> None:
    if len(found) > LIST_LIMIT:
        raise BadRequest(f"the result has more than {LIST_LIMIT} entries, and this list is not paged")


def _links(gateway: Gateway) -> Links:
    return Links.of(gateway.base_url, "vnflcm/v2")


def _etag(instance: Instance) -> tuple[str, str]:
    return "ETag", f'"{instance.revision}"'


def get_api_versions(gateway: Gateway, call: Call) -> Answer:
    """GET /api_versions"""
    return json_answer(200, versions.information(gateway.base_url, "vnflcm"))


def get_api_versions_v2(gateway: Gateway, call: Call) -> Answer:
    """GET /v2/api_versions"""
    return json_answer(200, versions.information(gateway.base_url, "vnflcm", "v2"))


def list_instances(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_instances"""
    found = instances.list_all(gateway.deps, call.caller, LIST_LIMIT + 1)
    _complete(found)
    return json_answer(200, [wire.instance.summary(instance, _links(gateway)) for instance in found])


def create_instance(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_instances"""
    instance = instances.create(gateway.deps, call.caller, call.body)
    location = _links(gateway).instance(instance.id)
    document = wire.instance.complete(instance, _links(gateway))
    return json_answer(201, document, ("Location", location), _etag(instance))


def get_instance(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_instances/{vnfInstanceId}"""
    instance = instances.get(gateway.deps, call.caller, call.params["vnfInstanceId"])
    return json_answer(200, wire.instance.complete(instance, _links(gateway)), _etag(instance))


def delete_instance(gateway: Gateway, call: Call) -> Answer:
    """DELETE /vnf_instances/{vnfInstanceId}"""
    instances.delete(gateway.deps, call.caller, call.params["vnfInstanceId"], call.header(b"if-match"))
    return no_content()


def modify_instance(gateway: Gateway, call: Call) -> Answer:
    """PATCH /vnf_instances/{vnfInstanceId}"""
    operation = lcm.start(
        gateway.deps,
        call.caller,
        call.params["vnfInstanceId"],
        OperationType.MODIFY_INFO,
        call.body,
        call.request_id,
        if_match=call.header(b"if-match"),
    )
    return accepted(_links(gateway).operation(operation.id))


def starting(kind: OperationType) -> Handler:
    """POST /vnf_instances/{vnfInstanceId}/…: the handler of the task that starts a ``kind`` of operation."""

    def start(gateway: Gateway, call: Call) -> Answer:
        instance_id = call.params["vnfInstanceId"]
        operation = lcm.start(gateway.deps, call.caller, instance_id, kind, call.body, call.request_id)
        return accepted(_links(gateway).operation(operation.id))

    return start


def list_operations(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_lcm_op_occs"""
    found = operations.list_all(gateway.deps, call.caller, LIST_LIMIT + 1)
    _complete(found)
    return json_answer(200, [wire.operation.summary(operation, _links(gateway)) for operation in found])


def get_operation(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_lcm_op_occs/{vnfLcmOpOccId}"""
    operation = operations.get(gateway.deps, call.caller, call.params["vnfLcmOpOccId"])
    return json_answer(200, wire.operation.complete(operation, _links(gateway)))


def retry(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/retry"""
    tasks.retry(gateway.deps, call.caller, call.params["vnfLcmOpOccId"])
    return accepted()


def rollback(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/rollback"""
    tasks.rollback(gateway.deps, call.caller, call.params["vnfLcmOpOccId"])
    return accepted()


def fail(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/fail"""
    operation = tasks.fail(gateway.deps, call.caller, call.params["vnfLcmOpOccId"])
    return json_answer(200, wire.operation.complete(operation, _links(gateway)))


def cancel(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/cancel"""
    tasks.cancel(gateway.deps, call.caller, call.params["vnfLcmOpOccId"], call.body["cancelMode"])
    return accepted()


def list_snapshots(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_snapshots"""
    found = snapshots.list_all(gateway.deps, call.caller, LIST_LIMIT + 1)
    _complete(found)
    return json_answer(200, [wire.snapshot.summary(info, _links(gateway)) for info in found])


def create_snapshot_info(gateway: Gateway, call: Call) -> Answer:
    """POST /vnf_snapshots"""
    info = snapshots.create(gateway.deps, call.caller, call.body)
    location = _links(gateway).snapshot(info.id)
    return json_answer(201, wire.snapshot.complete(info, _links(gateway)), ("Location", location))


def get_snapshot(gateway: Gateway, call: Call) -> Answer:
    """GET /vnf_snapshots/{vnfSnapshotInfoId}"""
    info = snapshots.get(gateway.deps, call.caller, call.params["vnfSnapshotInfoId"])
    return json_answer(200, wire.snapshot.complete(info, _links(gateway)))


def delete_snapshot(gateway: Gateway, call: Call) -> Answer:
    """DELETE /vnf_snapshots/{vnfSnapshotInfoId}"""
    snapshots.delete(gateway.deps, call.caller, call.params["vnfSnapshotInfoId"])
    return no_content()


#: operationId → handler.
HANDLERS: Mapping[str, Handler] = {
    "getApiVersions": get_api_versions,
    "getApiVersionsV2": get_api_versions_v2,
    "listVnfInstances": list_instances,
    "createVnfInstance": create_instance,
    "getVnfInstance": get_instance,
    "deleteVnfInstance": delete_instance,
    "modifyVnfInstance": modify_instance,
    "instantiateVnf": starting(OperationType.INSTANTIATE),
    "scaleVnf": starting(OperationType.SCALE),
    "scaleVnfToLevel": starting(OperationType.SCALE_TO_LEVEL),
    "changeVnfFlavour": starting(OperationType.CHANGE_FLAVOUR),
    "terminateVnf": starting(OperationType.TERMINATE),
    "healVnf": starting(OperationType.HEAL),
    "operateVnf": starting(OperationType.OPERATE),
    "changeExtVnfConn": starting(OperationType.CHANGE_EXT_CONN),
    "changeCurrentVnfPkg": starting(OperationType.CHANGE_VNFPKG),
    "createVnfSnapshot": starting(OperationType.CREATE_SNAPSHOT),
    "revertToVnfSnapshot": starting(OperationType.REVERT_TO_SNAPSHOT),
    "listVnfLcmOpOccs": list_operations,
    "getVnfLcmOpOcc": get_operation,
    "retryVnfLcmOpOcc": retry,
    "rollbackVnfLcmOpOcc": rollback,
    "failVnfLcmOpOcc": fail,
    "cancelVnfLcmOpOcc": cancel,
    "listVnfSnapshots": list_snapshots,
    "createVnfSnapshotInfo": create_snapshot_info,
    "getVnfSnapshot": get_snapshot,
    "deleteVnfSnapshot": delete_snapshot,
}
