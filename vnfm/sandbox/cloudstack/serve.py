"""The process around the application: sockets, the cleaners, and a restart that refuses connections."""

from __future__ import annotations

import asyncio
import socket
import threading
from asyncio import BaseTransport
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vnfm.sandbox.cloudstack.app import App
from vnfm.sandbox.cloudstack.cloud import TICK, Cloud
from vnfm.sandbox.cloudstack.control import Control


class Wires:
    """The open connections, so that one can be cut without an answer."""

    def __init__(self) -> None:
        self.open: dict[Any, asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        wires = self.open

        class Wire(HttpToolsProtocol):
            def connection_made(self, transport: BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
                self.peer = transport.get_extra_info("peername")[:2]
                wires[self.peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                wires.pop(self.peer, None)
                super().connection_lost(exc)

        return Wire

    def cut(self, client: Any) -> None:
        transport = self.open.get(tuple(client))
        if transport is not None:
            transport.abort()

    def cut_all(self) -> None:
        for transport in tuple(self.open.values()):
            transport.abort()


class Server:
    """Serves one cloud until stopped. `restart` closes the port for a while, as a killed server does."""

    def __init__(self, cloud: Cloud, host: str = "127.0.0.1", port: int = 0) -> None:
        self.cloud = cloud
        self.host = host
        self.port = port or free_port(host)
        self.wires = Wires()
        self.app = App(cloud, Control(cloud, self.restart), self.wires.cut)
        self.down: float | None = None
        self.stopping = False
        self.current: uvicorn.Server | None = None
        self.ready = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/client/api"

    @property
    def control_url(self) -> str:
        return f"http://{self.host}:{self.port}/control"

    async def run(self) -> None:
        cleaner = asyncio.ensure_future(self.keep_clean())
        try:
            while not self.stopping:
                await self.serve_once()
                if self.down is not None:
                    await asyncio.sleep(self.down)
                    self.cloud.boot()
                    self.app.dead = False
                    self.down = None
                elif self.current is not None and self.current.should_exit:
                    break
        finally:
            cleaner.cancel()
            self.cloud.jobs.cut_off()

    async def serve_once(self) -> None:
        config = uvicorn.Config(
            self.app,
            host=self.host,
            port=self.port,
            http=self.wires.protocol(),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self.current = uvicorn.Server(config)
        notice = asyncio.ensure_future(self.announce(self.current))
        await self.current.serve()
        notice.cancel()

    async def announce(self, server: uvicorn.Server) -> None:
        while not server.started:
            await asyncio.sleep(0.005)
        self.ready.set()

    async def keep_clean(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.cloud.clean()

    def restart(self, seconds: float) -> None:
        """Kill: open connections are reset, pending jobs cut off, the port closed."""
        self.down = seconds
        self.app.dead = True
        self.cloud.jobs.cut_off()
        self.leave()

    def stop(self) -> None:
        self.stopping = True
        self.leave()

    def leave(self) -> None:
        if self.current is not None:
            self.current.should_exit = True
            self.current.force_exit = True
            for listener in self.current.servers:
                listener.close()
        self.wires.cut_all()


class Background:
    """A server in a thread of its own, for tests: `with Background(Cloud(...)) as server: ...`"""

    def __init__(self, cloud: Cloud) -> None:
        self.server = Server(cloud)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self.main, daemon=True)

    def main(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self.server.run())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def __enter__(self) -> Server:
        self.thread.start()
        if not self.server.ready.wait(10):
            raise TimeoutError("the emulator did not start")
        return self.server

    def __exit__(self, *exc: object) -> None:
        if self.loop is not None and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.server.stop)
        self.thread.join(10)


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
