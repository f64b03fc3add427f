"""How progress is shown, with and without a terminal."""

import io
from typing import Any

from vnfm.sandbox.display import Display

OPERATION = {"operation": "INSTANTIATE", "operationState": "PROCESSING"}


def step(state: str, **extra: Any) -> dict[str, Any]:
    return {"name": "deploy_vnfc", "target": "web-0", "stage": 1, "state": state, "attempts": 1, **extra}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_only_changes_are_printed() -> None:
    out = io.StringIO()
    display = Display(out)
    for state in ("PENDING", "INTENT", "WATCHING", "WATCHING", "DONE", "DONE"):
        display.progress(OPERATION, [step(state)])
    lines = [line.partition("s  ")[2] for line in out.getvalue().splitlines()]
    assert lines == ["INSTANTIATE PROCESSING", "▸ deploy_vnfc web-0", "✓ deploy_vnfc web-0"]


def test_an_error_is_shown_on_one_line() -> None:
    out = io.StringIO()
    Display(out).progress(OPERATION, [step("FAILED", error="no\nroom")])
    assert "✗ deploy_vnfc web-0  no room" in out.getvalue()


def test_on_a_terminal_the_table_is_redrawn_in_place() -> None:
    out = Terminal()
    display = Display(out)
    display.progress(OPERATION, [step("PENDING")])
    display.progress(OPERATION, [step("DONE")])
    assert "\x1b[2A" in out.getvalue()
    assert "· deploy_vnfc" in out.getvalue()
