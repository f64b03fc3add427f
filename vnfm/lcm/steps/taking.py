"""Taking snapshots: of a whole server, or of one of its disks.

    submit ──► job ──► look ──► done
      ▲                 │ ▲
      └── nothing there ┘ │   what failed, or was made twice
                        clean ──► the failure that led here

No verdict without a look: a failed try leaves a body that is in the way of NICs and disks, so it is removed
before the failure is told, and a call in doubt may have taken effect.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from vnfm.domain.ids import label
from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.snapshots import may_fall_back, mode_of
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.making import Making
from vnfm.lcm.steps.removal import remove_all
from vnfm.vim.port import Failed, Kind, Outcome, Resource, Snapshot, SnapshotSpec, Started, Trace

#: The VIM is still at it.
MAKING = frozenset({"allocated", "creating", "createdonprimary", "backingup"})
_KEPT = ("id", "failure", "refused", "ended")


def facts_of(ctx: Context, key: str) -> Mapping[str, Any]:
    """What ``check_snapshot`` found out about a VNFC."""
    facts: Mapping[str, Any] = ctx.result("check_snapshot")["vnfcs"][key]
    return facts


class _Taking(Making):
    """Take one snapshot. Result: its VIM id."""

    @abstractmethod
    def submit(self, ctx: Context, target: str) -> Outcome:
        """Ask the VIM for it."""

    @abstractmethod
    def seen(self, ctx: Context, target: str) -> Sequence[Snapshot]:
        """All of our name, oldest first."""

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Submit, follow the job, then believe only what is listed."""
        phase = memo.get("phase", "submit")
        if phase == "job":
            return self._judge(ctx, memo, ctx.vim.poll(memo["job"]))
        if phase == "look":
            return self._look(ctx, target, memo)
        if phase == "clean":
            return self._clean(ctx, target, memo)
        try:
            outcome = self.submit(ctx, target)
        except Permanent as exc:  # perhaps for its name, which an earlier try has used
            failure = {"detail": exc.detail, "facts": dict(exc.facts)}
            return Wait({"phase": "look", "failure": failure, "refused": True}, 0)
        return self._judge(ctx, memo, outcome)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look for one of our name first."""
        if memo.get("phase") == "clean":
            return self.advance(ctx, target, memo)
        return self._look(ctx, target, {**memo, "doubt": True})

    def refused(self, ctx: Context, target: str, failure: Mapping[str, Any]) -> Progress:
        """The VIM has refused the request itself, and nothing is left of it."""
        raise Permanent(failure["detail"], **failure["facts"])

    def _judge(self, ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
        if isinstance(outcome, Started):
            return watch(ctx, outcome, {**memo, "phase": "job"})
        known = {"id": memo["id"]} if memo.get("id") else {}
        if isinstance(outcome, Failed) and not outcome.interrupted:
            error = verdict(outcome)
            failure = {"detail": error.detail, "facts": dict(error.facts)}
            return Wait({**known, "phase": "look", "failure": failure}, 0)
        ended = not isinstance(outcome, Failed)
        return Wait({**known, "phase": "look", "ended": ended}, 0)

    def _look(self, ctx: Context, target: str, memo: Memo) -> Progress:
        found = self.seen(ctx, target)
        whole = next((one for one in found if _is_whole(one, memo)), None)
        others = [one.id for one in found if one is not whole]
        making = any(one.state.lower() in MAKING for one in found)
        if whole is None and making and not memo.get("failure"):
            since, looks = memo.get("making") or ctx.now.isoformat(), int(memo.get("looks", 0))
            if ctx.elapsed(since) < ctx.policy.job_patience:
                after = {**memo, "phase": "look", "making": since, "looks": looks + 1}
                return Wait(after, ctx.pause(looks), watching=True)
        if others:  # what has been in the making for so long is nobody's work any more
            return Wait({**_kept(memo), "phase": "clean", "bodies": others}, 0)
        if whole is not None:
            return Done({"id": whole.id, "memory": whole.memory, "at": ctx.now.isoformat()})
        failure = memo.get("failure")
        if failure and memo.get("id"):  # nothing is left of it, so the inventory must not have it
            return Wait({**_kept({**memo, "id": None}), "phase": "look"}, 0)
        if failure and memo.get("refused"):
            return self.refused(ctx, target, failure)
        if failure:
            raise Permanent(failure["detail"], **failure["facts"])
        return Wait({"phase": "submit"}, 0, afresh=bool(memo.get("doubt")))

    def _clean(self, ctx: Context, target: str, memo: Memo) -> Progress:
        kind = self.trace(ctx, target).kind
        bodies = [Resource(kind, one) for one in memo["bodies"]]
        progress = remove_all(ctx, bodies, memo.get("removal") or {})
        if isinstance(progress, Wait):
            kept = {**memo, "removal": progress.memo}
            return Wait(kept, progress.delay, watching=progress.watching, job=progress.job)
        return Wait({**_kept(memo), "phase": "look"}, 0)


def _is_whole(found: Snapshot, memo: Memo) -> bool:
    """Ready, or of a job that ended well: what stays on the primary storage may say so for ever."""
    ended = memo.get("ended") and found.id == memo.get("id")
    return found.ready or (bool(ended) and found.state.lower() != "error")


def _kept(memo: Memo) -> Memo:
    return {key: memo[key] for key in _KEPT if memo.get(key)}


class TakeSnapshot(_Taking):
    """Take one VNFC's server with all its disks. Target: its key. Result without an id: the VIM has no such
    snapshots, and its disks are taken instead."""

    name: ClassVar[str] = "take_snapshot"

    def submit(self, ctx: Context, target: str) -> Outcome:
        """With its memory or without, as was decided."""
        facts = facts_of(ctx, target)
        spec = SnapshotSpec(
            name=_name(ctx, target),
            description=f"VNF snapshot {ctx.op.params['vnfSnapshotInfoId']}",
            memory=facts["memory"],
            quiesce=mode_of(ctx.op.params) == "quiesce" and facts["runs"],
        )
        return ctx.vim.create_snapshot(facts["server"], spec)

    def trace(self, ctx: Context, target: str) -> Trace:
        """That of the server."""
        return Trace(Kind.SNAPSHOT, _name(ctx, target), facts_of(ctx, target)["server"])

    def seen(self, ctx: Context, target: str) -> Sequence[Snapshot]:
        """Those of the server."""
        return ctx.vim.find_snapshots(facts_of(ctx, target)["server"], _name(ctx, target))

    def refused(self, ctx: Context, target: str, failure: Mapping[str, Any]) -> Progress:
        """Left to ``take_disk``, if that may be and would have all disks."""
        if not may_fall_back(ctx.op.params) or facts_of(ctx, target)["foreign"]:
            return super().refused(ctx, target, failure)
        return Done({"refused": failure["detail"]})


class TakeDisk(_Taking):
    """Take one disk of a VNFC that is at rest. Target: its key, and the disk's name."""

    name: ClassVar[str] = "take_disk"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Unless there is a snapshot of the whole server."""
        return Done({"skipped": True}) if self._is_in(ctx, target) else super().advance(ctx, target, memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Where nothing was to be done there is no doubt."""
        return Done({"skipped": True}) if self._is_in(ctx, target) else super().probe(ctx, target, memo)

    def submit(self, ctx: Context, target: str) -> Outcome:
        """The VIM admits several of one name."""
        return ctx.vim.create_volume_snapshot(self._volume(ctx, target), _name(ctx, target))

    def trace(self, ctx: Context, target: str) -> Trace:
        """That of the disk."""
        return Trace(Kind.VOLUME_SNAPSHOT, _name(ctx, target), self._volume(ctx, target))

    def seen(self, ctx: Context, target: str) -> Sequence[Snapshot]:
        """Those of the disk."""
        return ctx.vim.find_volume_snapshots(self._volume(ctx, target), _name(ctx, target))

    def _volume(self, ctx: Context, target: str) -> str:
        key, _, disk = target.partition("/")
        return str(facts_of(ctx, key)["disks"][disk])

    def _is_in(self, ctx: Context, target: str) -> bool:
        whole = f"take_snapshot:{target.partition('/')[0]}"
        return any(entry.key == whole and entry.result.get("id") for entry in ctx.op.steps)


def _name(ctx: Context, target: str) -> str:
    return label(f"{ctx.hint}-{target}", ctx.op.id, "snapshot", target)
