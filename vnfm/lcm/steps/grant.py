"""Ask the NFVO for the grant (SOL003 9.4.2); the only step of STARTING."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vnfm.domain import access
from vnfm.domain.operation import OperationType
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Forbidden
from vnfm.lcm import granting
from vnfm.lcm.context import Context, operation_secret_name
from vnfm.nfvo.port import GrantAnswer, Granted, Pending, Rejected


class RequestGrant(Step[Context]):
    """Request, poll while pending, keep the answer without its secrets, and see that a VIM can be chosen.

    A second request of the same operation is recognised by the NFVO from vnfLcmOpOccId, hence RERUN.
    """

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask, or ask again how it stands."""
        if memo.get("phase") == "pending":
            return self._take(ctx, ctx.ports.nfvo.poll_grant(memo["href"]))
        return self._take(ctx, ctx.ports.nfvo.request_grant(_request(ctx)))

    def _take(self, ctx: Context, answer: GrantAnswer) -> Progress:
        match answer:
            case Pending(href, delay):
                return Wait({"phase": "pending", "href": href}, delay, watching=True)
            case Rejected(problem):
                reason = problem.get("detail") or problem.get("title") or "no reason given"
                raise Forbidden(f"the NFVO refused the grant: {reason}", nfvoStatus=problem.get("status"))
            case Granted(grant):
                return Done({"grant": _keep(ctx, grant)})


def _request(ctx: Context) -> Mapping[str, Any]:
    root = f"{ctx.policy.external_url}/{ctx.instance.api}"
    request: dict[str, Any] = {
        "vnfInstanceId": ctx.op.vnf_instance_id,
        "vnfLcmOpOccId": ctx.op.id,
        "vnfdId": ctx.instance.vnfd_id,
        "operation": str(ctx.op.type),
        "isAutomaticInvocation": ctx.op.automatic,
        "_links": {
            "vnfLcmOpOcc": {"href": f"{root}/vnf_lcm_op_occs/{ctx.op.id}"},
            "vnfInstance": {"href": f"{root}/vnf_instances/{ctx.op.vnf_instance_id}"},
        },
    }
    if ctx.op.type is OperationType.INSTANTIATE:
        request["flavourId"] = ctx.op.params["flavourId"]
    if ctx.op.type is OperationType.CHANGE_FLAVOUR:
        request["flavourId"] = ctx.op.params["newFlavourId"]
    if ctx.op.type is OperationType.CHANGE_VNFPKG and ctx.vnfd.id != ctx.instance.vnfd_id:
        request["dstVnfdId"] = ctx.vnfd.id
    request.update(granting.describe(ctx))
    if ctx.op.params.get("additionalParams"):
        request["additionalParams"] = ctx.op.params["additionalParams"]
    return request


def _keep(ctx: Context, grant: Mapping[str, Any]) -> Mapping[str, Any]:
    """The grant as it may be journalled: the accessInfo of connections new to us goes to the secret store."""
    known = ctx.connection_info()
    connections: dict[str, Any] = {}
    for connection_id, info in (grant.get("vimConnectionInfo") or {}).items():
        if connection_id in known:
            continue
        connections[connection_id] = access.without_secrets(info)
        if info.get("accessInfo"):
            name = operation_secret_name(ctx.op.vnf_instance_id, ctx.op.id, connection_id)
            ctx.ports.secrets.put(ctx.op.tenant, name, info["accessInfo"])
    return {**grant, "vimConnectionInfo": connections}
