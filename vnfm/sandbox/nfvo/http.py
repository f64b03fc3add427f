"""The little HTTP this emulator needs on bare ASGI: a request, a reply, a refusal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LIMIT = 512 * 1024 * 1024


class Refusal(Exception):
    """Answer with ProblemDetails (SOL013 6.3) instead of serving."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Request:
    """Method, percent-decoded path, query, headers in lower case, body; ``root`` is scheme and authority."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    root: str

    def json(self) -> Any:
        """The body as JSON; 415 or 400 if it is none."""
        if self.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refusal(415, "the body is to be application/json")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refusal(400, "the body is no JSON") from None


@dataclass(slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON reply."""
        return cls(
            status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})}
        )

    @classmethod
    def problem(cls, refusal: Refusal) -> Reply:
        """A ProblemDetails reply."""
        body = {"type": "about:blank", "status": refusal.status, "detail": refusal.detail}
        headers = {"Content-Type": "application/problem+json", **refusal.headers}
        return cls(refusal.status, json.dumps(body).encode(), headers)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Everything of one request; 413 if it is absurdly long."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _LIMIT:
            raise Refusal(413, "too long")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host") or "{}:{}".format(*scope["server"])
    return Request(
        scope["method"],
        scope["path"],
        dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers,
        bytes(body),
        f"{scope.get('scheme', 'http')}://{host}",
    )


async def send_reply(send: Send, reply: Reply, cut: bool = False) -> None:
    """Send it; ``cut`` breaks the connection after the headers, so that the answer is lost."""
    headers = {**reply.headers, "Content-Length": str(len(reply.body) + cut)}
    if reply.status == 204:
        del headers["Content-Length"]
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
        }
    )
    if cut:
        # The server notices a body that never comes and closes the connection.
        return
    await send({"type": "http.response.body", "body": reply.body})
