"""The API as clients meet it: uvicorn in a thread, on a free port of the loopback interface."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from vnfm.api.server import configure


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A bound socket and its URL."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock, f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextmanager
def serving(app: ASGIApp, sock: socket.socket) -> Iterator[None]:
    """Serve ``app`` on ``sock`` while the context lasts."""
    server = uvicorn.Server(configure(app))
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the API did not start")
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(10)
