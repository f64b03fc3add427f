"""The error of an occurrence as people are to read it: which VNFC the failed step was about, and what can be
done now (SOL003 5.5.2.13). The engine has said which step, the adapters what the VIM answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import remedy, standing
from vnfm.domain.operation import OperationState
from vnfm.lcm import inventory
from vnfm.lcm.context import Context


def told(ctx: Context) -> Mapping[str, Any] | None:
    """``Operation.error`` with ``component``, ``vnfc``, ``vnfcInstanceId`` and ``remedies``, as far as each
    has something to say."""
    error = remedy.without(ctx.op.error)
    if error is None:
        return None
    more: dict[str, Any] = _subject(ctx, str(error.get("step", "")))
    remedies = remedy.remedies(ctx.op)
    return {**error, **more, **({remedy.MEMBER: remedies} if remedies else {})}


def _subject(ctx: Context, step: str) -> dict[str, str]:
    """What a step is about. Some have an id of the VIM for a target: ``component`` is then what has it."""
    target = step.partition(":")[2]
    if not target:
        return {}
    known = {item["id"]: str(item["target"]) for item in ctx.instance.resources}
    component = known.get(target.rpartition("/")[2])
    key = (component or target).partition("/")[0]
    ids = _vnfc_ids(ctx)
    return {
        **({"component": component} if component else {}),
        **({"vnfc": key, "vnfcInstanceId": ids[key]} if key in ids else {}),
    }


def _vnfc_ids(ctx: Context) -> dict[str, str]:
    """Ids in vnfcResourceInfo by key: of VNFCs that stand, and of those that the operation makes."""
    ids = {vnfc.key: vnfc.id for vnfc in standing.vnfcs(ctx.instance)}
    if ctx.op.state is OperationState.FAILED_TEMP and inventory.makes(ctx.op):
        ids |= {vnfc.key: vnfc.id for vnfc in ctx.deployment.vnfcs}
    return ids
