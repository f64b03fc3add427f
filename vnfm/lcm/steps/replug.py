"""VNFCs that stay: what must be right before one is touched, and NICs that come, go and change order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.errors import Permanent
from vnfm.lcm import evolution, replugs
from vnfm.lcm.context import Context
from vnfm.lcm.plugging import Goal
from vnfm.lcm.steps.finalise import stored_instance
from vnfm.lcm.steps.moving import Mover
from vnfm.lcm.steps.power import RUNNING, STOPPED
from vnfm.vim.port import Server

#: Steps that CloudStack refuses while there are snapshots of the server: NICs and disks are frozen.
_FROZEN = frozenset({"replug_vnfc", "upgrade_vnfc", "grow_root", "grow_volume", "add_volume"})
#: Steps on a VNFC that stays which may go on all the same.
_FREE = frozenset({"resize_vnfc", "regroup_vnfc"})


class CheckStanding(Step[Context]):
    """The servers of VNFCs that stay must let themselves be changed. Result: which of them run."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look at each: its state, its snapshots, its NICs."""
        frozen, free = _touched(ctx)
        runs = {key: _look(ctx, key, frozen=key in frozen) for key in sorted(frozen | free)}
        for key in replugs.keys(ctx):
            found = replugs.plugs(ctx, key)  # the grant's links may differ from the request's
            _check_nics(ctx, key, [socket.nic for socket in found.before if socket.nic])
        return Done({"runs": runs})


def _touched(ctx: Context) -> tuple[set[str], set[str]]:
    """Keys of VNFCs that stay and are to be changed: those whose NICs or disks are, and others."""
    stay = {vnfc.key for vnfc in standing.vnfcs(ctx.instance)}
    frozen = {e.target.partition("/")[0] for e in ctx.op.steps if e.name in _FROZEN} & stay
    free = {e.target for e in ctx.op.steps if e.name in _FREE}
    removed = {e.target for e in ctx.op.steps if e.name == "remove"}
    frozen |= {vnfc.key for vnfc in standing.losing_disks(ctx.instance, removed)}
    return frozen, free


def _look(ctx: Context, key: str, *, frozen: bool) -> bool:
    vnfc = standing.vnfc(ctx.instance, key)
    named = f"server {vnfc.server} of VNFC {key} (VDU {vnfc.vdu!r})"
    server = ctx.vim.read_server(vnfc.server)
    if server is None or server.state.lower() not in {RUNNING, STOPPED}:
        state = server.state if server else "not to be seen in the VIM"
        raise Permanent(f"{named} is {state}; heal it first")
    snapshots = [one.name for one in ctx.vim.find_snapshots(vnfc.server)] if frozen else []
    if snapshots:
        raise Permanent(
            f"{named} has snapshots ({', '.join(snapshots)}), and the VIM changes no NIC and no disk while "
            "there is one: delete them (DELETE vnf_snapshots) first"
        )
    return server.state.lower() == RUNNING


def _check_nics(ctx: Context, key: str, wanted: Sequence[str]) -> None:
    vnfc = standing.vnfc(ctx.instance, key)
    server = ctx.vim.read_server(vnfc.server)
    there = {nic.id for nic in server.nics} if server else set()
    missing = sorted(set(wanted) - there)
    if missing:
        raise Permanent(
            f"server {vnfc.server} of VNFC {key} (VDU {vnfc.vdu!r}) has lost the NIC {missing[0]} of its "
            "record; heal it first (additionalParams.action recreate)"
        )


class ReplugVnfc(Step[Context]):
    """Give a VNFC's server the NICs of its VDU as it is now. Target: its key. Result: ``rows`` (see
    ``replugs``) and ``lost``; the record follows with the last step."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Towards the new connection points."""
        mover = _Replugging(ctx, target, "after")
        progress = mover.go_on(memo)
        if isinstance(progress, Done):
            return Done({**progress.result, "lost": mover.lost(), "changed": True})
        return progress

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Every call is preceded by a look; after a doubt a refusal may only mean that it is done already."""
        return self.advance(ctx, target, {**memo, "doubt": True})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Towards the former ones: a NIC plugged in anew has its former MAC and address."""
        return _Replugging(ctx, target, "before").go_on(memo)


class _Replugging(Mover):
    """To one side of ``replugs.plugs``."""

    def __init__(self, ctx: Context, target: str, side: str) -> None:
        self._plugs = replugs.plugs(ctx, target)
        self._forth = side == "after"
        before, after = self._plugs.before, self._plugs.after
        leaving = [str(socket.nic) for socket in replugs.gone(self._plugs)] if self._forth else []
        sockets = after if self._forth else before
        changed = [socket.cp for socket in sockets if socket not in before or socket not in after]
        runs = ctx.result("check_standing")["runs"][target]
        server = standing.vnfc(ctx.instance, target).server
        super().__init__(ctx, server, Goal(sockets, changed, leaving, runs), before)

    def rows(self, server: Server) -> list[Mapping[str, Any]]:
        """Of every CP, in the order of devices."""
        return [
            replugs.row(self._ctx, socket, self.find(server, socket)[1], self._plugs.new.get(socket.cp))
            for socket in self._goal.sockets
        ]

    def record(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """On the way back only, since a NIC that was plugged in anew has another id. Forth, the journal is
        enough: ``aftermath`` derives the record from it."""
        if self._forth:
            return
        op = self._ctx.op
        info = stored_instance(self._ctx).instantiated_vnf_info or {}
        changes = {"instantiated_vnf_info": evolution.with_nics(info, rows)}
        self._ctx.ports.instances.update(op.tenant, op.vnf_instance_id, changes)

    def lost(self) -> list[Mapping[str, Any]]:
        """What the journal keeps of the CPs that went."""
        return replugs.lost(self._ctx, self._plugs)
