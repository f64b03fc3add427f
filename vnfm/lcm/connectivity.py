"""CHANGE_EXT_CONN outside: in a GrantRequest, in resourceChanges, in changedExtConnectivity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from vnfm.domain import standing, wiring
from vnfm.domain.operation import StepEntry, StepState
from vnfm.domain.outside import DeploymentError
from vnfm.domain.wiring import Socket, Wiring
from vnfm.errors import Permanent
from vnfm.lcm import evolution
from vnfm.lcm.context import Context

Sol = dict[str, Any]

#: What of a socket outlives the operation in the journal: the record's new content for one external CP.
Row = Mapping[str, Any]


def concerns(ctx: Context) -> bool:
    """Whether this operation changes external connectivity of VNFCs that stay."""
    return any(entry.name == "check_wiring" for entry in ctx.op.steps)


def requested(ctx: Context) -> Wiring:
    """What is asked for; the grant's external links override the request's."""
    links = ctx.grant.get("extVirtualLinks") or ctx.op.params["extVirtualLinks"]
    flavour = standing.flavour_of(ctx.instance, ctx.vnfd)
    try:
        return wiring.rewire(ctx.op.id, ctx.instance, flavour, links)
    except DeploymentError as exc:
        raise Permanent(str(exc)) from exc


def describe(ctx: Context) -> Mapping[str, Any]:
    """Link ports to add, to remove and to change, for the GrantRequest."""
    plan = requested(ctx)
    lists: dict[str, list[Sol]] = {"addResources": [], "updateResources": [], "removeResources": []}
    vdus = {vnfc.key: vnfc.vdu for vnfc in standing.vnfcs(ctx.instance)}
    for key in plan.touched:
        for old, new in zip(plan.before[key], plan.after[key], strict=True):
            common: Sol = {"type": "LINKPORT", "vduId": vdus[key], "resourceTemplateId": old.ext_cpd}
            there = {"resource": handle(ctx, old.nic, "nic")} if old.nic else {}
            if old.nic and old.port != new.port:
                lists["removeResources"].append({"id": old.port, **common, **there})
            if new.network and new.nic is None:
                lists["addResources"].append({"id": new.port, **common})
            elif new.nic and old.address != new.address:
                lists["updateResources"].append({"id": new.port, **common, **there})
    return {name: items for name, items in lists.items() if items}


def handle(ctx: Context, resource: str | None, kind: str) -> Sol:
    """ResourceHandle (SOL003 4.4.1.7)."""
    return {"vimConnectionId": ctx.connection_id, "resourceId": resource, "vimLevelResourceType": kind}


def resource_changes(ctx: Context) -> dict[str, list[Sol]]:
    """Ports that came and went, and the VNFCs whose CPs changed, as far as it got; an undo adds its own."""
    result = ctx.result("check_wiring")
    if not result:
        return {}
    ports: list[Sol] = []
    vnfcs: dict[str, Sol] = {}
    tracks: tuple[tuple[list[StepEntry], dict[str, Row]], ...] = (
        (ctx.op.steps, {}),
        (ctx.op.undo, _made(ctx)),
    )
    for track, made in tracks:
        for entry in _rewired(track):
            old = {socket["cp"]: socket for socket in result["before"][entry.target]}
            for row in rows(entry):
                ports += _moved(ctx, made.get(row["cp"]) or old[row["cp"]], row)
            vnfcs.setdefault(entry.target, _modified(ctx, entry))
    return {"affectedVnfcs": list(vnfcs.values()), "affectedExtLinkPorts": ports}


def rows(entry: StepEntry) -> Sequence[Row]:
    """What a ``rewire_vnfc`` has made of its VNFC's external CPs so far, as it saw it last."""
    found: Sequence[Row] = entry.result.get("rows") or entry.memo.get("rows") or []
    return found if entry.state is not StepState.PENDING else []


def _rewired(track: Iterable[StepEntry]) -> list[StepEntry]:
    return [entry for entry in track if entry.name == "rewire_vnfc" and rows(entry)]


def _made(ctx: Context) -> dict[str, Row]:
    """What undoing finds: the NICs that were plugged."""
    return {row["cp"]: row for entry in _rewired(ctx.op.steps) for row in rows(entry)}


def _moved(ctx: Context, old: Row, new: Row) -> list[Sol]:
    if old.get("nic") == new.get("nic"):
        return []
    return [
        {
            "id": row["port"],
            "changeType": word,
            "extCpInstanceId": row["ext_cp"],
            "resourceHandle": handle(ctx, row["nic"], "nic"),
            **({"resourceDefinitionId": row["port"]} if word == "ADDED" else {}),
        }
        for word, row in (("REMOVED", old), ("ADDED", new))
        if row.get("nic")
    ]


def _modified(ctx: Context, entry: StepEntry) -> Sol:
    facts = ctx.result("check_wiring")["vnfcs"][entry.target]
    return {
        "id": facts["id"],
        "vduId": facts["vdu"],
        "vnfdId": ctx.vnfd.id,
        "changeType": "MODIFIED",
        "computeResource": handle(ctx, facts["server"], "virtualmachine"),
        "affectedVnfcCpIds": [row["cp"] for row in rows(entry)],
    }


def links_now(ctx: Context, before: list[Sol]) -> list[Sol]:
    """extVirtualLinkInfo as the operation has left it so far."""
    result = ctx.result("check_wiring")
    if not result:
        return before
    sides = (("steps", ctx.op.steps, "after"), ("undo", ctx.op.undo, "before"))
    changes: list[tuple[Sequence[Row], Any]] = [
        (rows(entry), result["links"][side]) for _, track, side in sides for entry in _rewired(track)
    ]
    if any(e.name == "finalise_ext_conn" and e.state is StepState.DONE for e in ctx.op.steps):
        changes.append(([], result["links"]["after"]))
    info: Sol = {"extVirtualLinkInfo": before, "extCpInfo": [{"id": one} for one in result["ext_cps"]]}
    after = reduce(
        lambda known, change: evolution.rewired(known, change[0], change[1], ctx.connection_id), changes, info
    )
    return list(after.get("extVirtualLinkInfo") or [])


def row(socket: Socket, nic: Mapping[str, Any] | None) -> Row:
    """What the record is to say of one external CP, with the NIC as read back; without one it has no port."""
    return {
        "cp": socket.cp,
        "ext_cp": socket.ext_cp,
        "link": socket.link,
        "config": socket.config,
        "port": socket.port if nic else None,
        "nic": nic["id"] if nic else None,
        "mac": nic["mac"] if nic else socket.mac,
        "address": nic["address"] if nic else None,
        "fixed": socket.fixed,
    }
