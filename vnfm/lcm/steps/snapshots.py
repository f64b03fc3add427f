"""Snapshots of VNFCs: look, bring to rest, go back, wake. Targets are VNFC keys; ``taking`` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.domain.operation import OperationType
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.standing import StandingVnfc
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.snapshots import ROOT, mode_of
from vnfm.lcm.steps.filling import info_of
from vnfm.lcm.steps.finalise import Rewrite
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import RUNNING, STOPPED, drive, former_state
from vnfm.lcm.steps.taking import facts_of
from vnfm.vim.port import Failed, Kind, Outcome, RoomSpec, Server, Snapshot, Started

#: CloudStack's vmsnapshot.max, as it comes.
MOST_SNAPSHOTS = 10


class CheckSnapshot(Step[Context]):
    """All that can be found wrong before the first VNFC is touched. Result: what each one needs."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look at every server and its snapshots."""
        check = _check_revert if ctx.op.type is OperationType.REVERT_TO_SNAPSHOT else _check_create
        info = info_of(ctx)
        vnfcs = {}
        for vnfc in standing.vnfcs(ctx.instance):
            server = ctx.vim.read_server(vnfc.server)
            if server is None or server.state.lower() not in {RUNNING, STOPPED}:
                state = "not to be seen" if server is None else server.state
                raise Permanent(
                    f"server {vnfc.server} of VNFC {vnfc.key} is {state}; it must be Running or Stopped"
                )
            vnfcs[vnfc.key] = {"server": vnfc.server, **check(ctx, info, vnfc, server)}
        if ctx.op.type is OperationType.CREATE_SNAPSHOT and mode_of(ctx.op.params) == "volumes":
            ctx.vim.check_room(RoomSpec(volume_snapshots=sum(len(one["disks"]) for one in vnfcs.values())))
        return Done({"vnfcs": vnfcs, "begun": ctx.now.isoformat()})


def _check_create(ctx: Context, info: SnapshotInfo, vnfc: StandingVnfc, server: Server) -> Mapping[str, Any]:
    """``disks`` by name and id; ``foreign`` are disks of the server that nobody of ours has made."""
    mode = mode_of(ctx.op.params)
    foreign = sorted(set(ctx.vim.list_volumes(vnfc.server)) - set(vnfc.volumes.values()))
    if mode == "volumes":
        _check_disks(vnfc, server, foreign)
    elif len(ctx.vim.find_snapshots(vnfc.server)) >= MOST_SNAPSHOTS:
        raise Permanent(
            f"server {server.id} of VNFC {vnfc.key} has {MOST_SNAPSHOTS} snapshots or more, which is all "
            "that the VIM admits: delete some (DELETE vnf_snapshots), then retry"
        )
    runs = server.state.lower() == RUNNING
    return {
        "memory": mode == "memory" and runs,
        "runs": runs,
        "disks": {ROOT: server.root_volume_id, **vnfc.volumes},
        "foreign": foreign if server.root_volume_id else [*foreign, ROOT],
    }


def _check_disks(vnfc: StandingVnfc, server: Server, foreign: Sequence[str]) -> None:
    if foreign:
        raise Permanent(
            f"server {server.id} of VNFC {vnfc.key} has disks that its record does not know "
            f"({', '.join(foreign)}); snapshots of the known ones alone would not be the VNFC"
        )
    if server.root_volume_id is None:
        raise Permanent(f"the VIM does not tell the root disk of server {server.id} of VNFC {vnfc.key}")


def _check_revert(ctx: Context, info: SnapshotInfo, vnfc: StandingVnfc, server: Server) -> Mapping[str, Any]:
    """``snapshots`` is what the VNFC goes back to, in this order."""
    taken = (info.taken or {})[vnfc.key]
    if taken.get("id"):
        there = next((one for one in ctx.vim.find_snapshots(vnfc.server) if one.id == taken["id"]), None)
        _require(vnfc, there)
        return {"memory": taken["memory"], "snapshots": [{"kind": str(Kind.SNAPSHOT), "id": taken["id"]}]}
    now = {ROOT: server.root_volume_id, **vnfc.volumes}
    for name, disk in taken["disks"].items():
        if disk["volume"] != now.get(name):
            raise Permanent(
                f"disk {name} of VNFC {vnfc.key} is another one than was taken; nothing was changed"
            )
        found = ctx.vim.find_volume_snapshots(disk["volume"])
        _require(vnfc, next((one for one in found if one.id == disk["id"]), None))
    disks = [{"kind": str(Kind.VOLUME_SNAPSHOT), "id": disk["id"]} for disk in taken["disks"].values()]
    return {"memory": False, "snapshots": disks}


def _require(vnfc: StandingVnfc, there: Snapshot | None) -> None:
    if there is None or there.state.lower() == "error":
        state = "is gone" if there is None else f"is {there.state}"
        raise Permanent(f"a snapshot of VNFC {vnfc.key} {state} in the VIM; nothing was changed")


class QuietVnfc(Step[Context]):
    """Bring a VNFC's server into the state that taking or reverting needs, gracefully."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A snapshot with memory wants it running, one without stopped."""
        facts = facts_of(ctx, target)
        return drive(ctx, facts["server"], RUNNING if facts["memory"] else STOPPED, memo)

    def renew(self, memo: Memo) -> Memo:
        """A rollback after the retry must still know how it was."""
        return {"former": memo["former"]} if memo.get("former") else {}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Back to the state in which it was found."""
        return _as_before(ctx, target, memo)


def _as_before(ctx: Context, target: str, memo: Memo) -> Progress:
    former = former_state(ctx, f"quiet_vnfc:{target}")
    if former not in {RUNNING, STOPPED}:
        return Done({})
    return drive(ctx, facts_of(ctx, target)["server"], former, memo)


class WakeVnfc(Step[Context]):
    """After the last snapshot: as it was before."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Start or stop it, if it was brought into another state."""
        return _as_before(ctx, target, memo)


class RevertVnfc(Step[Context]):
    """Take one VNFC back, its disks one after the other if they were taken so. Doing it twice does no further
    harm; what was there is lost."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Submit, or see how the job stands."""
        wanted = facts_of(ctx, target)["snapshots"]
        place = int(memo.get("place", 0))
        if place >= len(wanted):
            return Done({"reverted": [one["id"] for one in wanted], "changed": True})
        here = {"place": place}
        outcome = ctx.vim.poll(memo["job"]) if memo.get("phase") == "job" else _revert(ctx, wanted[place])
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, **here, "phase": "job"})
        if isinstance(outcome, Failed):
            if outcome.interrupted:
                return Wait({**here, "phase": "again"}, ctx.pause(3))
            raise verdict(outcome, f"{wanted[place]['kind']} {wanted[place]['id']}")
        return Wait({"place": place + 1, "phase": "next"}, 0)


def _revert(ctx: Context, snapshot: Mapping[str, str]) -> Outcome:
    if snapshot["kind"] == Kind.VOLUME_SNAPSHOT:
        return ctx.vim.revert_volume_snapshot(snapshot["id"])
    return ctx.vim.revert_snapshot(snapshot["id"])


class FinaliseRevert(Rewrite):
    """The VNFCs are as they were then; ids, addresses and links have not changed since."""

    name: ClassVar[str] = "finalise_revert"

    def changes(self, ctx: Context, target: str) -> Mapping[str, Any]:
        """The instance only learns who was here."""
        return {}
