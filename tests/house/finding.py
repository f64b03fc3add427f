"""What a rule found, and the files it looks at."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, order=True)
class Finding:
    """A broken rule: where, and what to do about it."""

    path: str
    line: int
    told: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.told}"


@dataclass(frozen=True)
class File:
    """A file of the project. ``path`` is relative to the root, with slashes."""

    path: str
    root: Path = ROOT

    @cached_property
    def text(self) -> str:
        """Its content; empty for what is not UTF-8."""
        try:
            return (self.root / self.path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    def is_under(self, *folders: str) -> bool:
        return self.path.startswith(tuple(f"{folder}/" for folder in folders))


def committed(root: Path = ROOT) -> list[File]:
    """Every file that is in git or about to be: what .gitignore names is nobody's business."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    paths = sorted(set(listed.split("\0")) - {""})
    return [File(path, root) for path in paths if (root / path).is_file()]
