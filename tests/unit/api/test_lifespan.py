"""A server that stops gives its connections back."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from vnfm.api.app import create_app
from vnfm.settings import Settings


def test_stopping_closes_what_the_application_was_given() -> None:
    closed: list[str] = []
    deps: Any = SimpleNamespace(close=lambda: closed.append("deps"))
    app = create_app(deps, Settings())
    questions = ["lifespan.startup", "lifespan.shutdown"]
    answers: list[tuple[str, bool]] = []

    async def receive() -> dict[str, Any]:
        return {"type": questions.pop(0)}

    async def send(message: Any) -> None:
        answers.append((message["type"], bool(closed)))

    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    asyncio.run(app(scope, receive, send))
    assert answers == [("lifespan.startup.complete", False), ("lifespan.shutdown.complete", True)]
