"""The step of docs/how-to/add-a-step.md is no decoration: it is run as it stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.house.finding import ROOT
from vnfm.engine.step import Done, Recovery, Step
from vnfm.errors import Temporary

PAGE = ROOT / "docs" / "how-to" / "add-a-step.md"


@dataclass
class OneServer:
    """Stands in for the context: an earlier result, a VIM with one server, a pause."""

    state: str | None

    def result(self, key: str) -> dict[str, str]:
        return {"deploy_vnfc:lb-0": {"id": "s-1"}}[key]

    @property
    def vim(self) -> Any:
        found = {"s-1": SimpleNamespace(state=self.state) if self.state else None}
        return SimpleNamespace(read_server=found.__getitem__)

    def pause(self, looks: int) -> float:
        return 0.0


@pytest.fixture
def step() -> Step[Any]:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(found[1], names)  # noqa: S102 - our own page
    return names["CheckRunning"]()


def test_it_is_done_when_the_server_runs(step: Step[Any]) -> None:
    assert step.advance(OneServer("Running"), "lb-0", {}) == Done({"state": "Running"})


@pytest.mark.parametrize("state", ["Stopped", None])
def test_it_comes_back_when_it_does_not(step: Step[Any], state: str | None) -> None:
    with pytest.raises(Temporary):
        step.advance(OneServer(state), "lb-0", {})


def test_it_keeps_the_rules_it_tells(step: Step[Any]) -> None:
    assert step.recovery is Recovery.RERUN
    assert not step.creates
