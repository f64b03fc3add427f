"""Starts the sandbox's processes on loopback ports, watches them, and stops them in the right order.

mongod, CloudStack emulator (unless a real CloudStack is used) and NFVO emulator first, then the gateway's
API, worker and relay, which are told everything through environment variables. Secrets travel in files of a
private directory, in environments and through pipes, never on a command line.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType

import httpx

from vnfm.sandbox.mongod import start_mongod
from vnfm.sandbox.process import Process, StartFailed, free_port, is_listening
from vnfm.sandbox.seeds import cloudstack_seed

TENANT = "demo"
CLIENT_ID = "demo-nfvo"
ROLES = "nfvo,operator,monitor"
_PATIENCE = 60.0
#: How long a deploy takes in the emulated CloudStack.
_JOB_SECONDS = 0.5
#: First started, last stopped; a worker must not be cut off from what it works with, and those who are told
#: something may ask the API.
_STOP_ORDER = ("worker", "relay", "api", "nfvo", "cloudstack", "mongod")


_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or a closed terminal."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The sandbox's own secrets, random per run."""

    gateway: str = field(default_factory=partial(secrets.token_urlsafe, 24), repr=False)
    nfvo: str = field(default_factory=partial(secrets.token_urlsafe, 24), repr=False)
    control: str = field(default_factory=partial(secrets.token_urlsafe, 24), repr=False)
    cloudstack_key: str = field(default_factory=partial(secrets.token_urlsafe, 40), repr=False)
    cloudstack_secret: str = field(default_factory=partial(secrets.token_urlsafe, 40), repr=False)


class Sandbox:
    """The processes of one run. Use as a context manager; everything stops when the block ends.

    ``logs`` is where logs go; None means a directory that vanishes after a run without error.
    """

    def __init__(self, environment: Mapping[str, str], logs: Path | None = None) -> None:
        self.keys = Keys()
        self.directory = Path(tempfile.mkdtemp(prefix="vnfm-demo-"))
        self.logs = logs or self.directory / "logs"
        self._keeps_logs = logs is not None
        self._environment = dict(environment)
        self._processes: dict[str, Process] = {}
        self._mongo_uri = ""
        self._kept = False
        self._former: dict[signal.Signals, signal._HANDLER] = {}
        self.cloudstack_url = ""
        self.nfvo_url = ""
        self.gateway_url = ""

    def __enter__(self) -> Sandbox:
        self.logs.mkdir(parents=True, exist_ok=True)
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, _interrupt) for number in _ENDINGS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kept:
            return
        # A second Ctrl-C must not leave processes behind.
        for number in self._former:
            signal.signal(number, signal.SIG_IGN)
        try:
            self.stop()
            self._clear(failed=error is not None)
        finally:
            for number, handler in self._former.items():
                signal.signal(number, handler)

    def _clear(self, *, failed: bool) -> None:
        """Remove database and secrets always, logs only after a good run."""
        if not failed or self._keeps_logs:
            shutil.rmtree(self.directory, ignore_errors=True)
            return
        for path in self.directory.iterdir():
            if path == self.logs:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()

    def start_platform(self, emulate_cloudstack: bool) -> None:
        """mongod, NFVO emulator and, if wanted, CloudStack emulator, side by side."""
        if emulate_cloudstack:
            self._start_cloudstack()
        self._start_nfvo()
        data = self.directory / "db"
        data.mkdir()
        mongod = start_mongod(data, self._log("mongod"), _PATIENCE)
        self._processes["mongod"] = mongod.process
        self._mongo_uri = mongod.uri
        for name, url in (("nfvo", self.nfvo_url), ("cloudstack", self.cloudstack_url)):
            if name in self._processes:
                port = httpx.URL(url).port or 80
                self._processes[name].wait_until(partial(is_listening, port), _PATIENCE)

    def _start_cloudstack(self) -> None:
        port = free_port()
        keys = self.keys
        seed = cloudstack_seed(TENANT, keys.cloudstack_key, keys.cloudstack_secret, _JOB_SECONDS)
        command = ["--port", str(port), "--seed", self._private("cloudstack.json", seed)]
        self._start_module("cloudstack", "vnfm.sandbox.cloudstack", *command)
        self.cloudstack_url = f"http://127.0.0.1:{port}/client/api"

    def _start_nfvo(self) -> None:
        port = free_port()
        seed = {"clients": {"vnfm": self.keys.nfvo}, "controlToken": self.keys.control}
        self._start_module(
            "nfvo", "vnfm.sandbox.nfvo", "--port", str(port), "--samples",
            "--seed", self._private("nfvo.json", seed),
        )  # fmt: skip
        self.nfvo_url = f"http://127.0.0.1:{port}"

    def start_gateway(self, settings: Mapping[str, str]) -> None:
        """The gateway's client, API, worker and relay; ``settings`` are further VNFM_ variables."""
        port = free_port()
        self.gateway_url = f"http://127.0.0.1:{port}"
        self._environment |= {
            "VNFM_MONGO_URI": self._mongo_uri,
            "VNFM_API_HOST": "127.0.0.1",
            "VNFM_API_PORT": str(port),
            "VNFM_EXTERNAL_URL": self.gateway_url,
            "VNFM_NFVO_URL": self.nfvo_url,
            "VNFM_NFVO_TOKEN_URL": f"{self.nfvo_url}/token",
            "VNFM_NFVO_CLIENT_ID": "vnfm",
            "VNFM_NFVO_CLIENT_SECRET": self.keys.nfvo,
            "VNFM_ALLOW_LOOPBACK": "1",
            **settings,
        }
        self._add_client()
        self._start_module("api", "vnfm", "api")
        self._start_module("worker", "vnfm", "worker")
        self._start_module("relay", "vnfm", "relay")
        self._processes["api"].wait_until(self._is_healthy, _PATIENCE)
        self._processes["worker"].require_alive()
        self._processes["relay"].require_alive()

    def _add_client(self) -> None:
        command = [
            sys.executable, "-m", "vnfm", "client", "add", "--id", CLIENT_ID, "--secret-stdin",
            "--tenant", TENANT, "--roles", ROLES,
        ]  # fmt: skip
        # Our own interpreter and module; the secret goes through the pipe.
        done = subprocess.run(  # noqa: S603
            command, env=self._environment, input=self.keys.gateway, text=True, capture_output=True,
            timeout=_PATIENCE, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise StartFailed(f"the gateway did not take its client: {(done.stderr or done.stdout).strip()}")

    def _is_healthy(self) -> bool:
        try:
            answer = httpx.get(f"{self.gateway_url}/gateway/v1/health", timeout=5, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def require_alive(self) -> None:
        """``StartFailed`` with its last words if any process has ended by itself."""
        for process in self._processes.values():
            process.require_alive()

    def keep(self) -> list[tuple[str, int]]:
        """Leave everything running when the block ends; returns names and process ids in stop order."""
        self._kept = True
        return [(name, self._processes[name].pid) for name in _STOP_ORDER if name in self._processes]

    def stop(self) -> None:
        """Stop every process, one after the other."""
        for name in _STOP_ORDER:
            process = self._processes.pop(name, None)
            if process is not None:
                process.stop()

    def _start_module(self, name: str, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._processes[name] = Process(name, command, self._log(name), self._environment)

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _private(self, name: str, value: Mapping[str, object]) -> str:
        """Path of a new file that only this user can read."""
        path = self.directory / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(value, file)
        return str(path)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(signal.Signals(number).name)
