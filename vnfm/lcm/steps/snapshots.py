"""Snapshots of VNFCs: look, bring to rest, take or go back, wake. Targets are VNFC keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from vnfm.domain import standing
from vnfm.domain.ids import derive, label
from vnfm.domain.operation import OperationType
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm.connectivity import handle
from vnfm.lcm.context import Context
from vnfm.lcm.snapshots import mode_of
from vnfm.lcm.steps.finalise import settle
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import RUNNING, STOPPED, drive, former_state
from vnfm.lcm.steps.removal import remove_all
from vnfm.vim.port import Failed, Kind, Outcome, Resource, Server, Snapshot, SnapshotSpec, Started

#: CloudStack's vmsnapshot.max, as it comes.
MOST_SNAPSHOTS = 10


def info_of(ctx: Context) -> SnapshotInfo:
    """The VnfSnapshotInfo of the request; ``Permanent`` if it was deleted meanwhile."""
    found = ctx.snapshots.get(ctx.op.tenant, ctx.op.params["vnfSnapshotInfoId"])
    if found is None:
        raise Permanent(f"the VNF snapshot {ctx.op.params['vnfSnapshotInfoId']} has been deleted")
    return found


class CheckSnapshot(Step[Context]):
    """All that can be found wrong before the first VNFC is touched. Result: what each one needs."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look at every server and its snapshots."""
        check = self._check_revert if ctx.op.type is OperationType.REVERT_TO_SNAPSHOT else self._check_create
        info = info_of(ctx)
        vnfcs = {}
        for vnfc in standing.vnfcs(ctx.instance):
            server = ctx.vim.read_server(vnfc.server)
            if server is None or server.state.lower() not in {RUNNING, STOPPED}:
                state = "not to be seen" if server is None else server.state
                raise Permanent(
                    f"server {vnfc.server} of VNFC {vnfc.key} is {state}; it must be Running or Stopped"
                )
            found = ctx.vim.find_snapshots(vnfc.server)
            vnfcs[vnfc.key] = {"server": vnfc.server, **check(ctx, info, vnfc.key, server, found)}
        return Done({"vnfcs": vnfcs, "begun": ctx.now.isoformat()})

    def _check_create(
        self, ctx: Context, info: SnapshotInfo, key: str, server: Server, found: Sequence[Snapshot]
    ) -> Mapping[str, Any]:
        if len(found) >= MOST_SNAPSHOTS:
            raise Permanent(
                f"server {server.id} of VNFC {key} has {len(found)} snapshots and the VIM admits "
                f"{MOST_SNAPSHOTS}: delete some (DELETE vnf_snapshots), then retry"
            )
        runs = server.state.lower() == RUNNING
        return {"memory": mode_of(ctx.op.params) == "memory" and runs}

    def _check_revert(
        self, ctx: Context, info: SnapshotInfo, key: str, server: Server, found: Sequence[Snapshot]
    ) -> Mapping[str, Any]:
        taken = (info.taken or {}).get(key)
        there = next((one for one in found if taken and one.id == taken["id"]), None)
        if there is None or not there.ready:
            state = "is gone" if there is None else f"is {there.state}"
            raise Permanent(f"the snapshot of VNFC {key} {state} in the VIM; nothing was changed")
        return {"memory": there.memory, "snapshot": there.id}


def _facts(ctx: Context, key: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = ctx.result("check_snapshot")["vnfcs"][key]
    return facts


class QuietVnfc(Step[Context]):
    """Bring a VNFC's server into the state that taking or reverting needs, gracefully."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A snapshot with memory wants it running, one without stopped."""
        facts = _facts(ctx, target)
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
    return drive(ctx, _facts(ctx, target)["server"], former, memo)


class WakeVnfc(Step[Context]):
    """After the last snapshot: as it was before."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Start or stop it, if it was brought into another state."""
        return _as_before(ctx, target, memo)


class TakeSnapshot(Step[Context]):
    """Take one VNFC's snapshot. Result: its VIM id. A failed one is removed before the failure is told."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Submit, follow the job, then believe only what is listed."""
        phase = memo.get("phase", "submit")
        if phase == "job":
            return self._judge(ctx, memo, ctx.vim.poll(memo["job"]))
        if phase == "look":
            return self._look(ctx, target, memo)
        if phase == "clean":
            return self._clean(ctx, target, memo)
        facts = _facts(ctx, target)
        spec = SnapshotSpec(
            name=_name(ctx, target),
            description=f"VNF snapshot {ctx.op.params['vnfSnapshotInfoId']}",
            memory=facts["memory"],
            quiesce=mode_of(ctx.op.params) == "quiesce",
        )
        try:
            outcome = ctx.vim.create_snapshot(facts["server"], spec)
        except Permanent as exc:  # perhaps for its name, which an earlier try has used
            return Wait({"phase": "look", "failure": {"detail": exc.detail, "facts": dict(exc.facts)}}, 0)
        return self._judge(ctx, memo, outcome)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look for one of our name first."""
        if memo.get("phase") == "clean":
            return self.advance(ctx, target, memo)
        return self._look(ctx, target, {**memo, "doubt": True})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove whatever carries our name."""
        return remove_all(ctx, [Resource(Kind.SNAPSHOT, one.id) for one in _ours(ctx, target)], memo)

    def _judge(self, ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, "phase": "job"})
        if isinstance(outcome, Failed) and not outcome.interrupted:
            error = verdict(outcome)
            return Wait({"phase": "look", "failure": {"detail": error.detail, "facts": dict(error.facts)}}, 0)
        return Wait({"phase": "look"}, 0)

    def _look(self, ctx: Context, target: str, memo: Memo) -> Progress:
        found = _ours(ctx, target)
        whole = next((one for one in found if one.ready), None)
        if whole is not None:
            return Done({"id": whole.id, "memory": whole.memory, "at": ctx.now.isoformat()})
        if any(one.state.lower() in {"allocated", "creating"} for one in found) and not memo.get("failure"):
            return Wait({**memo, "phase": "look"}, ctx.pause(3), watching=True)
        if found:
            return Wait({"phase": "clean", "failure": memo.get("failure")}, 0)
        if memo.get("failure"):
            raise Permanent(memo["failure"]["detail"], **memo["failure"]["facts"])
        return Wait({"phase": "submit"}, 0, afresh=bool(memo.get("doubt")))

    def _clean(self, ctx: Context, target: str, memo: Memo) -> Progress:
        bodies = [Resource(Kind.SNAPSHOT, one.id) for one in _ours(ctx, target) if not one.ready]
        progress = remove_all(ctx, bodies, memo.get("removal") or {})
        after = {"phase": "clean", "failure": memo.get("failure")}
        if isinstance(progress, Wait):
            kept = {**after, "removal": progress.memo}
            return Wait(kept, progress.delay, watching=progress.watching, job=progress.job)
        return Wait({**after, "phase": "look"}, 0)


def _name(ctx: Context, key: str) -> str:
    return label(f"{ctx.hint}-{key}", ctx.op.id, "snapshot", key)


def _ours(ctx: Context, key: str) -> Sequence[Snapshot]:
    return ctx.vim.find_snapshots(_facts(ctx, key)["server"], _name(ctx, key))


class RevertVnfc(Step[Context]):
    """Take one VNFC back. Doing it twice does no further harm; what was there is lost."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Submit, or see how the job stands."""
        facts = _facts(ctx, target)
        outcome = (
            ctx.vim.poll(memo["job"])
            if memo.get("phase") == "job"
            else ctx.vim.revert_snapshot(facts["snapshot"])
        )
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, "phase": "job"})
        if isinstance(outcome, Failed):
            if outcome.interrupted:
                return Wait({"phase": "again"}, ctx.pause(3))
            raise verdict(outcome)
        return Done({"reverted": facts["snapshot"], "changed": True})


class FinaliseCreateSnapshot(Step[Context]):
    """The VnfSnapshotInfo is filled."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Write VnfSnapshot with the record of the instance; the instance itself only learns who was here."""
        begun = ctx.result("check_snapshot")["begun"]
        snapshot = {
            "id": derive(ctx.op.id, "vnf-snapshot"),
            "vnfInstanceId": ctx.op.vnf_instance_id,
            "creationStartedAt": begun,
            "creationFinishedAt": ctx.now.isoformat(),
            "vnfdId": ctx.instance.vnfd_id,
            "vnfcSnapshots": [_vnfc_snapshot(ctx, vnfc, begun) for vnfc in standing.vnfcs(ctx.instance)],
        }
        if ctx.op.params.get("userDefinedData"):
            snapshot["userDefinedData"] = ctx.op.params["userDefinedData"]
        taken = {key: {**facts, **ctx.result(f"take_snapshot:{key}")} for key, facts in _all(ctx).items()}
        record = {**asdict(ctx.instance), "state": str(ctx.instance.state)}
        filled = {"vnf_snapshot": snapshot, "instance": record, "taken": taken, "filled_by": ctx.op.id}
        info = info_of(ctx)
        if info.filled_by != ctx.op.id:
            ctx.snapshots.fill(ctx.op.tenant, info.id, filled)
        return settle(ctx, {})

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Empty again."""
        empty = dict.fromkeys(("vnf_snapshot", "instance", "taken", "filled_by"))
        ctx.snapshots.fill(ctx.op.tenant, ctx.op.params["vnfSnapshotInfoId"], empty)
        return Done({})


def _all(ctx: Context) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = ctx.result("check_snapshot")["vnfcs"]
    return found


def _vnfc_snapshot(ctx: Context, vnfc: standing.StandingVnfc, begun: str) -> Mapping[str, Any]:
    taken = ctx.result(f"take_snapshot:{vnfc.key}")
    return {
        "id": derive(ctx.op.id, "vnfc-snapshot", vnfc.key),
        "vnfcInstanceId": vnfc.id,
        "creationStartedAt": begun,
        "creationFinishedAt": taken["at"],
        "vnfcResourceInfoId": vnfc.id,
        "computeSnapshotResource": handle(ctx, taken["id"], "vmsnapshot"),
    }


class FinaliseRevert(Step[Context]):
    """The VNFCs are as they were then; ids, addresses and links have not changed since."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """The instance learns who was here."""
        return settle(ctx, {})
