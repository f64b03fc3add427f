"""Servers that never finish what they begin: raw sockets, one manner each.

Each one ends well after ``PATIENCE``, so that who waits for it takes it for a good one, and a test turns red.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.fakes.server import listening

#: Seconds that a villain goes on, and between two of its bytes.
PATIENCE, PAUSE = 4.0, 0.02

Manner = Callable[[socket.socket], None]


def _moments() -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(PAUSE)


def _drip_head(line: socket.socket) -> None:
    """A header, byte by byte."""
    line.recv(65536)
    line.sendall(b"HTTP/1.1 204 No Content\r\nX-Slow: ")
    for _ in _moments():
        line.sendall(b"x")
    line.sendall(b"\r\n\r\n")


def _chatter(line: socket.socket) -> None:
    """The answer will come soon, again and again."""
    line.recv(65536)
    for _ in _moments():
        line.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def _deaf(line: socket.socket) -> None:
    """Accepts, and does nothing."""
    for _ in _moments():
        pass
    line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def _read_slowly(line: socket.socket) -> None:
    """Takes in a little now and then."""
    for _ in _moments():
        line.recv(512)
    line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def _drip_body(line: socket.socket) -> None:
    """Taken, and then a body, byte by byte."""
    line.recv(65536)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    for _ in _moments():
        line.sendall(b"x")


def _flood(line: socket.socket) -> None:
    """Taken, and then a body without end."""
    line.recv(65536)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        line.sendall(b"x" * 65536)


#: Those of whom no answer comes, and those of whom the status comes, and then no end.
SILENT: dict[str, Manner] = {
    "drips its header": _drip_head,
    "chatters": _chatter,
    "is deaf": _deaf,
    "reads slowly": _read_slowly,
}
ENDLESS: dict[str, Manner] = {"drips its body": _drip_body, "floods": _flood}


@contextmanager
def villain(manner: Manner) -> Iterator[str]:
    """Its URL while the block lasts. Who hangs up on it is not chased."""

    def serve(line: socket.socket) -> None:
        with line:
            try:
                manner(line)
            except OSError:  # hung up on, as it should be
                return

    with listening() as (sock, url):

        def accept() -> None:
            while True:
                try:
                    line, _ = sock.accept()
                except OSError:  # the block has ended
                    return
                threading.Thread(target=serve, args=(line,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield url
        sock.shutdown(socket.SHUT_RDWR)
