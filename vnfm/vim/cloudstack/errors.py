"""What CloudStack's refusals mean to us. The text of an error is data: cut, cleaned and never parsed
for a decision where a code exists."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.vim.cloudstack.explanations import explain
from vnfm.vim.port import Failed

TEXT_LIMIT = 500

#: What an operator can do about it, by code (ApiErrorCode).
HINTS: Mapping[int, str] = {
    400: "the server wants this call by POST",
    401: "wrong key or signature, a disabled user or key, a source address that is not admitted, a command "
    "this server does not know, or clocks that differ",
    431: "a parameter or the state of the object was not accepted",
    432: "the role of this user lacks the command, or it is no member of the project",
    531: "this user may not touch that object",
    532: "a limit of the account is reached",
    533: "no host, address or VLAN has room",
    534: "a host or storage cannot be reached",
    535: "a quota is reached",
    536: "the object is in use",
    537: "another rule is in the way",
}

#: Codes that say as much inside a job as at the submit; there 431 and 432 are anything, and 530 the rest.
_CLEAR_IN_JOBS = range(532, 538)

RATE_LIMIT = 429
MAINTENANCE = 503
PARAMETER = 431
INTERNAL = 530
IN_USE = 536

_GONE = re.compile(r"unable to find|does(n.t| not) exist|no longer exists", re.IGNORECASE)
_MILLISECONDS = re.compile(r"(\d+)\]?\s*ms")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Refused(Permanent):
    """CloudStack answered with an error. Rooms above see a plain ``Permanent`` with facts."""

    def __init__(self, command: str, code: int, text: str, hint: str = "") -> None:
        self.command = command
        self.code = code
        self.text = text
        #: What the text leaves out; empty if it says enough.
        self.explanation = hint or explain(command, text)
        reason = self.explanation or HINTS.get(code, "")
        detail = f"CloudStack refused {command} ({code}{': ' + reason if reason else ''}): {text}"
        super().__init__(detail, vimCommand=command, vimErrorCode=code, vimErrorText=text)

    @property
    def gone(self) -> bool:
        """The object named in the call does not exist any more, or never did."""
        return self.code == PARAMETER and _GONE.search(self.text) is not None


def failed(command: str, code: int, text: str) -> Failed:
    """The outcome for a job, or an immediate answer, that says no."""
    general = HINTS[code] if code in _CLEAR_IN_JOBS else ""
    return Failed(code, text, command, explanation=explain(command, text) or general)


def clean(text: object) -> str:
    """A text from outside, in one line and of limited length."""
    flat = _CONTROL.sub(" ", str(text or "")).strip() or "no reason given"
    return flat if len(flat) <= TEXT_LIMIT else flat[: TEXT_LIMIT - 1] + "…"


def from_answer(command: str, code: int, text: str, hint: str = "") -> VnfmError:
    """The error for an answer with an error code. None of these calls had an effect we count on."""
    facts: dict[str, str | int] = {"vimCommand": command, "vimErrorCode": code, "vimErrorText": text}
    if code == RATE_LIMIT:
        return Temporary(f"CloudStack's rate limit refused {command}: {text}", rate_delay(text), **facts)
    if code == MAINTENANCE:
        return Temporary(f"CloudStack takes no jobs now ({command}): {text}", 10.0, **facts)
    return Refused(command, code, text, hint)


def rate_delay(text: str) -> float:
    """Seconds to wait, from the milliseconds in the text of a 429; there is no Retry-After header."""
    found = _MILLISECONDS.search(text)
    return min(60.0, int(found.group(1)) / 1000 + 0.05) if found else 1.0
