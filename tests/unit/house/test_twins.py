"""Code that stands twice is found whatever its indentation and comments; what merely looks alike is not."""

from __future__ import annotations

from pathlib import Path

from tests.house.finding import File, Finding
from tests.house.twins import TWIN_LINES, check_twins

BODY = [f"total_{number} = first_{number} + second_{number}" for number in range(TWIN_LINES)]


def twins(folder: Path, *contents: str) -> list[Finding]:
    files = []
    for number, content in enumerate(contents):
        (folder / f"noun_{number}.py").write_text(content, encoding="utf-8")
        files.append(File(f"noun_{number}.py", folder))
    return list(check_twins(files))


def test_a_copy_is_told_once_with_both_places(tmp_path: Path) -> None:
    one = "\n".join(["start = 0", *BODY, "end = 1"])
    other = "def f():\n" + "\n".join(f"    {line}  # said differently\n" for line in BODY)
    (found,) = twins(tmp_path, one, other)
    assert (found.path, found.line) == ("noun_1.py", 2)
    assert f"{TWIN_LINES} lines" in found.told
    assert "noun_0.py:2" in found.told


def test_a_copy_in_the_same_file_is_told(tmp_path: Path) -> None:
    assert len(twins(tmp_path, "\n".join([*BODY, "between = 0", *BODY]))) == 1


def test_a_longer_copy_is_still_one_finding(tmp_path: Path) -> None:
    longer = "\n".join([*BODY, "more = 1", "yet_more = 2"])
    (found,) = twins(tmp_path, longer, longer)
    assert f"{TWIN_LINES + 2} lines" in found.told


def test_one_line_less_is_no_copy(tmp_path: Path) -> None:
    short = "\n".join(BODY[1:])
    assert twins(tmp_path, f"a = 1\n{short}\nb = 2", f"c = 3\n{short}\nd = 4") == []


def test_imports_docstrings_and_brackets_do_not_count(tmp_path: Path) -> None:
    head = '"""One\ntwo\nthree."""\n' + "\n".join(f"import module_{n}" for n in range(TWIN_LINES))
    assert twins(tmp_path, f"{head}\na = [\n[\n]\n]", f"{head}\nb = [\n[\n]\n]") == []
