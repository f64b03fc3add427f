"""Forks workers and relays from a process that has all imported; questions and answers are JSON lines."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from vnfm import bootstrap, logs
from vnfm.settings import Settings

CHILDREN: set[int] = set()
MAKERS = {"worker": bootstrap.make_worker, "relay": bootstrap.make_relay}


def start(kind: str, values: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        CHILDREN.add(pid)
        return pid
    try:
        os.close(0)
        os.dup2(2, 1)
        settings = Settings(**values)
        logs.configure(settings.log_level)
        process: Any = MAKERS[kind](settings)
        signal.signal(signal.SIGTERM, lambda *_: process.stop())
        process.run()
    except BaseException as exc:  # the child must never return into the loop below
        sys.stderr.write(f"{kind}: {exc!r}\n")
        os._exit(70)
    os._exit(0)


def wait(pid: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            CHILDREN.discard(pid)
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.01)


def answer(question: dict[str, Any]) -> Any:
    if "start" in question:
        return start(question["kind"], question["start"])
    if "wait" in question:
        return wait(question["wait"], question["seconds"])
    os.kill(question["stop"], signal.SIGTERM)
    return wait(question["stop"], 10)


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
    for pid in CHILDREN:  # a test that failed half-way leaves its workers to us
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
