"""Calls one CloudStack endpoint: signs, sends, opens the envelope, sorts the failures.

``read`` and ``rows`` are for commands without effect: they go by GET and are tried up to four times in 20 s.
``act`` goes by POST and is sent exactly once; if its answer is lost it raises ``Unknown``.
"""

from __future__ import annotations

import json
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import httpx

from vnfm.errors import Permanent, Temporary, Unknown, VnfmError
from vnfm.outbound import Line
from vnfm.vim.cloudstack import errors, signature

#: An object in an answer. Any: JSON of some eighty fields that differ by release; each reader names its own.
Row = Mapping[str, Any]
Value = str | int | bool | Sequence[str] | None

TRIES = 4
BUDGET = 20.0
MOST_PAGES = 200
_READING = ("get", "list", "query", "find")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_SKEW = 60.0
_BRACKET = re.compile(r"\[|\.")


class _Silent(Temporary):
    """No answer, and so nobody who says when to come back."""


@dataclass(frozen=True, slots=True)
class Client:
    """One set of credentials at one endpoint. Thread-safe."""

    line: Line
    endpoint: str
    api_key: str
    secret: str
    encoded: bool = False
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def __repr__(self) -> str:
        return f"Client({self.endpoint})"

    def read(self, command: str, **params: Value) -> Row:
        """The answer of a command without effect, inside its envelope."""
        deadline = self.clock() + BUDGET
        for attempt in range(1, TRIES + 1):
            try:
                return self._call(command, params)
            except Temporary as exc:
                pause = self._pause(exc, attempt)
                if attempt == TRIES or self.clock() + pause > deadline:
                    raise
            self.sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    def _pause(self, exc: Temporary, attempt: int) -> float:
        """What the other side asks for, a little spread; or, if it is silent, longer each time."""
        if isinstance(exc, _Silent):
            return 0.5 * 2.0 ** (attempt - 1) * (0.5 + self.jitter())
        return exc.delay + 0.1 * self.jitter()

    def rows(self, command: str, key: str, **params: Value) -> list[Row]:
        """All objects of a list command. The page size is the one the server itself chose for page 1."""
        answer = self.read(command, **params)
        found: list[Row] = list(answer.get(key, ()))
        size, total = len(found), number(answer.get("count"), 0)
        page = 2
        while size and len(found) < total and page <= MOST_PAGES:
            more = self.read(command, **params, page=page, pagesize=size).get(key, ())
            if not more:
                break
            known = {_identity(row) for row in found}
            found.extend(row for row in more if _identity(row) not in known)
            page += 1
        return found

    def act(self, command: str, params: Mapping[str, Value]) -> Row:
        """Send a command with effect, once. Map keys (``details[0].cpuNumber``) keep their case."""
        return self._call(command, params)

    def _call(self, command: str, params: Mapping[str, Value]) -> Row:
        reading = command.startswith(_READING)
        self.line.breaker.admit()
        sent = {"command": command, **flatten(params)}
        signed = signature.sign(sent, self.api_key, self.secret, self.clock())
        try:
            if reading:
                response = self.line.client.get(self.endpoint, params=signed)
            else:
                response = self.line.client.post(self.endpoint, data=signed)
        except _NOT_SENT as exc:
            raise self._unsent(command, exc) from exc
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as exc:
            raise Permanent(
                "The endpoint of the VIM connection is not a usable URL", vimCommand=command
            ) from exc
        except httpx.HTTPError as exc:
            lost = self._lost(command, reading, type(exc).__name__)
            self.line.breaker.fail(lost)
            raise lost from exc
        return self._open(command, reading, response)

    def _unsent(self, command: str, exc: Exception) -> VnfmError:
        """Nothing left this machine, so the same call may be made again."""
        cause: BaseException | None = exc
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
                return Permanent(
                    f"The certificate of {self.endpoint} is not trusted; give its CA as caCertificate",
                    vimCommand=command,
                )
            cause = cause.__cause__ or cause.__context__
        kind = type(exc).__name__
        silent = _Silent(f"CloudStack cannot be reached ({kind})", vimCommand=command, vimErrorText=kind)
        if not isinstance(exc, httpx.PoolTimeout):  # our own queue, not the endpoint's fault
            self.line.breaker.fail(silent)
        return silent

    def _lost(self, command: str, reading: bool, what: str, code: int | None = None) -> VnfmError:
        if reading:
            return _Silent(
                f"CloudStack gave no usable answer to {command} ({what})",
                vimCommand=command, vimErrorCode=code, vimErrorText=what,
            )  # fmt: skip
        return Unknown(
            f"The answer to {command} was lost ({what}); it may have taken effect",
            vimCommand=command, vimErrorCode=code, vimErrorText=what,
        )  # fmt: skip

    def _open(self, command: str, reading: bool, response: httpx.Response) -> Row:
        """Take the single value out of the envelope, whatever its key (they do not follow the commands)."""
        inner = _envelope(response)
        code = None if inner is None else inner.get("errorcode")
        if inner is None or (code is None and not response.is_success):
            raise self._foreign(command, reading, response)
        self.line.breaker.succeed()
        # A job's own failure is an answer with 200, and carries its code one level deeper.
        if code is None:
            return _decoded(inner) if self.encoded else inner
        known = number(code, response.status_code)
        text = errors.clean(self._without_secrets(str(inner.get("errortext", ""))))
        raise errors.from_answer(command, known, text, self._hint(known, response))

    def _foreign(self, command: str, reading: bool, response: httpx.Response) -> VnfmError:
        """Not CloudStack's own answer: a proxy's error page, another web server, half a document."""
        status = response.status_code
        what = f"HTTP {status} without a CloudStack document"
        if 300 <= status < 500 and status not in (408, errors.RATE_LIMIT):
            return Permanent(
                f"{self.endpoint} answered {command} with {what}; is the endpoint right (…/client/api)?",
                vimCommand=command, vimErrorCode=status, vimErrorText=what,
            )  # fmt: skip
        if status == errors.RATE_LIMIT:
            return Temporary(
                f"A proxy limits the rate of {command}", 2.0, vimCommand=command, vimErrorCode=status
            )
        lost = self._lost(command, reading, what, status)
        self.line.breaker.fail(lost)
        return lost

    def _hint(self, code: int, response: httpx.Response) -> str:
        if code != 401:
            return ""
        try:
            server = parsedate_to_datetime(response.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return ""
        skew = self.clock() - server
        return f"the clocks differ by {skew:.0f} s; correct ours or the server's" if abs(skew) > _SKEW else ""

    def _without_secrets(self, text: str) -> str:
        for secret in (self.api_key, self.secret):
            text = text.replace(secret, "…") if secret else text
        return text


def number(value: object, default: int) -> int:
    """A number that some answers give as a number and others as a string."""
    try:
        return int(str(value))
    except ValueError:
        return default


def flatten(params: Mapping[str, Value]) -> dict[str, str]:
    """Parameters as CloudStack wants them: names in lower case (but not the keys of maps), lists with
    commas, booleans as words; None is left out."""
    flat: dict[str, str] = {}
    for name, value in params.items():
        if value is None:
            continue
        head = _BRACKET.split(name, maxsplit=1)[0]
        flat[head.lower() + name[len(head) :]] = _text(value)
    return flat


def _text(value: str | int | bool | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ",".join(value)


def _envelope(response: httpx.Response) -> Row | None:
    try:
        # strict=False: the server un-escapes \uXXXX by string replacement, control characters included.
        document = json.loads(response.content.decode("utf-8", "replace"), strict=False)
    except ValueError:
        return None
    if not isinstance(document, dict) or len(document) != 1:
        return None
    inner = next(iter(document.values()))
    return inner if isinstance(inner, dict) else None


def _decoded(value: Any) -> Any:  # Any: walks through JSON of any shape
    if isinstance(value, str):
        return unquote(value)
    if isinstance(value, dict):
        return {name: _decoded(item) for name, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value


def _identity(row: Row) -> object:
    return (row.get("id"), row.get("zoneid")) if "id" in row else id(row)
