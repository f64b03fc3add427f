"""How the demo tells its story: headings, facts, and the steps of an operation as they go."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

_MARKS: Mapping[str, str] = {
    "PENDING": "·",
    "INTENT": "▸",
    "WAITING": "▸",
    "WATCHING": "▸",
    "DONE": "✓",
    "FAILED": "✗",
}


class Display:
    """Writes to one stream; redraws in place on a terminal, else prints one line per change."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._live = self._out.isatty()
        self._drawn = 0
        self._seen: dict[str, str] = {}
        self._began = time.monotonic()

    def heading(self, text: str) -> None:
        """A new phase."""
        self._drawn = 0
        self._seen.clear()
        self._began = time.monotonic()
        self._write(f"\n== {text}")

    def line(self, text: str = "") -> None:
        """One fact."""
        self._write(f"   {text}" if text else "")

    def progress(self, operation: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> None:
        """One look at a running operation and its step journal; of a rollback only what it takes back."""
        head = f"{operation['operation']} {operation['operationState']}"
        undoing = [step for step in steps if step.get("track") == "UNDO"]
        rows = [(_key(step), _describe(step)) for step in undoing or steps]
        if self._live:
            self._redraw(f"{head}  {time.monotonic() - self._began:.1f} s", [text for _, text in rows])
        else:
            self._print_changes([("", head), *[(key, text) for key, text in rows if text[0] != "·"]])

    def _redraw(self, head: str, rows: Sequence[str]) -> None:
        width = shutil.get_terminal_size().columns - 4
        if self._drawn:
            self._out.write(f"\x1b[{self._drawn}A")
        for text in (head, *rows):
            self._out.write(f"\x1b[2K   {text[:width]}\n")
        self._drawn = 1 + len(rows)
        self._out.flush()

    def _print_changes(self, rows: Sequence[tuple[str, str]]) -> None:
        for key, text in rows:
            if self._seen.get(key) != text:
                self._seen[key] = text
                self._write(f"   {time.monotonic() - self._began:6.1f} s  {text}")

    def _write(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()


def _key(step: Mapping[str, Any]) -> str:
    return f"{step.get('track')}:{step['name']}:{step.get('target') or ''}"


def _describe(step: Mapping[str, Any]) -> str:
    """``✓ deploy_vnfc firewall-0 (2nd attempt)``."""
    what = f"undo {step['name']}" if step.get("track") == "UNDO" else step["name"]
    text = f"{_MARKS.get(step['state'], '?')} {what} {step.get('target') or ''}".rstrip()
    if step.get("attempts", 0) > 1:
        text += f"  (attempt {step['attempts']})"
    if step.get("error"):
        text += f"  {step['error']}"
    return " ".join(text.splitlines())
