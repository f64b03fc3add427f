"""A child process: readiness, last words, end."""

import sys
import time
from pathlib import Path

import pytest

from vnfm.sandbox.process import Process, StartFailed, free_port, is_listening


def child(tmp_path: Path, code: str) -> Process:
    return Process("child", [sys.executable, "-c", code], tmp_path / "log")


def test_one_that_dies_tells_its_last_words(tmp_path: Path) -> None:
    process = child(tmp_path, "print('no such database'); raise SystemExit(3)")
    with pytest.raises(StartFailed, match=r"(?s)child ended with status 3.*no such database"):
        process.wait_until(lambda: False, 20)


def test_one_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    process = child(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(StartFailed, match="not ready after"):
        process.wait_until(lambda: False, 0.2)
    process.stop()
    assert process.exit_status is not None


def test_one_that_ignores_the_request_is_ended(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('up', flush=True); time.sleep(60)"
    )
    process = child(tmp_path, code)
    process.wait_until(lambda: "up" in process.tail(), 20)
    began = time.monotonic()
    process.stop(patience=0.3)
    assert process.exit_status == -9
    assert time.monotonic() - began < 10
    process.require_alive()  # ended on request: no failure


def test_json_lines_are_shortened_for_the_reader(tmp_path: Path) -> None:
    process = child(tmp_path, "pass")
    process.stop()
    process.log.write_text(
        '{"time": "t", "level": "ERROR", "message": "bad", "traceback": "Trace\\n  File\\nKeyError: 1"}\n'
        "plain\n" + "x" * 1000 + "\n[1]\n"
    )
    lines = process.tail().splitlines()
    assert lines[0] == "t ERROR bad KeyError: 1"
    assert lines[1] == "plain"
    assert len(lines[2]) == 300
    assert lines[3] == "[1]"


def test_a_free_port_is_nobodys() -> None:
    assert not is_listening(free_port())
