"""Changing external connectivity: look at everything, then re-plug VNFC by VNFC.

The record follows VNFC by VNFC, so that it is right whenever the operation stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.domain.operation import StepState
from vnfm.domain.wiring import Socket, Wiring
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.errors import Permanent, VnfmError
from vnfm.lcm import connectivity, evolution
from vnfm.lcm.context import Context
from vnfm.lcm.plugging import Goal
from vnfm.lcm.steps.finalise import Rewrite, stored_instance
from vnfm.lcm.steps.moving import Mover
from vnfm.vim.port import Server


class CheckWiring(Step[Context]):
    """All that can be found wrong before the first NIC is touched. Result: sockets before and after."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Lay the change out anew, now with the grant's links, and look at networks and servers."""
        plan = connectivity.requested(ctx)
        planned = {entry.target for entry in ctx.op.steps if entry.name == "rewire_vnfc"}
        beyond = sorted(set(plan.touched) - planned)
        if beyond:
            raise Permanent(
                f"the grant's extVirtualLinks touch {', '.join(beyond)}, which the request leaves alone"
            )
        vnfcs = {vnfc.key: vnfc for vnfc in standing.vnfcs(ctx.instance)}
        runs = {key: self._check_vnfc(ctx, plan, key, vnfcs[key].server) for key in plan.touched}
        for network in sorted(_new_networks(plan)):
            ctx.vim.check_network(network)
        return Done(
            {
                "before": {key: [asdict(socket) for socket in plan.before[key]] for key in sorted(planned)},
                "after": {key: [asdict(socket) for socket in plan.after[key]] for key in sorted(planned)},
                "links": {"before": standing.ext_virtual_links(ctx.instance), "after": plan.links},
                "vnfcs": {
                    key: {
                        "id": vnfcs[key].id,
                        "vdu": vnfcs[key].vdu,
                        "server": vnfcs[key].server,
                        "runs": runs.get(key, True),
                    }
                    for key in sorted(planned)
                },
                "ext_cps": [cp["id"] for cp in (ctx.instance.instantiated_vnf_info or {})["extCpInfo"]],
            }
        )

    def _check_vnfc(self, ctx: Context, plan: Wiring, key: str, server_id: str) -> bool:
        server = ctx.vim.read_server(server_id)
        if server is None:
            raise Permanent(f"the VIM shows no server {server_id} of VNFC {key}")
        if server.state.lower() not in {"running", "stopped"}:
            raise Permanent(
                f"server {server_id} of VNFC {key} is {server.state}; NICs change only while it is "
                "Running or Stopped"
            )
        snapshots = [snapshot.name for snapshot in ctx.vim.find_snapshots(server_id)]
        if snapshots and _replugs(plan, key):
            raise Permanent(
                f"server {server_id} of VNFC {key} has snapshots ({', '.join(snapshots)}), and the "
                "VIM changes no NIC while there is one: delete them (DELETE vnf_snapshots), then retry"
            )
        there = {nic.id for nic in server.nics}
        for socket in plan.before[key]:
            if socket.nic and socket.nic not in there:
                raise Permanent(
                    f"server {server_id} of VNFC {key} has lost the NIC {socket.nic} of CP {socket.cp}"
                )
        return server.state.lower() == "running"


def _replugs(plan: Wiring, key: str) -> bool:
    return any(old.nic != new.nic for old, new in zip(plan.before[key], plan.after[key], strict=True))


def _new_networks(plan: Wiring) -> set[str]:
    sockets = [socket for key in plan.touched for socket in plan.after[key]]
    return {socket.network for socket in sockets if socket.network and socket.nic is None}


class RewireVnfc(Step[Context]):
    """Re-plug one VNFC. Target: its key. Result: what its external CPs have now."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Towards the sockets asked for."""
        return Rewiring(ctx, target, "after").go_on(memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Every call is preceded by a look; after a doubt a refusal may only mean that it is done already."""
        return self.advance(ctx, target, {**memo, "doubt": True})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Towards the former sockets: a NIC plugged in anew has its former MAC and address."""
        return Rewiring(ctx, target, "before").go_on(memo)


class Rewiring(Mover):
    """To one side of ``check_wiring``."""

    def __init__(self, ctx: Context, target: str, side: str) -> None:
        plan = ctx.result("check_wiring")
        facts = plan["vnfcs"][target]
        pairs = list(zip(plan["before"][target], plan["after"][target], strict=True))
        changed = [old["cp"] for old, new in pairs if old != new]
        leaving = [old["nic"] for old, new in pairs if old["nic"] != new["nic"]] if side == "after" else []
        sockets = [Socket(**socket) for socket in plan[side][target]]
        former = [Socket(**socket) for socket in plan["before"][target]]
        super().__init__(ctx, facts["server"], Goal(sockets, changed, leaving, facts["runs"]), former)
        self._links: Sequence[Mapping[str, Any]] = plan["links"][side]

    def rows(self, server: Server) -> list[Mapping[str, Any]]:
        """What the changed CPs have."""
        return [
            connectivity.row(*self.find(server, socket))
            for socket in self._goal.sockets
            if socket.cp in self._goal.changed
        ]

    def record(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write it into the instance; the same again does no harm."""
        op, store = self._ctx.op, self._ctx.ports.instances
        instance = store.get(op.tenant, op.vnf_instance_id)
        if instance is not None and instance.instantiated_vnf_info is not None:
            info = evolution.rewired(
                instance.instantiated_vnf_info, rows, self._links, self._ctx.connection_id
            )
            store.update(op.tenant, op.vnf_instance_id, {"instantiated_vnf_info": info})

    def look_again(self) -> list[Mapping[str, Any]]:
        """Record what is there, and do nothing about it."""
        server = self.read()
        rows = self.rows(server)
        self.record(rows)
        return rows


def note_nics(ctx: Context) -> list[str]:
    """Record the NICs of VNFCs whose re-plugging was stopped half-way, for an operation that is given up.

    Answers what could not be found out: then the record may name NICs that are gone.
    """
    track, side = (ctx.op.undo, "before") if ctx.op.undo else (ctx.op.steps, "after")
    unseen = []
    for entry in track:
        if entry.name != "rewire_vnfc" or entry.state in {StepState.PENDING, StepState.DONE}:
            continue
        try:
            found = Rewiring(ctx, entry.target, side).look_again()
        except VnfmError as exc:
            unseen.append(f"the NICs of VNFC {entry.target} could not be looked at: {exc.detail}")
        else:
            entry.memo = {**entry.memo, "rows": found}
    return unseen


class FinaliseExtConn(Rewrite):
    """The external links are what was asked for; the VNFCs' part of the record is written already."""

    name: ClassVar[str] = "finalise_ext_conn"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The links."""
        links = ctx.result("check_wiring")["links"]["after"]
        info = stored_instance(ctx).instantiated_vnf_info or {}
        return {"instantiated_vnf_info": evolution.rewired(info, [], links, ctx.connection_id)}
