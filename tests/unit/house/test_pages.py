"""Links that lead nowhere, and decisions nobody can find, are told."""

from __future__ import annotations

from pathlib import Path

from tests.house.finding import File, Finding
from tests.house.pages import check_decisions, check_links


def write(folder: Path, **pages: str) -> list[File]:
    """Pages by name; "__" stands for a slash."""
    paths = {name.replace("__", "/") + ".md": content for name, content in pages.items()}
    for path, content in paths.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    return [File(path, folder) for path in paths]


def told(found: list[Finding]) -> list[str]:
    return [f"{item.path}:{item.line}" for item in found]


def test_a_link_to_a_missing_file_is_told(tmp_path: Path) -> None:
    files = write(tmp_path, docs__a="# A\n\nsee [b](b.md) and ![c](../c.svg)\n", docs__b="# B\n")
    assert told(list(check_links(files))) == ["docs/a.md:3"]


def test_a_link_to_a_missing_heading_is_told(tmp_path: Path) -> None:
    files = write(tmp_path, a="[one](b.md#how-it-runs) [two](b.md#how-it-ends)\n", b="## How it runs\n")
    assert told(list(check_links(files))) == ["a.md:1"]


def test_code_folders_headings_and_other_sites_are_let_pass(tmp_path: Path) -> None:
    text = "# A\n[top](#a) [up](../docs/) [site](https://example.org/x) `[x](y.md)`\n```\n[x](y.md)\n```\n"
    assert list(check_links(write(tmp_path, docs__a=text))) == []


def test_a_decision_that_is_not_listed_is_told(tmp_path: Path) -> None:
    files = write(tmp_path, docs__adr__README="[1](0001-a.md)\n", docs__adr__0001_a="", docs__adr__0002_b="")
    assert told(list(check_decisions(files))) == ["docs/adr/0001_a.md:1", "docs/adr/0002_b.md:1"]
