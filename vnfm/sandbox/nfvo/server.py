"""Serves the emulator with uvicorn: in this process (tests) or as ``python -m vnfm.sandbox.nfvo`` (demo)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from vnfm.domain.vnfd import Vnfd
from vnfm.errors import Permanent
from vnfm.sandbox.nfvo.app import Nfvo

CLIENT_ID = "vnfm"
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Running:
    """An emulator that serves; ``nfvo`` is the live object behind it."""

    url: str
    nfvo: Nfvo

    @property
    def token_url(self) -> str:
        """Where a client gets its token."""
        return f"{self.url}/token"


def read_vnfd(content: bytes) -> Vnfd:
    """The VNFD in a CSAR, read by the gateway's own parser."""
    from vnfm.vnfd import read_package

    return read_package(content).vnfd


def load_samples(nfvo: Nfvo) -> None:
    """Onboard every sample package of the sandbox."""
    from vnfm.sandbox.packages import build_sample, list_samples

    for name in list_samples():
        nfvo.packages.onboard(build_sample(name))


def config(nfvo: Nfvo, port: int) -> uvicorn.Config:
    """uvicorn's settings for it. A lost answer ("drop") is an error to uvicorn, so its log is cut down."""
    return uvicorn.Config(
        nfvo, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="off", ws="none"
    )


@contextmanager
def running_nfvo(nfvo: Nfvo) -> Iterator[Running]:
    """Serve on a free loopback port from a thread of this process as long as the block lasts."""
    server = uvicorn.Server(config(nfvo, 0))
    thread = threading.Thread(target=server.run, name="nfvo-emulator", daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{_wait_for_port(server, thread)}", nfvo)
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)


def _wait_for_port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise Permanent("the NFVO emulator did not start")
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])
