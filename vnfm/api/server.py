"""uvicorn, as this gateway runs it: what HTTP itself demands, below the application.

Inside, header names are lower case, as ASGI has it. Clients exist that compare them literally, so they leave
as the RFCs spell them. What cannot be parsed is refused as ProblemDetails, and the memory that a request may
take before the application sees it is bounded.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

import httptools
import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from vnfm.api import problem, versions

_log = logging.getLogger(__name__)

#: Request line and header fields together. The application has its own, smaller limit for addresses.
MAX_HEAD = 64 * 1024
#: Requests that may wait on one connection until those before them are answered. Few clients send any ahead.
MAX_WAITING = 100

#: Seconds that an idle connection is kept: longer than clients and proxies keep theirs, by default a minute
#: at most. The one that asks should be the one that closes; else a request may meet a closed door, and some
#: clients send it again then, POST or not.
KEEP_IDLE = 75

_TOO_MUCH = (400, f"address and header fields may have {MAX_HEAD} bytes together")
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

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._transport = cycle.transport
        self._awaits_content = cycle.waiting_for_100_continue
        self._spelled = False

    def write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return  # something after this request could not be read, and the connection was given up
        if data == _CONTINUE:
            self._awaits_content = False
        elif not self._spelled:
            self._spelled = True
            data = self._part(spell(data))
        self._transport.write(data)

    def _part(self, head: bytes) -> bytes:
        """Part with a client that was not told to go on: whether it sends the content all the same, and where
        its next request begins, cannot be known (RFC 9110 10.1.1)."""
        if not (self._awaits_content and self._cycle.keep_alive):
            return head
        self._cycle.keep_alive = False
        return head.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head = 0
    _has_head = False
    #: Bytes that the parser keeps, as it has told nothing of them yet.
    _untold = 0
    _refusal = (400, "this is not a request in HTTP/1.1")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.url = b""
        self.headers = []

    def data_received(self, data: bytes) -> None:
        """Some bytes of requests."""
        self._unset_keepalive_if_required()
        self._untold += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response("")
        if self._untold > MAX_HEAD and not self.transport.is_closing():
            self._refusal = _TOO_MUCH
            self.send_400_response("")

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._decline(data[offer.args[0] :])
            else:
                return

    def _should_upgrade(self) -> bool:
        """True where a request is set aside, to be read anew by ``_decline``. CONNECT has nothing further."""
        return bool(self.parser.get_method() != b"CONNECT")

    def _decline(self, rest: bytes) -> bytes:
        """What to parse instead of a request that offers another protocol, and of what follows it.

        The parser takes all that follows such an offer, content included, for that protocol; and Java's
        client makes one with its first request.
        """
        if not self._should_upgrade():
            self.cycle.keep_alive = False
            return b""
        version = self.parser.get_http_version().encode()
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        head = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version, *fields, b"", b""]
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn's own: what comes after a last request does not spoil its answer.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join(head) + rest

    def on_message_begin(self) -> None:
        """A new request: its head may be as long as any."""
        self._head = 0
        self._has_head = False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field; or a trailer field, which must not count as one (RFC 9110 6.5.1)."""
        self._grow(len(name) + len(value))
        if not self._has_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts != 1 and self.parser.get_http_version() == "1.1":
            self._refuse(400, "there must be one header field Host")
        super().on_headers_complete()
        self._has_head = True
        if len(self.pipeline) > MAX_WAITING:
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        """A piece of the content."""
        self._untold = 0
        super().on_body(body)

    def _grow(self, size: int) -> None:
        self._untold = 0
        self._head += size
        if self._head > MAX_HEAD:
            self._refuse(*_TOO_MUCH)

    def _refuse(self, status: int, detail: str) -> None:
        """End the parsing; ``send_400_response`` is called next."""
        self._refusal = status, detail
        raise ValueError(detail)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.transport = cast(asyncio.Transport, _Line(cycle))
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read as HTTP, as ProblemDetails; the connection is of no further use."""
        status, detail = self._refusal
        request_id = uuid4().hex
        _log.warning("refused: %s", detail, extra={"requestId": request_id})
        if self._has_head and self.cycle.response_started:
            self.transport.close()  # a second answer would be taken for that to the next request
            return
        if self._refusal == _TOO_MUCH and not self.headers:
            status = 414
        body = orjson.dumps(problem.document(status, detail))
        version = versions.stamp(self.url.decode("latin-1"))
        head = [
            f"HTTP/1.1 {status} {problem.title_of(status)}",
            f"Content-Type: {problem.MEDIA_TYPE}",
            f"Content-Length: {len(body)}",
            f"X-Request-ID: {request_id}",
            *([f"Version: {version.decode()}"] if version else []),
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
        timeout_keep_alive=KEEP_IDLE,
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
