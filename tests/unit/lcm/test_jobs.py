"""Following the VIM's jobs: what the journal keeps of them."""

from __future__ import annotations

import pytest

from tests.unit.lcm.stand import context, journal, standing
from vnfm.lcm.steps.jobs import watch
from vnfm.vim.port import Started


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Started("startVirtualMachine j-1 vm-1", "vm-1", "j-1"), "j-1"),
        (Started("j-1"), "j-1"),
    ],
)
def test_the_journal_shows_the_bare_job_and_polls_by_the_handle(outcome: Started, shown: str) -> None:
    waiting = watch(context(journal(), standing()), outcome, {})
    assert waiting.job == shown
    assert waiting.memo["job"] == outcome.job
