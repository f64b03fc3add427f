"""Further addresses of a VNFC's NICs: virtual IPs and allowed addresses.

    look ──► job ──► look … until all are held, then ──► surplus ──► done

Nothing is asked for that is there already. The VIM gives such an address no name: after a doubt one more than
wanted may be there, and goes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from vnfm.domain import standing
from vnfm.domain.operation import OperationType
from vnfm.domain.reservation import Reservation
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step, Wait
from vnfm.errors import Permanent
from vnfm.lcm import reservations
from vnfm.lcm.context import Context
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.power import server_of
from vnfm.lcm.steps.removal import remove_all
from vnfm.lcm.steps.repair import is_to_be_recreated
from vnfm.vim.port import Failed, Finished, Kind, Nic, Outcome, Resource, Started


class ReserveAddresses(Step[Context]):
    """Have the NICs of a VNFC hold what it answers for. Target: its key. Result: ``held``, by reservation."""

    recovery: ClassVar[Recovery] = Recovery.PROBE
    creates: ClassVar[bool] = True

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """See how a job stands, or ask for the next that is missing."""
        if ctx.op.type is OperationType.HEAL and not is_to_be_recreated(ctx, target):
            return Done({"skipped": True})
        if memo.get("phase") == "job":
            return self._judge(ctx, memo, ctx.vim.poll(memo["job"]))
        nics = _nics(ctx, target)
        memo = {**memo, "held": {**(memo.get("held") or {}), **_found(ctx, target, nics, memo)}}
        for wanted in reservations.of(ctx, target):
            nic = nics[wanted.cp]
            if wanted.key in memo["held"] or nic.address is None:
                continue
            return self._judge(ctx, memo, ctx.vim.reserve_address(nic.id, wanted.address))
        surplus = _surplus(ctx, nics, memo) if memo.get("doubt") else []
        if surplus:
            progress = remove_all(ctx, surplus, memo.get("removal") or {})
            if isinstance(progress, Wait):
                after = {"held": memo["held"], "doubt": True, "phase": "look", "removal": progress.memo}
                return Wait(after, progress.delay, job=progress.job)
        return Done({"held": memo["held"], **_unreserved(ctx, target, nics)})

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """What is there counts, whether its call was answered or not."""
        if memo.get("phase") == "job":
            return self.advance(ctx, target, {**memo, "doubt": True})
        held, nothing = memo.get("held") or {}, True
        if ctx.op.type is not OperationType.HEAL or is_to_be_recreated(ctx, target):
            found = _found(ctx, target, _nics(ctx, target), memo)
            held, nothing = {**held, **found}, not found
        return Wait({"held": held, "doubt": True, "phase": "look"}, 0, afresh=nothing)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Give back what was taken, told or not."""
        if ctx.op.type is OperationType.HEAL and not is_to_be_recreated(ctx, target):
            return Done({})
        forward = ctx.op.step(f"{reservations.STEP}:{target}")
        known = [one["id"] for one in reservations.made_by(forward).values()]
        if "ids" not in memo:
            unknown = (
                [one.id for one in _surplus(ctx, _nics(ctx, target), {})] if _has_body(ctx, target) else []
            )
            return Wait({"ids": [*dict.fromkeys([*known, *unknown])]}, 0)
        gone = [Resource(Kind.NIC_ADDRESS, one) for one in memo["ids"]]
        progress = remove_all(ctx, gone, memo.get("removal") or {})
        if isinstance(progress, Done):
            return progress
        after = {"ids": memo["ids"], "removal": progress.memo}
        return Wait(after, progress.delay, progress.watching, progress.job)

    def _judge(self, ctx: Context, memo: Memo, outcome: Outcome) -> Progress:
        kept = {key: memo[key] for key in ("held", "doubt", "refused") if memo.get(key)}
        match outcome:
            case Started():
                return watch(ctx, outcome, {**memo, "phase": "job"})
            case Failed() if memo.get("doubt") and not memo.get("refused"):
                # The call in doubt may have taken the address just before this one asked for it.
                return Wait({**kept, "refused": True, "phase": "look"}, ctx.pause(0))
            case Failed():
                raise verdict(outcome)
            case _:
                return Wait({**kept, "phase": "look", "fresh": _id(outcome)}, 0)


def _id(outcome: Outcome) -> str | None:
    return outcome.resource_id if isinstance(outcome, Finished) else None


def _has_body(ctx: Context, target: str) -> bool:
    """Whether the VNFC still has the server whose NICs are meant."""
    return ctx.vim.read_server(_server(ctx, target)) is not None


def _server(ctx: Context, target: str) -> str:
    if ctx.op.type is OperationType.INSTANTIATE:
        return str(ctx.result(f"deploy_vnfc:{target}")["id"])
    return server_of(ctx, target)


def _nics(ctx: Context, target: str) -> dict[str, Nic]:
    """The NICs as the VIM has them now, by the connection point's VNFD id: both are in the same order."""
    server = ctx.vim.read_server(_server(ctx, target))
    if server is None:
        raise Permanent(f"server {_server(ctx, target)} is not to be seen in the VIM; HEAL can re-create it")
    return dict(zip(_points(ctx, target), server.nics, strict=True))


def _points(ctx: Context, target: str) -> list[str]:
    if ctx.op.type is OperationType.INSTANTIATE:
        return [cp.cpd.id for cp in ctx.deployment.vnfc(target).plugged]
    plugged = standing.cps(ctx.instance, standing.vnfc(ctx.instance, target))
    return [str(cp.info["cpdId"]) for cp in plugged]


def _foreign(ctx: Context, nic: Nic) -> list[tuple[str, str]]:
    """Id and address of what a NIC holds, without what the record says it held before this operation."""
    before = {item["id"] for item in ctx.instance.resources if item["kind"] == Kind.NIC_ADDRESS}
    return [(one.id, one.address) for one in nic.more if one.id not in before]


def _found(ctx: Context, target: str, nics: dict[str, Nic], memo: Memo) -> dict[str, dict[str, str]]:
    """What is there of the wanted: those with a fixed address first, for the others what is left."""
    held = {one["id"] for one in (memo.get("held") or {}).values()}
    wanted = [one for one in reservations.of(ctx, target) if one.key not in (memo.get("held") or {})]
    found: dict[str, dict[str, str]] = {}
    for one in sorted(wanted, key=lambda item: item.address is None):
        nic = nics[one.cp]
        rest = [item for item in _foreign(ctx, nic) if item[0] not in held]
        match = next((item for item in rest if one.address in (None, item[1])), None)
        if match:
            held.add(match[0])
            found[one.key] = {"id": match[0], "address": match[1], "nic": nic.id}
    return found


def _surplus(ctx: Context, nics: dict[str, Nic], memo: Memo) -> Sequence[Resource]:
    held = {one["id"] for one in (memo.get("held") or {}).values()}
    rows = [item for nic in nics.values() for item in _foreign(ctx, nic)]
    return [Resource(Kind.NIC_ADDRESS, one) for one, _ in rows if one not in held]


def _unreserved(ctx: Context, target: str, nics: dict[str, Nic]) -> dict[str, str]:
    """A network in which nobody hands out addresses reserves none either."""
    without: list[Reservation] = [one for one in reservations.of(ctx, target) if nics[one.cp].address is None]
    if not without:
        return {}
    names = ", ".join(one.key for one in without)
    return {"left": f"VNFC {target}: {names}: the VIM hands out no addresses there, so none is reserved"}
