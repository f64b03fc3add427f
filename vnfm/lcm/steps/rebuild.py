"""A fresh root disk under a VNFC's server; id, NICs, addresses and data disks stay. Targets are VNFC keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from vnfm.domain import standing
from vnfm.domain.vnfd import Flavour
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent, Temporary
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import RUNNING, SETTLING, STOPPED, drive
from vnfm.vim.port import Failed, Outcome, Server, Started


class RebuildVnfc(Step[Context]):
    """HEAL: from the image it has."""

    recovery: ClassVar[Recovery] = Recovery.PROBE

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Replace the root disk, and see that there is another one and that the server runs."""
        return rebuild(ctx, target, memo, None)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Another root disk than before is the proof that it was done."""
        if memo.get("phase") not in {"act", "job"}:
            return self.advance(ctx, target, memo)
        server = ctx.vim.read_server(standing.vnfc(ctx.instance, target).server)
        if server is not None and server.state.lower() in SETTLING:
            raise Temporary(f"server {server.id} is {server.state}", ctx.pause(2))
        if server is not None and server.root_volume_id != memo.get("root"):
            return Wait(_next(memo, "verify"), 0)
        return Wait(_next(memo, "act"), 0, afresh=True)

    def renew(self, memo: Memo) -> Memo:
        """The root disk of before is what a doubt is settled by; before a call was made there is none."""
        return _next(memo, "act") if memo.get("root") else {}


class UpgradeVnfc(RebuildVnfc):
    """CHANGE_VNFPKG: from the image of the new version; back from the former image when undone."""

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Note the image it has, then rebuild from the new one."""
        vnfc = standing.vnfc(ctx.instance, target)
        if "image" not in memo:
            return Wait({"phase": "look", "image": _seen(ctx, vnfc.server).image_id}, 0)
        image = chosen_compute(ctx, vnfc.vdu).image_id
        first_boot = _first_boot(ctx.deployment.flavour, ctx.former_flavour, vnfc.vdu)
        return rebuild(ctx, target, memo, image, first_boot)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """The former software, on a root disk that is fresh again."""
        made = ctx.op.step(f"upgrade_vnfc:{target}")
        image = made.result.get("image") or made.memo.get("image")
        root = made.result.get("root") or made.memo.get("root")
        vnfc = standing.vnfc(ctx.instance, target)
        server = _seen(ctx, vnfc.server)
        if image is None or root is None:
            return Done({})
        first_boot = _first_boot(ctx.former_flavour, ctx.deployment.flavour, vnfc.vdu)
        if not memo and server.root_volume_id == root:  # nothing but the user data can be another
            _tell(ctx, vnfc.server, first_boot)
            return Done({})
        progress = rebuild(ctx, target, memo, image, first_boot)
        if isinstance(progress, Done):
            lost = f"VNFC {target} runs its former image again; what its root disk held is not restored"
            return Done({"left": lost})
        return progress


@dataclass(frozen=True, slots=True)
class FirstBoot:
    """What a fresh root disk is to have besides its image: bytes, and what the guest is told. None leaves
    that as it was."""

    root_disk: int | None = None
    user_data: str | None = None


def _first_boot(flavour: Flavour, other: Flavour, vdu: str) -> FirstBoot:
    """That of ``flavour``, as far as it is not that of the other."""
    mine, its = flavour.vdus[vdu], other.vdus[vdu]
    size = flavour.root_disk(mine)
    return FirstBoot(
        root_disk=None if size == other.root_disk(its) else size,
        user_data=None if mine.user_data == its.user_data else mine.user_data,
    )


def rebuild(
    ctx: Context, target: str, memo: Memo, image: str | None, first_boot: FirstBoot | None = None
) -> Progress:
    """look ──► act ──► job ──► verify: the root disk of before is noted first."""
    vnfc = standing.vnfc(ctx.instance, target)
    phase = memo.get("phase", "look")
    if phase == "look":
        return Wait({**memo, "phase": "act", "root": _seen(ctx, vnfc.server).root_volume_id}, 0)
    if phase == "act":
        wanted_boot = first_boot or FirstBoot()
        _tell(ctx, vnfc.server, wanted_boot)
        return _judge(ctx, memo, ctx.vim.rebuild_server(vnfc.server, image, wanted_boot.root_disk))
    if phase == "job":
        return _judge(ctx, memo, ctx.vim.poll(memo["job"]))
    wanted = STOPPED if standing.vnfc_state(ctx.instance, vnfc.id) == "STOPPED" else RUNNING
    progress = drive(ctx, vnfc.server, wanted, memo.get("power") or {}, force=True)
    if isinstance(progress, Done):
        return Done({**_kept(memo), "action": "rebuild", "changed": True})
    return replace(progress, memo={**_next(memo, "verify"), "power": progress.memo})


def _tell(ctx: Context, server_id: str, first_boot: FirstBoot) -> None:
    if first_boot.user_data is None:
        return
    told = ctx.vim.set_user_data(server_id, first_boot.user_data)
    if isinstance(told, Failed):
        raise verdict(told, "telling it its user data")


def _judge(ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
    match outcome:
        case Started():
            return watch(ctx, outcome, {**memo, "phase": "job"})
        case Failed():
            raise verdict(outcome)
        case _:
            return Wait(_next(memo, "verify"), 0)


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in ("root", "image") if memo.get(key)}


def _next(memo: Memo, phase: str) -> Memo:
    return {**_kept(memo), "phase": phase}


def _seen(ctx: Context, server_id: str) -> Server:
    server = ctx.vim.read_server(server_id)
    if server is None:
        raise Permanent(f"server {server_id} is not to be seen in the VIM; re-create it with HEAL")
    return server
