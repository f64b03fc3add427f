"""Outermost: every request gets an id, every answer the headers all answers have, every pair one log line."""

from __future__ import annotations

import logging
import random
import re
import time

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vnfm.api import problem, versions
from vnfm.api.call import SCOPE_KEY, Call, Headers

_SANE_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_log = logging.getLogger("vnfm.api.requests")


def _request_id(offered: bytes | None) -> str:
    """The caller's X-Request-ID if it is harmless, else a new one.

    No secret, so none of the system's own randomness: to ask for that gives other threads the processor.
    """
    return offered.decode() if offered and _SANE_ID.fullmatch(offered) else f"{random.getrandbits(128):032x}"


def _combine(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields by name; one that comes in several lines is a list (RFC 9110 5.3)."""
    combined = dict(fields)
    if len(combined) < len(fields):
        combined = {}
        for name, value in fields:
            combined[name] = combined[name] + b", " + value if name in combined else value
    return combined


def _stamps(request_id: str, path: str) -> Headers:
    version = versions.stamp(path)
    identity = (b"x-request-id", request_id.encode())
    return (identity, (b"version", version)) if version else (identity,)


class Edge:
    """ASGI middleware around everything else; nothing is raised through it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = _combine(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id"))
        stamps = _stamps(request_id, scope["path"])
        call = scope[SCOPE_KEY] = Call(
            request_id, scope["method"], scope["path"], headers, stamps, query=scope["query_string"]
        )
        status = 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if stamps[0] not in message["headers"]:  # not from an endpoint: a problem document
                    message["headers"] = [*message["headers"], *stamps]
            elif call.method == "HEAD":
                message["body"] = b""
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        except Exception:
            _log.exception("unexpected error outside the handlers", extra={"requestId": request_id})
            if not status:
                await _fail(request_id, stamped)
        finally:
            _report(call, status, time.perf_counter() - started)


async def _fail(request_id: str, send: Send) -> None:
    body = orjson.dumps(problem.internal(request_id))
    headers = [
        (b"content-type", problem.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _report(call: Call, status: int, seconds: float) -> None:
    """One line per request. Never a header, a query string or a body: they may hold secrets.

    Status 0: the caller went away before it was answered.
    """
    if not _log.isEnabledFor(logging.INFO):
        return
    fields: dict[str, object] = {
        "requestId": call.request_id,
        "method": call.method,
        "path": call.path,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    if call.principal:
        fields["client"] = call.principal.client
        fields["tenant"] = call.principal.tenant
    _log.info("request", extra=fields)
