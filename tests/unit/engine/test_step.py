"""A step that leaves out what it declared is told so, by name."""

from __future__ import annotations

from typing import ClassVar

import pytest

from vnfm.engine.step import Done, Memo, Progress, Recovery, Step


class Forgetful(Step[None]):
    recovery: ClassVar[Recovery] = Recovery.PROBE

    def advance(self, ctx: None, target: str, memo: Memo) -> Progress:
        return Done()


def test_a_missing_probe_or_undo_names_the_step() -> None:
    with pytest.raises(TypeError, match="Forgetful declares PROBE and has no probe"):
        Forgetful().probe(None, "", {})
    with pytest.raises(TypeError, match="Forgetful creates nothing"):
        Forgetful().undo(None, "", {})
    assert not Forgetful().can_undo
