"""A child process of the sandbox: its log, its readiness, its end by process id.

Children get a session of their own, so that Ctrl-C reaches the supervisor alone and it decides the order.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vnfm.errors import Permanent

_PAUSE = 0.05
_WIDTH = 300


class StartFailed(Permanent):
    """A child did not come up; the detail holds its last log lines."""


def free_port() -> int:
    """A TCP port that nobody on the loopback interface holds at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on that loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One running child. Everything it says goes to ``log``."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        self._ended_on_request = False
        with log.open("ab") as out:
            # The commands are this package's own modules and mongod; no shell is involved.
            self._child = subprocess.Popen(  # noqa: S603
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def exit_status(self) -> int | None:
        """None while it lives."""
        return self._child.poll()

    def tail(self, lines: int = 10) -> str:
        """The last lines of its log, shortened for a human reader."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError as exc:
            return f"(log not readable: {exc})"
        return "\n".join(_shorten(line) for line in text.splitlines()[-lines:]) or "(it wrote nothing)"

    def require_alive(self) -> None:
        """``StartFailed`` with the last log lines if it has ended by itself."""
        status = self.exit_status
        if status is not None and not self._ended_on_request:
            raise StartFailed(f"{self.name} ended with status {status}. Its last words:\n{self.tail()}")

    def wait_until(self, ready: Callable[[], bool], patience: float) -> None:
        """Return when ``ready`` says so; ``StartFailed`` if it dies or ``patience`` seconds pass before."""
        deadline = time.monotonic() + patience
        while not ready():
            self.require_alive()
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.name} was not ready after {patience:g} s. Its last words:\n{self.tail()}"
                )
            time.sleep(_PAUSE)

    def stop(self, patience: float = 15.0) -> None:
        """Ask it to end (SIGTERM), and end it (SIGKILL) if it has not after ``patience`` seconds."""
        self._ended_on_request = True
        if self.exit_status is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _shorten(line: str) -> str:
    """One log line; of the gateway's JSON lines only level, message and what an exception says."""
    try:
        entry = json.loads(line)
        words = [entry["time"], entry["level"], entry["message"]]
        words += [entry[key] for key in ("method", "path", "status") if key in entry]
        words += entry.get("traceback", "").splitlines()[-1:]
        line = " ".join(str(word) for word in words)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # not ours: shown as it is
    return line[:_WIDTH]
