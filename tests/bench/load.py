"""Asks a server as fast as it answers, and reads what that cost its process.

The measure is processor time per request: on a shared machine requests per second say more about the
neighbours. Servers are asked in turns, window by window, so that what slows one slows the other.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import psutil
import uvloop

CONNECTIONS = 8
#: For the last answers of a window.
PATIENCE = 20.0
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody to ask. ``headers`` go with every request."""

    pid: int
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of request: paths are asked for in turn, ``status`` is the only answer that counts."""

    name: str
    method: str
    paths: Sequence[str]
    status: int
    body: bytes = b""

    def encoded(self, server: Server) -> list[bytes]:
        """The requests as bytes."""
        fixed = {"Host": urlsplit(server.url).netloc, "Accept": "application/json", **server.headers}
        if self.body:
            fixed |= {"Content-Type": "application/json", "Content-Length": str(len(self.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        return [f"{self.method} {path} HTTP/1.1\r\n{head}\r\n".encode() + self.body for path in self.paths]


@dataclass(slots=True)
class Figures:
    """One entry per window."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second, median."""
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        """Processor time of the server per request in µs, median."""
        return statistics.median(self.costs)


class _Wire(asyncio.Protocol):
    """A connection that asks again as soon as it is answered, until told to stop."""

    def __init__(self, requests: Iterator[bytes], status: int, stopped: asyncio.Event) -> None:
        self._requests = requests
        self._expected = b"HTTP/1.1 %d" % status
        self._stopped = stopped
        self._buffer = b""
        self.answers = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        head = buffer.find(_END)
        if head < 0:
            return
        if not buffer.startswith(self._expected):
            self._fail(buffer)
            return
        length = buffer.lower().find(b"content-length:", 0, head)
        wanted = int(buffer[length + 15 : buffer.find(b"\r", length)])
        if len(buffer) < head + 4 + wanted:
            return
        self._buffer = b""
        self.answers += 1
        if not self._stopped.is_set():
            self._transport.write(next(self._requests))
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _fail(self, buffer: bytes) -> None:
        self.done.set_exception(AssertionError(f"expected {self._expected!r}, got {buffer[:400]!r}"))
        self._transport.abort()


async def _ask(server: Server, question: Question, seconds: float) -> int:
    place = urlsplit(server.url)
    requests = itertools.cycle(question.encoded(server))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    wires = []
    for _ in range(CONNECTIONS):
        _, wire = await loop.create_connection(
            lambda: _Wire(requests, question.status, stopped), place.hostname, place.port
        )
        wires.append(wire)
    loop.call_later(seconds, stopped.set)
    async with asyncio.timeout(seconds + PATIENCE):
        await asyncio.gather(*(wire.done for wire in wires))
    return sum(wire.answers for wire in wires)


def _processor_time(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def measure(
    servers: Mapping[str, Server], questions: Sequence[Question], rounds: int, seconds: float
) -> dict[tuple[str, str], Figures]:
    """Figures by (question, server), after a warm-up that does not count."""
    figures = {(question.name, name): Figures() for question in questions for name in servers}
    for number in range(rounds + 1):
        for question in questions:
            # Who begins changes, so that neither always works on the other's leavings.
            for name, server in sorted(servers.items(), reverse=bool(number % 2)):
                spent, begun = _processor_time(server.pid), time.monotonic()
                answers = uvloop.run(_ask(server, question, seconds if number else 0.4))
                took, spent = time.monotonic() - begun, _processor_time(server.pid) - spent
                if number:
                    found = figures[question.name, name]
                    found.rates.append(answers / took)
                    found.costs.append(spent / answers * 1e6)
    return figures
