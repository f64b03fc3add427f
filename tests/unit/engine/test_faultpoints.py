"""Fault points: silent unless armed, and proof of it when they fire."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from vnfm.engine.faultpoints import RECORD, FaultPoints


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, sig: found.append(sig))
    return found


@pytest.mark.parametrize(
    ("armed", "name", "deaths", "marks"),
    [
        ("", "a/b/before", 0, 0),
        ("a/b/after-call", "a/b/before", 0, 0),
        ("a/b/before", "a/b/before", 1, 1),
        ("a/*/before", "a/b/before", 1, 1),
        (RECORD + "*", "a/b/before", 0, 1),
    ],
)
def test_a_point(armed: str, name: str, deaths: int, marks: int, tmp_path: Path, killed: list[int]) -> None:
    mark = tmp_path / "mark"
    FaultPoints(armed, str(mark)).reach(name)
    assert killed == [signal.SIGKILL] * deaths
    assert (mark.read_text() if mark.exists() else "") == f"{name}\n" * marks
