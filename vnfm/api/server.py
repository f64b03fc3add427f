"""uvicorn, as this gateway runs it: what HTTP itself demands, below the application.

Inside, header names are lower case, as ASGI has it. Clients exist that compare them literally, so they leave
as the RFCs spell them. What cannot be parsed is refused as ProblemDetails, and the memory that a request may
take before the application sees it is bounded.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from vnfm.api import problem

#: Request line and header fields together. The application has its own, smaller limit for addresses.
MAX_HEAD = 64 * 1024

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Spelling(dict[bytes, bytes]):
    """Lower-case name → the name as the RFCs write it; what is usual is found out once."""

    def __missing__(self, name: bytes) -> bytes:
        self[name] = name.title()
        return self[name]


_SPELLING = _Spelling(
    {b"etag": b"ETag", b"www-authenticate": b"WWW-Authenticate", b"x-request-id": b"X-Request-ID"}
)


def spell(head: bytes) -> bytes:
    """Status line and header fields with the names as the RFCs write them."""
    status, *fields = head.split(b"\r\n")
    spelled = [status]
    for field in fields:
        name, colon, value = field.partition(b":")
        spelled.append(_SPELLING[name] + colon + value)
    return b"\r\n".join(spelled)


class _Line:
    """The transport of one answer: spells the head, which is written first, and passes on the rest."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._spelled = False

    def write(self, data: bytes) -> None:
        if not self._spelled and data != _CONTINUE:
            self._spelled = True
            data = spell(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head = 0
    _has_too_much = False

    def on_message_begin(self) -> None:
        """A new request: its head may be as long as any."""
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field."""
        self._grow(len(name) + len(value))
        super().on_header(name, value)

    def _grow(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            self._has_too_much = True
            raise ValueError("the head is too large")  # ends the parsing; send_400_response is called next

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.transport = cast(asyncio.Transport, _Line(cycle.transport))
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read as HTTP, as ProblemDetails; the connection is of no further use."""
        status, detail = 400, "this is not a request in HTTP/1.1"
        if self._has_too_much:
            status = 400 if self.headers else 414
            detail = f"address and header fields may have {MAX_HEAD} bytes together"
        body = orjson.dumps(problem.document(status, detail))
        head = [
            f"HTTP/1.1 {status} {problem.title_of(status)}",
            f"Content-Type: {problem.MEDIA_TYPE}",
            f"Content-Length: {len(body)}",
            f"X-Request-ID: {uuid4().hex}",
            "Connection: close",
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self.transport.close()


def configure(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """How ``app`` is served; ``options`` are uvicorn's own, such as host and port."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        **options,
    )


def serve(app: ASGIApp, host: str, port: int) -> bool:
    """Serve until told to stop; False if that never began, for example because the port is taken."""
    gc.collect()
    gc.freeze()  # what start-up has made stays for good: no collection need look at it again
    server = uvicorn.Server(configure(app, host=host, port=port))
    with suppress(KeyboardInterrupt):
        server.run()
    return server.started
