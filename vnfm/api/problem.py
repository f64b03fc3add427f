"""Every problem document (RFC 7807, SOL013 6.3) is made here, whatever went wrong.

* starlette ``HTTPException``: refused by routing, authentication, negotiation or body reading
* connexion ``ProblemException``: refused or found wrong by connexion itself
* ``ClientError``: refused by a service; status and title are the error's
* ``Temporary``: 503 with Retry-After
* anything else: 500 that says nothing but the request id; the log has the rest
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException

from vnfm.api.call import SCOPE_KEY, Call
from vnfm.errors import ClientError, Temporary, VnfmError

MEDIA_TYPE = "application/problem+json"
_RESERVED = frozenset({"type", "title", "status", "detail", "instance"})
_log = logging.getLogger(__name__)


def title_of(status: int) -> str:
    """The usual phrase for a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def document(
    status: int, detail: str, title: str | None = None, facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """ProblemDetails with ``facts`` as further members; they never replace the standard ones."""
    more = {key: value for key, value in (facts or {}).items() if key not in _RESERVED}
    return {
        "type": "about:blank",
        "title": title or title_of(status),
        "status": status,
        "detail": detail or title or title_of(status),
        **more,
    }


def _answer(problem: dict[str, Any], headers: Mapping[str, str] | None = None) -> ConnexionResponse:
    return ConnexionResponse(  # type: ignore[no-untyped-call]  # connexion says nothing about it
        status_code=problem["status"],
        body=orjson.dumps(problem),
        mimetype=MEDIA_TYPE,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def internal(request_id: str) -> dict[str, Any]:
    """The problem document of a fault of ours."""
    return document(500, f"something failed inside the gateway; its log knows more: request {request_id}")


def _request_id(request: ConnexionRequest) -> str:
    call = request.scope.get(SCOPE_KEY)
    return call.request_id if isinstance(call, Call) else "unknown"


async def on_http(_request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """Refusals of the HTTP layer."""
    assert isinstance(exc, HTTPException)  # noqa: S101 (registered for this class)
    return _answer(document(exc.status_code, exc.detail), exc.headers)


async def on_connexion(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """Refusals of connexion, and answers of ours that its response validation found wrong."""
    assert isinstance(exc, ProblemException)  # noqa: S101 (registered for this class)
    if exc.status >= 500:
        _log.error("%s: %s", type(exc).__name__, exc.detail, extra={"requestId": _request_id(request)})
    return _answer(document(exc.status, str(exc.detail or ""), exc.title), exc.headers)


async def on_vnfm(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """Refusals and failures of the services."""
    assert isinstance(exc, VnfmError)  # noqa: S101 (registered for this class)
    if isinstance(exc, ClientError):
        return _answer(document(exc.status, exc.detail, exc.title, exc.facts))
    if isinstance(exc, Temporary):
        _log.warning("%s", exc.detail, extra={"requestId": _request_id(request)})
        return _answer(document(503, exc.detail), {"Retry-After": str(max(1, math.ceil(exc.delay)))})
    return await on_fault(request, exc)


async def on_fault(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """Everything nobody foresaw."""
    request_id = _request_id(request)
    _log.error("unexpected %s", type(exc).__name__, exc_info=exc, extra={"requestId": request_id})
    return _answer(internal(request_id))


#: What ``app`` registers.
HANDLERS = {
    HTTPException: on_http,
    ProblemException: on_connexion,
    VnfmError: on_vnfm,
    Exception: on_fault,
}
