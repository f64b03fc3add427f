"""Credentials of an instance's VIM connections, while an operation changes them: what they were is kept
beside what the operation brought, until it has come to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vnfm.lcm.context import Context, operation_secret_name, secret_name

#: Before the id of a VIM connection: what its accessInfo was. No id begins so, U+0000 is refused in names.
_FORMER = "\0former/"


def stored(ctx: Context, connection_id: str) -> Mapping[str, Any]:
    """The instance's accessInfo of a connection; {} if it has none."""
    return ctx.ports.secrets.get(ctx.op.tenant, secret_name(ctx.op.vnf_instance_id, connection_id)) or {}


def put(ctx: Context, connection_id: str, access: Mapping[str, Any]) -> None:
    """Make it the instance's, after taking down what it was."""
    if access == stored(ctx, connection_id):
        return
    former = _former_name(ctx, connection_id)
    if ctx.ports.secrets.get(ctx.op.tenant, former) is None:
        ctx.ports.secrets.put(ctx.op.tenant, former, {"accessInfo": stored(ctx, connection_id)})
    _store(ctx, connection_id, access)


def keep(ctx: Context) -> None:
    """The credentials that this operation worked with become the instance's."""
    for connection_id in ctx.connection_info():
        access = ctx.access_info(connection_id)
        if access is not None:
            put(ctx, connection_id, access)


def restore(ctx: Context, connections: Iterable[str]) -> None:
    """As it was before this operation, as far as it has changed it."""
    for connection_id in connections:
        former = ctx.ports.secrets.get(ctx.op.tenant, _former_name(ctx, connection_id))
        if former is not None:
            _store(ctx, connection_id, former["accessInfo"])


def _store(ctx: Context, connection_id: str, access: Mapping[str, Any]) -> None:
    ctx.ports.secrets.put(ctx.op.tenant, secret_name(ctx.op.vnf_instance_id, connection_id), access)


def _former_name(ctx: Context, connection_id: str) -> str:
    return operation_secret_name(ctx.op.vnf_instance_id, ctx.op.id, _FORMER + connection_id)
