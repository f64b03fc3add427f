"""Following what a VIM call has started, in the same way everywhere."""

from __future__ import annotations

from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent, Unknown, VnfmError
from vnfm.lcm.context import Context
from vnfm.vim.port import Failed, Finished, Lingering, Outcome, Started


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


def watch(ctx: Context, outcome: Started, memo: Memo) -> Wait:
    """Come back to poll ``outcome.job``; each look waits a little longer than the one before."""
    looks = int(memo.get("looks", 0)) if memo.get("job") == outcome.job else 0
    after = {**memo, "job": outcome.job, "looks": looks + 1}
    if outcome.resource_id:
        after["id"] = outcome.resource_id
    after["phase"] = memo.get("phase", "job")
    return Wait(after, ctx.pause(looks), watching=True, job=outcome.vim_job or outcome.job)


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
