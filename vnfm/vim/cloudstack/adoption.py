"""Decides what to do with the servers that earlier tries of one name left behind. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.vim.port import Server, Survey

#: States in which a server is past saving, whoever recorded it.
DEAD = frozenset({"Error", "Destroyed", "Expunging"})
#: The better to adopt comes first.
ALIVE = ("Running", "Starting", "Stopped")
BODY = frozenset({"Error", "Stopped"})


def adopt(candidates: Sequence[Server], recorded_id: str | None) -> Survey:
    """At most one to adopt: the recorded one unless it is dead, else Running, Starting, Stopped, oldest
    first. Bodies are those that never went into service and are in Error or Stopped. All else that is not
    dead is a twin that nobody may touch unseen."""
    chosen = _choose(candidates, recorded_id)
    rest = [server for server in candidates if chosen is None or server.id != chosen.id]
    bodies = [server for server in rest if server.state in BODY and not server.in_service]
    others = [server for server in rest if server not in bodies and server.state not in DEAD]
    return Survey(adopt=chosen, bodies=tuple(bodies), others=tuple(others))


def _choose(candidates: Sequence[Server], recorded_id: str | None) -> Server | None:
    for server in candidates:
        if server.id == recorded_id and server.state not in DEAD:
            return server
    for state in ALIVE:
        for server in candidates:
            if server.state == state:
                return server
    return None
