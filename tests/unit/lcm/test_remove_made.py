"""Undo of what a step made: by its name, and by what it recorded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from vnfm.domain.operation import StepEntry
from vnfm.engine.step import Done
from vnfm.lcm.context import Context
from vnfm.lcm.steps.removal import remove_made
from vnfm.vim.port import Finished, Kind, Resource

KEY = "create_network:inner"


@pytest.mark.parametrize(
    ("entry", "found", "removed"),
    [
        (StepEntry("create_network", "inner", 0), [], []),
        (StepEntry("create_network", "inner", 0), ["n-1", "n-2"], ["n-1", "n-2"]),
        (StepEntry("create_network", "inner", 0, memo={"id": "n-1"}), [], ["n-1"]),
        (StepEntry("create_network", "inner", 0, result={"id": "n-1"}), [], ["n-1"]),
        (StepEntry("create_network", "inner", 0, result={"id": "n-1"}), ["n-2", "n-1"], ["n-1", "n-2"]),
    ],
    ids=["never made", "by name", "begun and not listed", "made and not listed", "both"],
)
def test_an_empty_list_is_no_proof(entry: StepEntry, found: list[str], removed: list[str]) -> None:
    asked: list[Resource] = []

    def remove(resource: Resource) -> Finished:
        asked.append(resource)
        return Finished(resource.id)

    ctx: Any = SimpleNamespace(
        op=SimpleNamespace(step=lambda key: {KEY: entry}[key]),
        vim=SimpleNamespace(remove=remove),
        now=SimpleNamespace(isoformat=lambda: "2026-01-02T03:04:05+00:00"),
    )
    assert remove_made(cast(Context, ctx), KEY, Kind.NETWORK, found, {}) == Done({"gone": True})
    assert asked == [Resource(Kind.NETWORK, one) for one in removed]
