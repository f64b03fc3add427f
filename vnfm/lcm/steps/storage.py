"""Data disks."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import volume_spec
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.making import Making
from vnfm.lcm.steps.power import server_of
from vnfm.lcm.steps.twins import drop_twins
from vnfm.vim.port import Failed, Finished, Kind, Lingering, Outcome, Started, Trace


class AddVolume(Making):
    """Make a data disk and attach it to its VNFC's server. Target: VNFC key/storage id."""

    name: ClassVar[str] = "add_volume"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create, then attach; each is journalled before the next."""
        phase = memo.get("phase", "create")
        if phase == "create":
            outcome = ctx.vim.create_volume(volume_spec(ctx.deployment.disk(target)))
            return self._created(ctx, outcome, {**memo, "phase": "creating"})
        if phase == "creating":
            return self._created(ctx, ctx.vim.poll(memo["job"]), memo)
        if phase == "twins":
            progress = drop_twins(ctx, Kind.VOLUME, self.find(ctx, target), memo)
            return Wait({"phase": "attach", "id": memo["id"]}, 0) if isinstance(progress, Done) else progress
        if phase == "attach":
            outcome = ctx.vim.attach_volume(memo["id"], _server(ctx, target))
            return self._attached(ctx, outcome, {"phase": "attaching", "id": memo["id"]})
        return self._attached(ctx, ctx.vim.poll(memo["job"]), memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A volume of our name is ours; attaching it where it is attached already is no harm."""
        if memo.get("phase") in {"attach", "attaching"}:
            return self.advance(ctx, target, {"phase": "attach", "id": memo["id"]})
        found = self.find(ctx, target)
        if found:
            kept = memo["id"] if memo.get("id") in found else found[0]
            return Wait({"phase": "twins", "id": kept}, 0)
        return Wait({"phase": "create", "doubt": True}, 0, afresh=True)

    def trace(self, ctx: Context, target: str) -> Trace:
        """The disk."""
        return Trace(Kind.VOLUME, ctx.deployment.disk(target).name)

    def _created(self, ctx: Context, outcome: Outcome, memo: Memo) -> Progress:
        match outcome:
            case Started():
                return watch(ctx, outcome, memo)
            case Finished(resource_id):
                made = resource_id or memo.get("id")
                if not made:
                    raise Permanent("the VIM made the volume but told no id")
                return Wait({"phase": "twins" if memo.get("doubt") else "attach", "id": made}, 0)
            case Failed():
                raise verdict(outcome)
            case Lingering(text):
                raise Permanent(text)

    def _attached(self, ctx: Context, outcome: Outcome, memo: Memo) -> Progress:
        match outcome:
            case Started():
                return watch(ctx, replace(outcome, resource_id=None), memo)
            case Failed():
                raise verdict(outcome, "attaching it")
            case Finished() | Lingering():
                return Done({"id": memo["id"]})


def _server(ctx: Context, target: str) -> str:
    """That of a VNFC of this operation, or of one that stands."""
    key = target.partition("/")[0]
    if any(entry.name == "deploy_vnfc" and entry.target == key for entry in ctx.op.steps):
        server: str = ctx.result(f"deploy_vnfc:{key}")["id"]
        return server
    return server_of(ctx, key)
