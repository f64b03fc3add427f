"""The notification receiver: takes LCM notifications in and keeps them with what was wrong about them."""

from __future__ import annotations

import threading
from typing import Any

from vnfm.sandbox.nfvo.http import Refusal, Reply, Request
from vnfm.sandbox.nfvo.shapes import notification_faults


class Inbox:
    """Everything received, in order of arrival. Thread-safe."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def take(self, request: Request) -> Reply:
        """POST of one notification: 204, or 400 with what is wrong."""
        body = request.json()
        wrong = notification_faults(body)
        if not request.headers.get("version"):
            wrong.append("the Version header is missing")
        entry = {
            "path": request.path,
            "body": body,
            "wrong": wrong,
            # Only how the sender proved itself, never with what.
            "authorization": request.headers.get("authorization", "").partition(" ")[0] or None,
        }
        with self._lock:
            self._entries.append(entry)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        return Reply(204)

    def entries(self) -> list[dict[str, Any]]:
        """A copy of the log."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
