"""Finds code that stands twice: runs of equal lines, however they are indented.

Not counted, because they repeat without being a copy: blank lines, comments, docstrings, imports, decorators,
and lines that hold nothing but brackets.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.house.finding import File, Finding

#: So many equal lines in a row are a copy. Raise it only with the reason written here.
TWIN_LINES = 8

_BRACKETS = frozenset("()[]{},: ")


@dataclass(frozen=True)
class Line:
    """A line of code without its indentation, and where it stands."""

    path: str
    number: int
    code: str


def check_twins(files: Iterable[File], length: int = TWIN_LINES) -> Iterator[Finding]:
    """One finding per copied run, told once, at its second place."""
    modules = [_code(file) for file in files]
    windows: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for module, lines in enumerate(modules):
        for start in range(len(lines) - length + 1):
            windows[tuple(line.code for line in lines[start : start + length])].append((module, start))
    told: set[tuple[int, int]] = set()
    for places in windows.values():
        (first_module, first), *others = places
        for module, start in others:
            if (module, start) in told or (module == first_module and start < first + length):
                continue
            run = _run(modules[first_module][first:], modules[module][start:])
            told.update((module, start + offset) for offset in range(run))
            here, there = modules[module][start], modules[first_module][first]
            end = modules[module][start + run - 1].number
            sentence = f"{run} lines to {end} stand at {there.path}:{there.number} too: keep one of them"
            yield Finding(here.path, here.number, sentence)


def _run(one: list[Line], other: list[Line]) -> int:
    equal = 0
    for left, right in zip(one, other, strict=False):
        if left.code != right.code:
            break
        equal += 1
    return equal


def _code(file: File) -> list[Line]:
    left_out = _not_code(ast.parse(file.text, file.path))
    parts: dict[int, list[str]] = defaultdict(list)
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
        if token.type not in skipped and token.string and token.start[0] not in left_out:
            parts[token.start[0]].append(token.string)
    lines = [Line(file.path, number, " ".join(words)) for number, words in sorted(parts.items())]
    return [line for line in lines if not _BRACKETS.issuperset(line.code)]


def _not_code(tree: ast.Module) -> set[int]:
    """Numbers of the lines of imports, decorators and docstrings."""
    numbers: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                numbers.update(_span(node))
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    numbers.update(_span(decorator))
    return numbers


def _span(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
