"""What every step declares, and that it keeps it. A new step is judged on the day it joins ``STEPS``."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from vnfm.engine.step import Recovery, Step
from vnfm.lcm.steps import STEPS
from vnfm.vim.port import Vim

ALL = [pytest.param(step, id=name) for name, step in STEPS.items()]


def own(step: Step[Any], name: str) -> bool:
    """The step, or a base of ours, says it itself."""
    return getattr(type(step), name) is not getattr(Step, name)


@pytest.mark.parametrize("step", ALL)
def test_recovery_is_declared_and_kept(step: Step[Any]) -> None:
    assert isinstance(step.recovery, Recovery)
    assert own(step, "probe") or step.recovery is not Recovery.PROBE, "PROBE must say how to look"
    if step.creates:
        assert own(step, "undo"), "what makes something must know how to take it back"
        assert step.recovery is not Recovery.RERUN, "a creation must not be repeated blindly"


@pytest.mark.parametrize("step", ALL)
def test_no_step_keeps_anything_between_calls(step: Step[Any]) -> None:
    """One object serves all operations of all threads."""
    assert vars(step) == {}


def _creating_calls(step: Step[Any]) -> set[str]:
    """``create_*`` calls to the VIM in the step's class."""
    wanted = {name for name in vars(Vim) if name.startswith("create_")}
    sources = [
        inspect.getsource(base) for base in type(step).__mro__ if base.__module__.startswith("vnfm.lcm")
    ]
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} & wanted


@pytest.mark.parametrize("step", ALL)
def test_whoever_creates_says_so(step: Step[Any]) -> None:
    assert step.creates or not _creating_calls(step)


def test_the_search_for_creating_calls_finds_some() -> None:
    found = set().union(*(_creating_calls(step) for step in STEPS.values()))
    assert {"create_network", "create_group", "create_server", "create_volume"} <= found
