"""Which file plans which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.deployment import Deployment, lay_out
from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType, StepEntry
from vnfm.domain.vnfd import Vnfd
from vnfm.lcm import (
    change_ext_conn,
    change_flavour,
    change_package,
    heal,
    instantiate,
    modify,
    operate,
    scale,
    snapshots,
    terminate,
)

#: operation id, instance, its VNFD, the request → the journal it starts with. DeploymentError if the
#: request does not fit the VNFD.
#: CHANGE_VNFPKG gets the VNFD it leads to besides, as ``destination``.
Planner = Callable[..., list[StepEntry]]


def _plan_instantiate(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    given = bool(params.get("extVirtualLinks"))
    deployment: Deployment = lay_out(operation_id, vnfd, params, instance.name or "vnf", final=given)
    return instantiate.plan(deployment)


def _plan_terminate(
    operation_id: str, instance: Instance, vnfd: Vnfd, params: Mapping[str, Any]
) -> list[StepEntry]:
    if instance.instantiated_vnf_info is not None:
        terminate.check_request(params, standing.flavour_of(instance, vnfd).operations)
    return terminate.plan(instance, params)


PLANS: Mapping[OperationType, tuple[int, Planner]] = {
    OperationType.INSTANTIATE: (instantiate.VERSION, _plan_instantiate),
    OperationType.SCALE: (scale.VERSION, scale.plan_scale),
    OperationType.SCALE_TO_LEVEL: (scale.VERSION, scale.plan_scale_to_level),
    OperationType.OPERATE: (operate.VERSION, operate.plan),
    OperationType.HEAL: (heal.VERSION, heal.plan),
    OperationType.MODIFY_INFO: (modify.VERSION, modify.plan),
    OperationType.CHANGE_EXT_CONN: (change_ext_conn.VERSION, change_ext_conn.plan),
    OperationType.CREATE_SNAPSHOT: (snapshots.VERSION, snapshots.plan_create),
    OperationType.REVERT_TO_SNAPSHOT: (snapshots.VERSION, snapshots.plan_revert),
    OperationType.CHANGE_FLAVOUR: (change_flavour.VERSION, change_flavour.plan),
    OperationType.CHANGE_VNFPKG: (change_package.VERSION, change_package.plan),
    OperationType.TERMINATE: (terminate.VERSION, _plan_terminate),
}
