"""Following what a VIM call has started, in the same way everywhere."""

from __future__ import annotations

from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent, Unknown, VnfmError
from vnfm.lcm.context import Context
from vnfm.vim.port import Failed, Finished, Lingering, Outcome, Server, Started


def verdict(failed: Failed, doing: str = "") -> VnfmError:
    """The error of a failed job. One that was cut off says nothing: the object must be looked at.

    ``doing`` says what the job was for where the step's name does not; the engine names step and target.
    """
    prefix = f"{doing}: " if doing else ""
    if failed.interrupted:
        return Unknown(
            f"{prefix}the VIM lost its job {failed.command} half-way",
            vimCommand=failed.command,
            vimErrorCode=failed.code,
        )
    hint = f" ({failed.explanation})" if failed.explanation else ""
    return Permanent(
        f"{prefix}{failed.command} failed with {failed.code}: {failed.text}{hint}",
        vimCommand=failed.command,
        vimErrorCode=failed.code,
        vimErrorText=failed.text,
    )


def watch(ctx: Context, outcome: Started, memo: Memo, *, least: float = 0.0) -> Wait:
    """Come back to poll ``outcome.job``; each look waits a little longer than the one before.

    Permanent when the job has taken longer than any job may, and longer than ``least`` seconds; what is seen
    of its server is told.
    """
    if is_overdue(ctx, outcome, memo, least):
        detail, facts = endless(ctx, outcome, memo)
        raise Permanent(detail, **facts)
    looks = int(memo.get("looks", 0)) if memo.get("job") == outcome.job else 0
    after = {**memo, "job": outcome.job, "looks": looks + 1, "since": _since(ctx, outcome, memo)}
    if outcome.resource_id:
        after["id"] = outcome.resource_id
    after["phase"] = memo.get("phase", "job")
    return Wait(after, ctx.pause(looks), watching=True, job=outcome.vim_job or outcome.job)


def _since(ctx: Context, outcome: Started, memo: Memo) -> str:
    """When this job was first waited for."""
    known = memo.get("since") if memo.get("job") == outcome.job else None
    return str(known or ctx.now.isoformat())


def is_overdue(ctx: Context, outcome: Started, memo: Memo, least: float = 0.0) -> bool:
    """Whether a job has been waited for as long as any job may take."""
    return ctx.elapsed(_since(ctx, outcome, memo)) >= max(ctx.policy.job_patience, least)


def endless(ctx: Context, outcome: Started, memo: Memo) -> tuple[str, dict[str, str]]:
    """Detail and facts for a job without an end: which, how long, and a last look at what it is about."""
    server_id = outcome.resource_id or memo.get("id")
    server = ctx.vim.read_server(server_id) if server_id else None
    seen = f"; server {server.id} is {server.state}" if server else ""
    job = outcome.vim_job or outcome.job
    waited = ctx.elapsed(_since(ctx, outcome, memo))
    detail = f"the VIM's job {job} has not ended within {waited:.0f} s{seen}; a retry looks again"
    return detail, {"vimJob": job}


def settle(ctx: Context, server: Server, memo: Memo) -> Wait:
    """Look again at a server on its way from one state to another; Permanent when it never arrives."""
    since = memo.get("settling") or ctx.now.isoformat()
    if ctx.elapsed(since) >= ctx.policy.job_patience:
        raise Permanent(
            f"server {server.id} has been {server.state} for {ctx.policy.job_patience:.0f} s: "
            "see to it in the VIM, then retry"
        )
    return Wait({**memo, "settling": since}, ctx.pause(2), watching=True)


def follow(ctx: Context, outcome: Outcome, memo: Memo) -> Progress:
    """A creating call whose step ends with it: ``Done({"id": …})``, or wait for the job."""
    match outcome:
        case Finished(resource_id):
            made = resource_id or memo.get("id")
            if not made:
                raise Permanent("the VIM made it but told no id")
            return Done({"id": made})
        case Started():
            return watch(ctx, outcome, memo)
        case Lingering(text):
            raise Permanent(f"the VIM holds it back: {text}")
        case Failed():
            raise verdict(outcome)
