"""VNF LCM (SOL003 and SOL002, clause 5.4): the handlers of every specification of it.

Services decide, the dialect of the API spells. An operationId is a name of the table below with the dialect's
suffix.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from vnfm.api import lists, subscriptions, versions
from vnfm.api.call import Answer, Call, Gateway, Handler, accepted, json_answer, no_content
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationType
from vnfm.errors import NotFound
from vnfm.services import instances, lcm, operations, snapshots, tasks
from vnfm.wire.dialect import DIALECTS, Dialect


class Telling(Protocol):
    """A handler that speaks any dialect."""

    def __call__(self, gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
        """Serve the call in the words of ``dialect``."""
        ...


def _etag(instance: Instance) -> tuple[str, str]:
    return "ETag", f'"{instance.revision}"'


def list_api_versions(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /api_versions"""
    return json_answer(200, versions.information(gateway.base_url, dialect.path.rpartition("/")[0]))


def get_api_versions(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /v…/api_versions"""
    root, _, major = dialect.path.rpartition("/")
    return json_answer(200, versions.information(gateway.base_url, root, major))


def create_instance(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_instances"""
    instance = instances.create(gateway.deps, call.caller, call.body, api=dialect.nfvo_path)
    location = dialect.links(gateway.base_url).instance(instance.id)
    document = dialect.instance(instance, gateway.base_url)
    return json_answer(201, document, ("Location", location), _etag(instance))


def get_instance(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /vnf_instances/{vnfInstanceId}"""
    instance = instances.get(gateway.deps, call.caller, call.params["vnfInstanceId"])
    return json_answer(200, dialect.instance(instance, gateway.base_url), _etag(instance))


def delete_instance(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """DELETE /vnf_instances/{vnfInstanceId}"""
    instances.delete(gateway.deps, call.caller, call.params["vnfInstanceId"], call.header(b"if-match"))
    return no_content()


def _start(gateway: Gateway, call: Call, dialect: Dialect, kind: OperationType) -> Answer:
    instance_id = call.params["vnfInstanceId"]
    body = dialect.request(kind, call.body, lambda: instances.get(gateway.deps, call.caller, instance_id))
    operation = lcm.start(
        gateway.deps,
        call.caller,
        instance_id,
        kind,
        body,
        call.request_id,
        if_match=call.header(b"if-match") if kind is OperationType.MODIFY_INFO else None,
    )
    return accepted(dialect.links(gateway.base_url).operation(operation.id))


def starting(kind: OperationType) -> Telling:
    """PATCH of /vnf_instances/{vnfInstanceId}, or POST of a task below it: starts a ``kind`` of operation."""
    return partial(_start, kind=kind)


def _find(gateway: Gateway, call: Call, dialect: Dialect) -> Operation:
    """The occurrence; NotFound also for one whose kind this API cannot name."""
    operation = operations.get(gateway.deps, call.caller, call.params["vnfLcmOpOccId"])
    if operation.type in dialect.hidden:
        raise NotFound(
            f"{operation.id} is an operation that this version of the API does not have: {operation.type}"
        )
    return operation


def get_operation(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /vnf_lcm_op_occs/{vnfLcmOpOccId}"""
    operation = _find(gateway, call, dialect)
    return json_answer(200, dialect.operation(operation, gateway.base_url))


def retry(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/retry"""
    tasks.retry(gateway.deps, call.caller, _find(gateway, call, dialect).id)
    return accepted()


def rollback(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/rollback"""
    tasks.rollback(gateway.deps, call.caller, _find(gateway, call, dialect).id)
    return accepted()


def fail(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/fail"""
    operation = tasks.fail(gateway.deps, call.caller, _find(gateway, call, dialect).id)
    return json_answer(200, dialect.operation(operation, gateway.base_url))


def cancel(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_lcm_op_occs/{vnfLcmOpOccId}/cancel"""
    tasks.cancel(gateway.deps, call.caller, _find(gateway, call, dialect).id, call.body["cancelMode"])
    return accepted()


def create_snapshot_info(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /vnf_snapshots"""
    info = snapshots.create(gateway.deps, call.caller, call.body)
    location = dialect.links(gateway.base_url).snapshot(info.id)
    return json_answer(201, dialect.snapshot(info, gateway.base_url), ("Location", location))


def get_snapshot(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /vnf_snapshots/{vnfSnapshotInfoId}"""
    info = snapshots.get(gateway.deps, call.caller, call.params["vnfSnapshotInfoId"])
    return json_answer(200, dialect.snapshot(info, gateway.base_url))


def delete_snapshot(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """DELETE /vnf_snapshots/{vnfSnapshotInfoId}"""
    snapshots.delete(gateway.deps, call.caller, call.params["vnfSnapshotInfoId"])
    return no_content()


#: operationId without the dialect's suffix → handler.
_TELLING: Mapping[str, Telling] = {
    "listApiVersions": list_api_versions,
    "getApiVersions": get_api_versions,
    "listVnfInstances": lists.answer,
    "createVnfInstance": create_instance,
    "getVnfInstance": get_instance,
    "deleteVnfInstance": delete_instance,
    "modifyVnfInstance": starting(OperationType.MODIFY_INFO),
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
    "listVnfLcmOpOccs": lists.answer,
    "getVnfLcmOpOcc": get_operation,
    "retryVnfLcmOpOcc": retry,
    "rollbackVnfLcmOpOcc": rollback,
    "failVnfLcmOpOcc": fail,
    "cancelVnfLcmOpOcc": cancel,
    "listVnfSnapshots": lists.answer,
    "createVnfSnapshotInfo": create_snapshot_info,
    "getVnfSnapshot": get_snapshot,
    "deleteVnfSnapshot": delete_snapshot,
    **subscriptions.TELLING,
}

#: What version 1 has no paths for. All versions below a root are listed by version 2.
_NOT_IN_V1 = frozenset(
    {
        "listApiVersions",
        "changeCurrentVnfPkg",
        "createVnfSnapshot",
        "revertToVnfSnapshot",
        "listVnfSnapshots",
        "createVnfSnapshotInfo",
        "getVnfSnapshot",
        "deleteVnfSnapshot",
    }
)


def speaking(dialect: Dialect) -> Mapping[str, Handler]:
    """operationId → handler, for one specification."""
    left_out = _NOT_IN_V1 if dialect.path.endswith("/v1") else frozenset[str]()
    return {
        f"{name}{dialect.suffix}": partial(telling, dialect=dialect)
        for name, telling in _TELLING.items()
        if name not in left_out
    }


#: operationId → handler, over all specifications of this API.
HANDLERS: Mapping[str, Handler] = {
    name: handler for dialect in DIALECTS.values() for name, handler in speaking(dialect).items()
}
