"""VNFCs that stay and change their size: live where the VIM can, else stopped. Disks that grow."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute, compute_need
from vnfm.lcm.steps.halting import Deed, carry_out, keeping, settled
from vnfm.lcm.steps.jobs import follow
from vnfm.lcm.steps.power import server_of
from vnfm.vim.port import ComputeChoice, Outcome, Server


class ResizeVnfc(Step[Context]):
    """Give a VNFC's server another VIM flavour. Target: its key."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note what it has, then change it."""
        server_id = server_of(ctx, target)
        vdu = standing.vnfc(ctx.instance, target).vdu
        if "former" not in memo:
            former = _former(ctx, settled(ctx, server_id), vdu)
            return Wait({"phase": "look", "former": asdict(former)}, 0)
        deed = _resizing(ctx, server_id, chosen_compute(ctx, vdu))
        return keeping(carry_out(ctx, server_id, deed, memo), memo, "former")

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
        server_id = server_of(ctx, target)
        return carry_out(ctx, server_id, _resizing(ctx, server_id, ComputeChoice(**former)), before)


def _resizing(ctx: Context, server_id: str, choice: ComputeChoice) -> Deed:
    return Deed(
        act=lambda: ctx.vim.resize_server(server_id, choice),
        obstacle=lambda server: ctx.vim.can_resize_live(server, choice),
    )


def _former(ctx: Context, server: Server, vdu: str) -> ComputeChoice:
    """What the server has, as it would be asked for again: sizes of a custom flavour are those of its VDU."""
    flavour = ctx.former_flavour
    meant = ctx.vim.choose_compute(compute_need(ctx, flavour, flavour.vdus[vdu], former=True))
    if meant.flavour_id == server.flavour_id:
        return meant
    return ComputeChoice(server.flavour_id or "", "", server.image_id or "", "")


class GrowRoot(Step[Context]):
    """Grow a VNFC's root disk to what the VNFD now says, stopped if the hypervisor cannot do it live.
    Target: its key. It never shrinks again."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """The VIM says at once if it has that size already."""
        server_id = server_of(ctx, target)
        flavour = ctx.deployment.flavour
        size = flavour.root_disk(flavour.vdus[standing.vnfc(ctx.instance, target).vdu])
        if size is None:
            raise Permanent(f"the VNFD tells no size of the root disk of VNFC {target}")

        def grow() -> Outcome:
            return ctx.vim.resize_volume(_root(ctx, server_id), size)

        return carry_out(ctx, server_id, Deed(grow, lambda _: None), memo)

    def renew(self, memo: Memo) -> Memo:
        """The state in which the server was found."""
        return {"state": memo["state"]} if memo.get("state") else {}


def _root(ctx: Context, server_id: str) -> str:
    root = settled(ctx, server_id).root_volume_id
    if root is None:
        raise Permanent(f"the VIM shows no root disk of server {server_id}")
    return root


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
