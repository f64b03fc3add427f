"""Rules about the documentation: its links lead somewhere, and every decision can be found."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.house.finding import File, Finding

DECISIONS = "docs/adr"

_FENCE = re.compile(r"^\s*```")
_CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def check_links(files: Iterable[File]) -> Iterator[Finding]:
    """Every relative link of a page names a file or folder that is there, and a heading that is in it."""
    known = {file.path: file for file in files}
    folders = {str(parent) for path in known for parent in PurePosixPath(path).parents}
    for page in _pages(known.values()):
        for number, target in _links(page):
            path, _, anchor = target.partition("#")
            place = _resolve(page.path, path) if path else page.path
            if place not in known and place not in folders:
                yield Finding(page.path, number, f"the link leads nowhere: {target}")
            elif anchor and place.endswith(".md") and anchor not in set(_anchors(known[place])):
                yield Finding(page.path, number, f"{place} has no heading for #{anchor}")


def check_decisions(files: Iterable[File]) -> Iterator[Finding]:
    """Every ADR is linked from the list of them."""
    pages = [file for file in files if PurePosixPath(file.path).parent.as_posix() == DECISIONS]
    index = next((file for file in pages if file.path == f"{DECISIONS}/README.md"), None)
    listed = {target.partition("#")[0] for _, target in _links(index)} if index else set()
    for page in pages:
        name = PurePosixPath(page.path).name
        if page.path.endswith(".md") and name != "README.md" and name not in listed:
            yield Finding(page.path, 1, f"not linked from {DECISIONS}/README.md")


def _resolve(page: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), link))


def _pages(files: Iterable[File]) -> Iterator[File]:
    return (file for file in files if file.path.endswith(".md"))


def _prose(page: File) -> Iterator[tuple[int, str]]:
    """Numbered lines outside code."""
    inside = False
    for number, line in enumerate(page.text.splitlines(), 1):
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def _links(page: File) -> Iterator[tuple[int, str]]:
    for number, line in _prose(page):
        for found in _LINK.finditer(_CODE.sub("", line)):
            if not _ELSEWHERE.match(found[1]):
                yield number, found[1]


def _anchors(page: File) -> Iterator[str]:
    """Headings as GitHub and GitLab make anchors of them."""
    for _, line in _prose(page):
        heading = _HEADING.match(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading[1].lower())
            yield words.replace(" ", "-")
