"""The emulator answers as the recorded server did, but for the differences listed in accepted.yaml."""

from __future__ import annotations

import pytest

from tests.replay.replayer import accepted, replay
from tests.replay.transcript import SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_emulator_answers_as_recorded(section: str) -> None:
    report = replay(section)
    told = [f"{section} {d.element} {d.path}: {d.told}" for d in report.failing]
    assert not told, "\n".join(told)
    assert not report.stale, f"listed, but does not occur: {report.stale}"
    assert report.equal + len(report.listed) == report.exchanges


def test_accepted_differences_stay_few_and_explained() -> None:
    """A list that grows is a list of defects: this bound is meant to hurt."""
    entries = accepted()
    assert len(entries) <= 5
    assert all(len(entry["reason"]) > 20 and entry["section"] in SECTIONS for entry in entries)
