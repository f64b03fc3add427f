"""Rules about any committed text: nothing in it belongs to one machine or one registry.

The patterns are put together from parts, so that this file does not contain what it looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.finding import File, Finding

_HOSTS = (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"),
    ("ubuntu", "com"), ("docker", "io"), ("quay", "io"), ("ghcr", "io"), ("golang", "org"), ("crates", "io"),
)  # fmt: skip
_REGISTRY = re.compile(r"\b(?:[\w-]+\.)*(?:" + "|".join(rf"{name}\.{top}" for name, top in _HOSTS) + r")\b")

_PLACES = ("work", "root", "home/[a-z_][a-z0-9_-]*", "Users/[A-Za-z]+", "tmp/bash")
#: Only where a path begins: not inside a longer one, nor in a URL.
_MACHINE = re.compile(r"(?<![\w.}:/-])/(?:" + "|".join(_PLACES) + r")/")


def check_registry(file: File) -> Iterator[Finding]:
    """Where packages come from is the business of whoever installs."""
    yield from _search(file, _REGISTRY, "a registry address")


def check_machine_path(file: File) -> Iterator[Finding]:
    """A path of one machine is wrong on every other."""
    yield from _search(file, _MACHINE, "a path of one machine")


def _search(file: File, pattern: re.Pattern[str], what: str) -> Iterator[Finding]:
    for number, line in enumerate(file.text.splitlines(), 1):
        for found in pattern.finditer(line):
            yield Finding(file.path, number, f"{what}: {found.group()}")
