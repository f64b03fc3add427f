"""From the NICs a server has to those it shall have, one move at a time: a pure function of what is there.

CloudStack removes no default NIC and plugs no second one into a network, so all others go first, then the
default moves to one that stays or, if none does, to the first new one. A NIC takes the first free place in
the order of devices, and making one the default swaps it with the first: such swaps give any order.
NICs are known by id, or by network and MAC; never by their place. Two NICs of one MAC are never plugged in
together, hypervisors take the one for the other: so the only NIC of a server moves with a MAC of the VIM's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vnfm.domain.wiring import Socket
from vnfm.vim.port import Nic, Server


@dataclass(frozen=True, slots=True)
class Move:
    """``act`` is unplug, plug, default, readdress, stop or start; which of the others it needs follows."""

    act: str
    nic: str = ""
    socket: Socket | None = None

    @property
    def name(self) -> str:
        """Tells it from other moves of the same server."""
        return f"{self.act} {self.nic or (self.socket.cp if self.socket else '')}".strip()


@dataclass(frozen=True, slots=True)
class Goal:
    """The sockets of a server as they shall be. ``changed`` are the CPs whose address is to be seen to,
    ``leaving`` the NICs that can serve none of them; ``runs`` is whether the server shall run in the end."""

    sockets: Sequence[Socket]
    changed: Sequence[str]
    leaving: Sequence[str] = ()
    runs: bool = True

    @property
    def plugged(self) -> list[Socket]:
        """The sockets that shall have a NIC."""
        return [socket for socket in self.sockets if socket.network]


def next_move(server: Server, goal: Goal) -> Move | None:
    """What to do next, or None if all is as wanted."""
    plugged = goal.plugged
    found = match(server.nics, goal)
    move = _replug(server.nics, plugged, found) or _arrange(server.nics, found)
    if move is not None:
        return move
    running = server.state.lower() == "running"
    for socket, nic in zip(plugged, found, strict=True):
        if nic is not None and socket.cp in goal.changed and _has_other_address(nic, socket):
            return Move("stop") if running else Move("readdress", nic.id, socket)
    return Move("start") if goal.runs and not running else None


def match(present: Sequence[Nic], goal: Goal) -> list[Nic | None]:
    """The NIC of each plugged socket, or None. As long as none is there with its own MAC, any MAC will do."""
    found = _match(present, goal, any_mac=False)
    return found if any(found) else _match(present, goal, any_mac=True)


def _match(present: Sequence[Nic], goal: Goal, *, any_mac: bool) -> list[Nic | None]:
    plugged = goal.plugged
    by_id = {nic.id: nic for nic in present}
    known = {socket.nic for socket in plugged}
    free = [nic for nic in present if nic.id not in known and nic.id not in goal.leaving]
    found: list[Nic | None] = []
    for socket in plugged:
        fitting = (nic for nic in free if _fits(nic, socket, any_mac))
        nic = by_id.get(socket.nic or "") or next(fitting, None)
        if nic in free:
            free.remove(nic)
        found.append(nic)
    return found


def _fits(nic: Nic, socket: Socket, any_mac: bool) -> bool:
    return nic.network_id == socket.network and (any_mac or not socket.mac or _has_mac(nic, socket))


def _has_mac(nic: Nic, socket: Socket) -> bool:
    return (nic.mac_address or "").lower() == (socket.mac or "").lower()


def _has_other_address(nic: Nic, socket: Socket) -> bool:
    return bool(socket.address and nic.address and nic.address != socket.address)


def _replug(present: Sequence[Nic], plugged: Sequence[Socket], found: Sequence[Nic | None]) -> Move | None:
    staying = [nic for nic in found if nic is not None]
    missing = [socket for socket, nic in zip(plugged, found, strict=True) if nic is None]
    for nic in present:
        if nic not in staying and not nic.is_default:
            return Move("unplug", nic.id)
    if any(nic not in staying for nic in present):  # the default one
        return Move("default", staying[0].id) if staying else _plug(present, missing)
    return _plug(present, missing) if missing else None


def _plug(present: Sequence[Nic], missing: Sequence[Socket]) -> Move:
    """One whose network no NIC is in that has yet to go, best with a MAC that none has either; else the VIM
    gives one for the time being."""
    networks = {nic.network_id for nic in present}
    fitting = [socket for socket in missing if socket.network not in networks] or list(missing)
    for socket in fitting:
        if not any(_has_mac(nic, socket) for nic in present):
            return Move("plug", socket=socket)
    return Move("plug", socket=replace(fitting[0], mac=None))


def _arrange(present: Sequence[Nic], found: Sequence[Nic | None]) -> Move | None:
    """All are there: swap with the first until the order is that of the sockets."""
    goal = [nic.id for nic in found if nic is not None]
    order = [nic.id for nic in present]
    if order == goal:
        return None
    place = goal.index(order[0])
    if place:
        return Move("default", order[place])
    return Move("default", next(here for here, wish in zip(order, goal, strict=True) if here != wish))
