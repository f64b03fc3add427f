"""Bringing servers into a power state: start, stop, reboot. Targets are VNFC keys.

    look ──► act ──► job ──► look … until the server is seen in the state that is wanted
              ▲       │
              └─force─┘  the time-out of a graceful stop is over, or the guest did not obey

No verdict without a look: a second start of a running server is an error in the VIM, and a job that was cut
off may have done its work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import settle, verdict, watch
from vnfm.vim.port import Failed, Outcome, Started

#: On the way from one state to another: look again.
SETTLING = frozenset({"starting", "stopping", "migrating", "restoring"})
RUNNING, STOPPED = "running", "stopped"


def server_of(ctx: Context, key: str) -> str:
    """The VIM id of a VNFC's server: the one this operation has made in its place, or that of the record."""
    for entry in ctx.op.steps:
        if entry.name == "recreate_vnfc" and entry.target == key and entry.result.get("id"):
            return str(entry.result["id"])
    return standing.vnfc(ctx.instance, key).server


def drive(
    ctx: Context,
    server_id: str,
    wanted: str,
    memo: Memo,
    *,
    force: bool = False,
    timeout: float | None = None,
) -> Progress:
    """Bring a server into a state. ``Done`` tells its ``former`` state and whether it has ``changed``.

    A stop that is not forced lets the guest shut down; after ``timeout`` seconds, or when the VIM reports
    that it failed, the plug is pulled.
    """
    memo = {**memo, "begun": memo.get("begun") or ctx.now.isoformat()}
    phase = memo.get("phase", "look")
    if phase == "job":
        return _follow(ctx, wanted, memo, timeout)
    if phase in {"act", "force"}:
        forced = force or phase == "force"
        act = ctx.vim.start_server
        outcome = ctx.vim.stop_server(server_id, force=forced) if wanted == STOPPED else act(server_id)
        return _judge(ctx, wanted, {**memo, "phase": "job", "forced": forced}, outcome)
    return _look(ctx, server_id, wanted, memo)


def _look(ctx: Context, server_id: str, wanted: str, memo: Memo) -> Progress:
    server = ctx.vim.read_server(server_id)
    if server is None:
        raise Permanent(f"server {server_id} is not to be seen in the VIM; HEAL can re-create it")
    state = server.state.lower()
    if state in SETTLING:
        return settle(ctx, server, {**memo, "phase": "look"})
    former = memo.get("former") or state
    if state == wanted:
        return Done({"former": former, "changed": former != wanted, "forced": bool(memo.get("forced"))})
    failure = memo.get("failure")
    if failure:
        raise Permanent(failure["detail"], **failure["facts"])
    if state not in {RUNNING, STOPPED}:
        raise Permanent(f"server {server_id} is {server.state}; HEAL can re-create it")
    return Wait({**_kept(memo), "former": former, "phase": "act"}, 0)


def _follow(ctx: Context, wanted: str, memo: Memo, timeout: float | None) -> Progress:
    outcome = ctx.vim.poll(memo["job"])
    polite = wanted == STOPPED and not memo["forced"]
    if isinstance(outcome, Started) and polite and timeout is not None:
        if ctx.elapsed(memo["begun"]) >= timeout:
            return Wait({**_kept(memo), "phase": "force"}, 0)
        return watch(ctx, outcome, memo, least=timeout)
    return _judge(ctx, wanted, memo, outcome)


def _judge(ctx: Context, wanted: str, memo: Memo, outcome: Outcome) -> Progress:
    if isinstance(outcome, Started):
        return watch(ctx, outcome, memo)
    after: dict[str, Any] = {**_kept(memo), "forced": memo["forced"]}
    if isinstance(outcome, Failed) and not outcome.interrupted:
        if wanted == STOPPED and not memo["forced"]:
            return Wait({**after, "phase": "force"}, 0)
        error = verdict(outcome)
        after["failure"] = {"detail": error.detail, "facts": dict(error.facts)}
    return Wait({**after, "phase": "look"}, 0)


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in ("begun", "former") if memo.get(key)}


def former_state(ctx: Context, key: str) -> str | None:
    """The power state that a step of this operation found a server in, if it has come so far."""
    entry = ctx.op.step(key)
    found = entry.result.get("former") or entry.memo.get("former")
    return str(found) if found else None


class _Power(Step[Context]):
    """A step that changes the power state, and puts it back when it is undone."""

    recovery: ClassVar[Recovery] = Recovery.RERUN
    name: ClassVar[str]

    def renew(self, memo: Memo) -> Memo:
        """A rollback after the retry must still know how it was."""
        return {"former": memo["former"]} if memo.get("former") else {}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Back to the state in which it was found."""
        former = former_state(ctx, f"{self.name}:{target}")
        if former not in {RUNNING, STOPPED}:
            return Done({})
        return drive(ctx, server_of(ctx, target), former, memo, force=True)


class StartVnfc(_Power):
    """Start a VNFC's server. One that runs is left alone."""

    name: ClassVar[str] = "start_vnfc"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """See that it runs."""
        return drive(ctx, server_of(ctx, target), RUNNING, memo)


class HaltVnfc(_Power):
    """Stop a VNFC's server as the request says: GRACEFUL with its time-out, or by force."""

    name: ClassVar[str] = "halt_vnfc"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """See that it is stopped."""
        force = ctx.op.params.get("stopType") != "GRACEFUL"
        timeout = None if force else graceful_timeout(ctx)
        return drive(ctx, server_of(ctx, target), STOPPED, memo, force=force, timeout=timeout)


def graceful_timeout(ctx: Context) -> float | None:
    """Seconds a guest is given: the request's, else what the VNFD recommends at most, else no limit."""
    asked = ctx.op.params.get("gracefulStopTimeout")
    if asked is not None:
        return float(asked)
    return standing.flavour_of(ctx.instance, ctx.vnfd).operations.max_recommended_graceful_stop_timeout


class RebootVnfc(Step[Context]):
    """The lightest way to heal: reboot a running server, start a stopped one. One that needs more is left to
    the steps that follow. A second reboot does no harm."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Do what the diagnosis says."""
        rung = ctx.result(f"diagnose_vnfc:{target}")["action"]
        if rung not in {"reboot", "start"}:
            return Done({"skipped": True})
        server = server_of(ctx, target)
        if memo.get("phase") == "rebooting":
            return self._rebooted(ctx, server, memo, ctx.vim.poll(memo["job"]))
        if rung == "reboot" and not memo.get("rebooted"):
            return self._rebooted(ctx, server, {"phase": "rebooting"}, ctx.vim.reboot_server(server))
        progress = drive(ctx, server, RUNNING, memo)
        if isinstance(progress, Done):
            return Done({"action": rung, "changed": True})
        return replace(progress, memo={**progress.memo, "rebooted": memo.get("rebooted")})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A server that was found stopped is stopped again; a reboot leaves nothing to take back."""
        if ctx.result(f"diagnose_vnfc:{target}").get("action") != "start":
            return Done({})
        return drive(ctx, server_of(ctx, target), STOPPED, memo, force=True)

    def _rebooted(self, ctx: Context, server: str, memo: Memo, outcome: Outcome) -> Progress:
        """The job's word is not enough: the server must be seen running. One that had stopped is started."""
        if isinstance(outcome, Started):
            return watch(ctx, outcome, memo)
        if isinstance(outcome, Failed) and not outcome.interrupted:
            found = ctx.vim.read_server(server)
            if found is None or found.state.lower() != STOPPED:
                raise verdict(outcome)
        return Wait({"phase": "look", "rebooted": True}, 0)
