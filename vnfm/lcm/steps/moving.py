"""Re-plugging a server, one move at a time, whatever it is for.

A mover keeps no plan of moves: it reads the server, makes the one move that comes next, and reads again. So a
second run, a retry or an undo (with the former sockets as the goal) begins where the world is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain import standing
from vnfm.domain.wiring import Socket
from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent, Temporary
from vnfm.lcm.context import Context
from vnfm.lcm.plugging import Goal, Move, match, next_move
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.vim.port import Failed, Nic, NicSpec, Outcome, Server, Started

#: More moves than any re-plugging takes: the VIM takes back what we do.
MOST_MOVES = 60


class Mover(ABC):
    """One VNFC on its way to the NICs it shall have: read the server, make the one move that comes next, read
    again."""

    def __init__(self, ctx: Context, server_id: str, goal: Goal, former: Sequence[Socket]) -> None:
        self._ctx = ctx
        self._server_id = server_id
        self._goal = goal
        self._former = former

    @abstractmethod
    def rows(self, server: Server) -> list[Mapping[str, Any]]:
        """What its CPs have, for the journal."""

    @abstractmethod
    def record(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write it into the instance, if that is not left to the last step; the same again does no harm."""

    def go_on(self, memo: Memo) -> Progress:
        """The next bit of a step."""
        if memo.get("phase") == "job":
            return self._judge(memo, self._ctx.vim.poll(memo["job"]))
        server = self.read()
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
        memo = {**_kept(memo), "move": move.name, "doing": self._describe(move), "moves": moves}
        try:
            outcome = self._make(server, move)
        except Permanent as exc:  # perhaps because it took effect before
            return _look_again({**memo, "refusal": {"detail": exc.detail, "facts": dict(exc.facts)}})
        return self._judge(memo, outcome)

    def read(self) -> Server:
        """The server, once it has settled."""
        server = self._ctx.vim.read_server(self._server_id)
        if server is None:
            raise Temporary(f"server {self._server_id} is not to be seen", self._ctx.pause(4))
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
        error = verdict(outcome, memo.get("doing") or memo["move"])
        return _look_again({**kept, "refusal": {"detail": error.detail, "facts": dict(error.facts)}})

    def _give_up(self, memo: Memo) -> Progress:
        """A look has shown that the refused move is still to be made."""
        refusal = memo["refusal"]
        if memo.get("doubt"):  # the call in doubt may still be at it
            raise Temporary(refusal["detail"], self._ctx.pause(4), **refusal["facts"])
        raise Permanent(refusal["detail"], **refusal["facts"])

    def _describe(self, move: Move) -> str:
        """A move for people: they know a connection point by the name that the VNFD gives it."""
        known = [*self._former, *self._goal.sockets]
        socket = move.socket or next((one for one in known if move.nic and one.nic == move.nic), None)
        if socket is None:
            return move.name
        point = standing.cpd_of(self._ctx.instance, socket.cp) or socket.cp
        return f"{move.act} {point}" + (f" into network {socket.network}" if move.act == "plug" else "")

    def find(self, server: Server, socket: Socket) -> tuple[Socket, Mapping[str, Any] | None]:
        """A CP with its NIC; half-way it may still be the former one."""
        plugged = [one.cp for one in self._goal.plugged]
        nics = dict(zip(plugged, match(server.nics, self._goal), strict=True))
        former = next((one for one in self._former if one.cp == socket.cp), socket)
        old = next((nic for nic in server.nics if nic.id == former.nic), None)
        if nics.get(socket.cp) is None and old is not None:
            return former, _plain(old)
        return socket, _plain(nics.get(socket.cp))


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in ("move", "doing", "moves", "doubt", "rows") if memo.get(key)}


def _look_again(memo: Memo) -> Wait:
    return Wait({**memo, "phase": "refused"}, 0)


def _plain(nic: Nic | None) -> Mapping[str, Any] | None:
    return None if nic is None else {"id": nic.id, "mac": nic.mac_address, "address": nic.address}
