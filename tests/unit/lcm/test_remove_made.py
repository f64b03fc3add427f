"""Undo of what a step made: by its name, and by what it recorded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from vnfm.domain.operation import StepEntry
from vnfm.engine.step import Done, Wait
from vnfm.lcm.context import Context
from vnfm.lcm.steps.removal import RemoveUnseen, remove_made
from vnfm.vim.port import Finished, Kind, Resource, Trace

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


def test_what_nobody_could_see_is_found_by_its_name_and_the_rest_left_to_others() -> None:
    found = {Trace(Kind.VOLUME_SNAPSHOT, "a/b", "vol-1"): ["s-1", "s-2"]}
    ctx: Any = SimpleNamespace(
        instance=SimpleNamespace(resources=[{"kind": "VOLUME_SNAPSHOT", "id": "s-1"}]),
        vim=SimpleNamespace(find=lambda trace: found[trace], remove=lambda one: Finished(one.id)),
        now=SimpleNamespace(isoformat=lambda: "2026-01-02T03:04:05+00:00"),
    )
    looked = RemoveUnseen().advance(cast(Context, ctx), "VOLUME_SNAPSHOT/vol-1/a/b", {})
    assert looked == Wait({"kind": "VOLUME_SNAPSHOT", "ids": ["s-2"]}, 0)
    assert RemoveUnseen().advance(cast(Context, ctx), "VOLUME_SNAPSHOT/vol-1/a/b", looked.memo) == Done(
        {"gone": True}
    )
