"""``python -m tests.house``: every broken rule with its place; exit status 1 if there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.house import pages, source, text, twins
from tests.house.finding import File, Finding, committed

Rule = Callable[[File], Iterable[Finding]]

ABOUT_SOURCE: Sequence[Rule] = (
    source.check_length,
    source.check_name,
    source.check_getattr,
    source.check_patching,
    source.check_skipping,
    source.check_verification,
    source.check_ignores,
)
ABOUT_TEXT: Sequence[Rule] = (text.check_registry, text.check_machine_path)


def find_all(files: Sequence[File]) -> Iterator[Finding]:
    """All findings in ``files``."""
    python = [file for file in files if file.is_python]
    for file in python:
        for rule in ABOUT_SOURCE:
            yield from rule(file)
    for file in files:
        for rule in ABOUT_TEXT:
            yield from rule(file)
    yield from twins.check_twins(file for file in python if file.is_under("vnfm"))
    yield from pages.check_links(files)
    yield from pages.check_decisions(files)


def main() -> int:
    """Print what was found."""
    files = committed()
    findings = sorted(set(find_all(files)))
    for finding in findings:
        print(finding)
    print(f"house: {len(files)} files, {len(findings)} finding(s)", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
