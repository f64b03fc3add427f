"""The ASGI application: the client API under /client/api, the control door under /control."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from vnfm.sandbox.cloudstack.api import Answer
from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.control import Control
from vnfm.sandbox.cloudstack.faults import Fault
from vnfm.sandbox.cloudstack.refusal import Refusal

# ASGI's own types: a scope and its messages are dicts of anything.
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Cut = Callable[[Any], None]

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 1048576
ERROR_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass
class App:
    cloud: Cloud
    control: Control
    cut: Cut  # closes the connection of a client without an answer
    dead: bool = False  # killed: what still comes in is cut, not answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.dead:
            await self.hang_up(scope)
            return
        path = str(scope["path"])
        body = await read_body(receive)
        if path.startswith("/control"):
            await self.serve_control(scope, path, body, send)
        elif path.rstrip("/") == "/client/api":
            await self.serve_api(scope, body, send)
        else:
            await reply(send, 404, "text/plain", b"Not Found")

    async def serve_control(self, scope: Scope, path: str, body: bytes, send: Send) -> None:
        try:
            facts = json.loads(body) if body else {}
            status, answer = await self.control.handle(str(scope["method"]), path, facts)
        except (KeyError, TypeError, ValueError) as exc:
            status, answer = 400, {"error": f"{type(exc).__name__}: {exc}"}
        await reply(send, status, "application/json", orjson.dumps(answer))

    async def serve_api(self, scope: Scope, body: bytes, send: Send) -> None:
        params = merge(scope, body)
        command = next((value for name, value in params.items() if name.lower() == "command"), "")
        faults = self.cloud.faults.request(command)
        await asyncio.sleep(self.cloud.world.settings.number("sandbox.reply.seconds"))
        answer = await self.spoil(faults, command)
        if answer is None:
            answer = await self.cloud.api.answer(str(scope["method"]), params)
        for fault in faults:
            if fault.kind == "kill":
                self.control.restart(fault.seconds)
        if self.dead or any(fault.kind in ("drop", "drop_before") for fault in faults):
            await self.hang_up(scope)
            return
        await reply(send, answer.status, answer.content_type, answer.body, answer.description)

    async def spoil(self, faults: list[Fault], command: str) -> Answer | None:
        """The faults that strike before the call is looked at."""
        for fault in faults:
            if fault.kind == "stall":
                await asyncio.sleep(fault.seconds)
            if fault.kind == "html":
                return Answer(fault.code if fault.code != 530 else 502, "text/html", ERROR_PAGE)
            if fault.kind == "drop_before":
                return Answer(500, "text/plain", b"")
            if fault.kind == "refuse":
                refusal = Refusal(fault.code, fault.text, fault.cserrorcode, known=fault.code != 432)
                return self.cloud.api.refuse(refusal, command, None, True)
        return None

    async def hang_up(self, scope: Scope) -> None:
        self.cut(scope["client"])
        await asyncio.sleep(0.01)  # let the server notice before the application returns


async def read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)[:LARGEST_BODY]


def merge(scope: Scope, body: bytes) -> dict[str, str]:
    """Query and form together; the query wins."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    params: dict[str, str] = {}
    if scope["method"] == "POST" and headers.get("content-type", "").startswith(FORM):
        params |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    query = scope["query_string"].decode("latin-1")
    return params | dict(parse_qsl(query, keep_blank_values=True))


async def reply(send: Send, status: int, kind: str, body: bytes, description: str | None = None) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if description is not None:
        safe = description.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace")
        headers.append((b"x-description", safe))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
