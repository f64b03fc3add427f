"""VNFCs that stay and change their size: live where the VIM can, else stopped. Data disks that grow."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from vnfm.domain import standing
from vnfm.domain.deployment import pick_flavour
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute, compute_need
from vnfm.lcm.steps.jobs import follow, verdict, watch
from vnfm.lcm.steps.power import RUNNING, STOPPED, drive, server_of
from vnfm.vim.port import ComputeChoice, Failed, Outcome, Server, Started


class ResizeVnfc(Step[Context]):
    """Give a VNFC's server another VIM flavour. Target: its key.

    look ──► resize ──► job ──► wake ──► done
       └──► halt ──┘ ▲   │
             └───────┴───┘  the hypervisor refused to do it live
    """

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note what it has, then change it."""
        server_id = server_of(ctx, target)
        vdu = standing.vnfc(ctx.instance, target).vdu
        if "former" not in memo:
            server = _seen(ctx, server_id)
            return Wait({"phase": "look", "former": asdict(_former(ctx, server, vdu))}, 0)
        progress = self._change(ctx, server_id, chosen_compute(ctx, vdu), memo)
        return _keeping(progress, memo)

    def renew(self, memo: Memo) -> Memo:
        """A rollback after the retry must still know what it had."""
        return {key: memo[key] for key in ("former", "state") if memo.get(key)}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Give it back what it had."""
        entry = ctx.op.step(f"resize_vnfc:{target}")
        former = entry.memo.get("former") or entry.result.get("former")
        if former is None:
            return Done({})
        before = {"state": entry.memo.get("state"), **memo} if entry.memo.get("state") else memo
        return self._change(ctx, server_of(ctx, target), ComputeChoice(**former), before)

    def _change(self, ctx: Context, server_id: str, choice: ComputeChoice, memo: Memo) -> Progress:
        phase = memo.get("phase", "look")
        if phase in {"halt", "wake"}:
            return self._power(ctx, server_id, memo, phase)
        if phase == "resize":
            return self._judge(ctx, memo, ctx.vim.resize_server(server_id, choice))
        if phase == "job":
            return self._judge(ctx, memo, ctx.vim.poll(memo["job"]))
        server = _seen(ctx, server_id)
        state = memo.get("state") or server.state.lower()
        obstacle = None if server.state.lower() == STOPPED else ctx.vim.can_resize_live(server, choice)
        return Wait({"phase": "halt" if obstacle else "resize", "state": state}, 0)

    def _power(self, ctx: Context, server_id: str, memo: Memo, phase: str) -> Progress:
        """Down before the change, and as it was after it."""
        wanted = STOPPED if phase == "halt" else memo["state"]
        progress = drive(ctx, server_id, wanted, memo.get("power") or {})
        if isinstance(progress, Done):
            if phase == "halt":
                return Wait({"phase": "resize", "state": memo["state"], "halted": True}, 0)
            return Done({"changed": True})
        after = {key: memo[key] for key in ("phase", "state", "halted") if memo.get(key)}
        return Wait({**after, "power": progress.memo}, progress.delay, progress.watching, progress.job)

    def _judge(self, ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
        kept = {key: memo[key] for key in ("state", "halted", "again") if memo.get(key)}
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


def _keeping(progress: Progress, memo: Memo) -> Progress:
    """Nothing but the end makes the step forget what the server had before."""
    former = {"former": memo["former"]}
    if isinstance(progress, Done):
        return Done({**progress.result, **former})
    return Wait({**progress.memo, **former}, progress.delay, progress.watching, progress.job, progress.afresh)


def _seen(ctx: Context, server_id: str) -> Server:
    server = ctx.vim.read_server(server_id)
    if server is None or server.state.lower() not in {RUNNING, STOPPED}:
        state = server.state if server else "not to be seen"
        raise Permanent(f"server {server_id} is {state}; heal it first")
    return server


def _former(ctx: Context, server: Server, vdu: str) -> ComputeChoice:
    """What the server has, as it would be asked for again: sizes of a custom flavour are those of its VDU."""
    flavour = pick_flavour(ctx.source_vnfd, (ctx.instance.instantiated_vnf_info or {})["flavourId"])
    meant = ctx.vim.choose_compute(compute_need(ctx, flavour, flavour.vdus[vdu], former=True))
    if meant.flavour_id == server.flavour_id:
        return meant
    return ComputeChoice(server.flavour_id or "", "", server.image_id or "", "")


class GrowVolume(Step[Context]):
    """Grow a data disk to what the VNFD now says. Target: VNFC key/storage id. It never shrinks again."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask, or see how it stands; the VIM says at once if it has that size already."""
        key, _, storage = target.partition("/")
        volume = standing.vnfc(ctx.instance, key).volumes[storage]
        if memo.get("phase") == "job":
            outcome: Outcome = ctx.vim.poll(memo["job"])
        else:
            outcome = ctx.vim.resize_volume(volume, ctx.deployment.flavour.storages[storage].size)
        progress = follow(ctx, outcome, {**memo, "phase": "job", "id": volume})
        return Done({"id": volume, "changed": True}) if isinstance(progress, Done) else progress
