"""What steps share that do something to a server which it may have to be stopped for.

look ──► act ──► job ──► wake ──► done
  └──► halt ──┘ ▲   │
         └──────┴───┘  refused while it runs
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import RUNNING, STOPPED, drive
from vnfm.vim.port import Failed, Outcome, Server, Started


@dataclass(frozen=True, slots=True)
class Deed:
    """``act`` is a call that does no harm when it is repeated. ``obstacle`` says why it cannot be done while
    the server runs, or None; asked only of a running one."""

    act: Callable[[], Outcome]
    obstacle: Callable[[Server], str | None]


def carry_out(ctx: Context, server_id: str, deed: Deed, memo: Memo) -> Progress:
    """Do it, and leave the server in the state in which it was found (``state`` in the memo)."""
    phase = memo.get("phase", "look")
    if phase in {"halt", "wake"}:
        return _power(ctx, server_id, memo, phase)
    if phase == "act":
        return _judge(ctx, memo, deed.act())
    if phase == "job":
        return _judge(ctx, memo, ctx.vim.poll(memo["job"]))
    server = settled(ctx, server_id)
    known = {"state": server.state.lower(), **_known(memo)}
    obstacle = None if server.state.lower() == STOPPED else deed.obstacle(server)
    return Wait({**known, "phase": "halt" if obstacle else "act"}, 0)


def settled(ctx: Context, server_id: str) -> Server:
    """The server, which must be running or stopped."""
    server = ctx.vim.read_server(server_id)
    if server is None or server.state.lower() not in {RUNNING, STOPPED}:
        state = server.state if server else "not to be seen"
        raise Permanent(f"server {server_id} is {state}; heal it first")
    return server


def keeping(progress: Progress, memo: Memo, *names: str) -> Progress:
    """``progress`` with what a rollback must know: nothing but the end makes a step forget it."""
    kept = {name: memo[name] for name in names if name in memo}
    if isinstance(progress, Done):
        return Done({**progress.result, **kept})
    return Wait({**progress.memo, **kept}, progress.delay, progress.watching, progress.job, progress.afresh)


def _known(memo: Memo) -> Memo:
    """How the server was found, whether it was stopped for the deed, and whether that was refused already."""
    return {key: memo[key] for key in ("state", "halted", "again") if memo.get(key)}


def _power(ctx: Context, server_id: str, memo: Memo, phase: str) -> Progress:
    """Down before the change, and as it was after it."""
    wanted = STOPPED if phase == "halt" else memo["state"]
    progress = drive(ctx, server_id, wanted, memo.get("power") or {})
    if isinstance(progress, Done):
        if phase == "halt":
            return Wait({**_known(memo), "phase": "act", "halted": True}, 0)
        return Done({"changed": True})
    after = {**_known(memo), "phase": phase, "power": progress.memo}
    return Wait(after, progress.delay, progress.watching, progress.job)


def _judge(ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
    kept = _known(memo)
    match outcome:
        case Started():
            return watch(ctx, outcome, {**memo, "phase": "job"})
        case Failed() if outcome.interrupted or (memo.get("halted") and not memo.get("again")):
            return Wait({**kept, "phase": "look", "again": True}, ctx.pause(2))
        case Failed() if not memo.get("halted") and memo["state"] == RUNNING:
            return Wait({**kept, "phase": "halt"}, 0)
        case Failed():
            raise verdict(outcome)
        case _:
            return Wait({"phase": "wake", "state": memo["state"]}, 0)
