"""Changing external connectivity: look at everything, then re-plug VNFC by VNFC.

``RewireVnfc`` keeps no plan of moves: it reads the server, makes the one move that comes next, and reads
again. So a second run, a retry or an undo (with the former sockets as the goal) begins where the world is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.domain.operation import StepState
from vnfm.domain.wiring import Socket, Wiring
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.lcm import connectivity, evolution
from vnfm.lcm.context import Context
from vnfm.lcm.plugging import Goal, Move, match, next_move
from vnfm.lcm.steps.finalise import Rewrite, stored_instance
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.vim.port import Failed, Nic, NicSpec, Outcome, Server, Started

#: More moves than any re-plugging takes: the VIM takes back what we do.
MOST_MOVES = 60


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
        return _Rewiring(ctx, target, "after").go_on(memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Every call is preceded by a look; after a doubt a refusal may only mean that it is done already."""
        return self.advance(ctx, target, {**memo, "doubt": True})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Towards the former sockets: a NIC plugged in anew has its former MAC and address."""
        return _Rewiring(ctx, target, "before").go_on(memo)


class _Rewiring:
    """One VNFC on its way to one side of ``check_wiring``."""

    def __init__(self, ctx: Context, target: str, side: str) -> None:
        plan = ctx.result("check_wiring")
        self._ctx = ctx
        self._facts: Mapping[str, Any] = plan["vnfcs"][target]
        pairs = list(zip(plan["before"][target], plan["after"][target], strict=True))
        changed = [old["cp"] for old, new in pairs if old != new]
        leaving = [old["nic"] for old, new in pairs if old["nic"] != new["nic"]] if side == "after" else []
        sockets = [Socket(**socket) for socket in plan[side][target]]
        self._goal = Goal(sockets, changed, leaving, self._facts["runs"])
        self._former = [Socket(**socket) for socket in plan["before"][target]]
        self._links: Sequence[Mapping[str, Any]] = plan["links"][side]

    def go_on(self, memo: Memo) -> Progress:
        if memo.get("phase") == "job":
            return self._judge(memo, self._ctx.vim.poll(memo["job"]))
        server = self._read()
        rows = self.rows(server)
        move = next_move(server, self._goal)
        if move is None:
            self.record(rows)
            return Done({"rows": rows})
        if memo.get("moves") and rows != memo.get("rows"):
            self.record(rows)
            memo = {**memo, "rows": rows}
        if memo.get("refusal") and memo.get("move") == move.name:
            return self._give_up(memo)
        moves = int(memo.get("moves", 0)) + 1
        if moves > MOST_MOVES:
            raise Permanent(
                f"after {MOST_MOVES} moves the NICs of server {server.id} are still not as wanted"
            )
        memo = {**_kept(memo), "move": move.name, "moves": moves}
        try:
            outcome = self._make(server, move)
        except Permanent as exc:  # perhaps because it took effect before
            return _look_again({**memo, "refusal": {"detail": exc.detail, "facts": dict(exc.facts)}})
        return self._judge(memo, outcome)

    def _read(self) -> Server:
        server = self._ctx.vim.read_server(self._facts["server"])
        if server is None:
            raise Temporary(f"server {self._facts['server']} is not to be seen", self._ctx.pause(4))
        if server.state.lower() not in {"running", "stopped"}:
            raise Temporary(f"server {server.id} is {server.state}", self._ctx.pause(4))
        return server

    def _make(self, server: Server, move: Move) -> Outcome:
        vim, socket = self._ctx.vim, move.socket
        match move.act:
            case "unplug":
                return vim.detach_nic(server.id, move.nic)
            case "default":
                return vim.make_default_nic(server.id, move.nic)
            case "stop":
                return vim.stop_server(server.id, force=False)
            case "start":
                return vim.start_server(server.id)
        if socket is None or socket.network is None:
            raise Permanent(f"there is no telling where to {move.act}")
        if move.act == "readdress":
            return vim.change_address(move.nic, str(socket.address))
        spec = NicSpec(socket.cp, socket.network, socket.address, socket.mac)
        return vim.attach_nic(server.id, spec)

    def _judge(self, memo: Memo, outcome: Outcome) -> Progress:
        if isinstance(outcome, Started):
            return watch(self._ctx, outcome, {**memo, "phase": "job"})
        kept = _kept(memo)
        if not isinstance(outcome, Failed):
            return Wait({**kept, "doubt": None, "phase": f"after-{memo['move'].split()[0]}"}, 0)
        if outcome.interrupted:
            return Wait({**kept, "phase": "interrupted"}, self._ctx.pause(2))
        error = verdict(outcome, memo["move"])
        return _look_again({**kept, "refusal": {"detail": error.detail, "facts": dict(error.facts)}})

    def _give_up(self, memo: Memo) -> Progress:
        """A look has shown that the refused move is still to be made."""
        refusal = memo["refusal"]
        if memo.get("doubt"):  # the call in doubt may still be at it
            raise Temporary(refusal["detail"], self._ctx.pause(4), **refusal["facts"])
        raise Permanent(refusal["detail"], **refusal["facts"])

    def _find(self, server: Server, socket: Socket) -> tuple[Socket, Mapping[str, Any] | None]:
        """A CP with its NIC; half-way it may still be the former one."""
        plugged = [one.cp for one in self._goal.plugged]
        nics = dict(zip(plugged, match(server.nics, self._goal), strict=True))
        former = next((one for one in self._former if one.cp == socket.cp), socket)
        old = next((nic for nic in server.nics if nic.id == former.nic), None)
        if nics.get(socket.cp) is None and old is not None:
            return former, _plain(old)
        return socket, _plain(nics.get(socket.cp))

    def rows(self, server: Server) -> list[Mapping[str, Any]]:
        """What the changed CPs have."""
        return [
            connectivity.row(*self._find(server, socket))
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
        server = self._read()
        rows = self.rows(server)
        self.record(rows)
        return rows


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in ("move", "moves", "doubt", "rows") if memo.get(key)}


def look_again(ctx: Context) -> list[str]:
    """Record the NICs of VNFCs whose re-plugging was stopped half-way, for an operation that is given up.

    Answers what could not be found out: then the record may name NICs that are gone.
    """
    track, side = (ctx.op.undo, "before") if ctx.op.undo else (ctx.op.steps, "after")
    unseen = []
    for entry in track:
        if entry.name != "rewire_vnfc" or entry.state in {StepState.PENDING, StepState.DONE}:
            continue
        try:
            found = _Rewiring(ctx, entry.target, side).look_again()
        except VnfmError as exc:
            unseen.append(f"the NICs of VNFC {entry.target} could not be looked at: {exc.detail}")
        else:
            entry.memo = {**entry.memo, "rows": found}
    return unseen


def _look_again(memo: Memo) -> Wait:
    return Wait({**memo, "phase": "refused"}, 0)


def _plain(nic: Nic | None) -> Mapping[str, Any] | None:
    return None if nic is None else {"id": nic.id, "mac": nic.mac_address, "address": nic.address}


class FinaliseExtConn(Rewrite):
    """The external links are what was asked for; the VNFCs' part of the record is written already."""

    name: ClassVar[str] = "finalise_ext_conn"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The links."""
        links = ctx.result("check_wiring")["links"]["after"]
        info = stored_instance(ctx).instantiated_vnf_info or {}
        return {"instantiated_vnf_info": evolution.rewired(info, [], links, ctx.connection_id)}
