"""Every error that may cross a room's border, as one tree.

    VnfmError
    ├── ClientError        the request is at fault: carries status and title for ProblemDetails
    │   ├── Unauthorized 401 · Forbidden 403 · BadRequest 400 · NotFound 404 · Conflict 409
    │                      · PreconditionFailed 412 · Unprocessable 422
    ├── Temporary          the same call may succeed later; says when to try again
    ├── Permanent          trying again cannot help; an operation becomes FAILED_TEMP
    └── Unknown            it may or may not have happened: look at the world before trying again

Adapters translate at their edge with ``raise … from exc``; nobody above sees an httpx or pymongo exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class VnfmError(Exception):
    """Root of the tree. ``detail`` is a sentence for the operator and never holds a secret."""

    def __init__(self, detail: str, **facts: str | int | None) -> None:
        super().__init__(detail)
        self.detail = detail
        #: Machine-readable causes, e.g. vimCommand, vimErrorCode, vimErrorText, step, vnfcId.
        self.facts: Mapping[str, str | int] = {
            key: value for key, value in facts.items() if value is not None
        }


class ClientError(VnfmError):
    """The request cannot be served as it is; nothing was changed (SOL013 6.4)."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad Request"


class BadRequest(ClientError):
    """400: malformed or semantically wrong request."""


class Unauthorized(ClientError):
    """401: missing, wrong or expired credentials."""

    status = 401
    title = "Unauthorized"


class Forbidden(ClientError):
    """403: known caller, no right to do this."""

    status = 403
    title = "Forbidden"


class NotFound(ClientError):
    """404: no such resource for this caller."""

    status = 404
    title = "Not Found"


class Conflict(ClientError):
    """409: the state of the resource forbids it now."""

    status = 409
    title = "Conflict"


class PreconditionFailed(ClientError):
    """412: If-Match names another version than there is."""

    status = 412
    title = "Precondition Failed"


class Unprocessable(ClientError):
    """422: well-formed, but names something that cannot be used."""

    status = 422
    title = "Unprocessable Entity"


class Temporary(VnfmError):
    """May succeed later. ``delay`` is the pause in seconds before the next try."""

    def __init__(self, detail: str, delay: float = 2.0, **facts: str | int | None) -> None:
        super().__init__(detail, **facts)
        self.delay = delay


class Permanent(VnfmError):
    """Trying again in the same way cannot help."""


class Unknown(VnfmError):
    """The call may have taken effect although no answer arrived: probe, then decide."""
