"""Rules about Python source, read from the syntax tree, so that no rule trips over a string or a comment."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.finding import File, Finding

MOST_LINES = 400
VAGUE = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers"})

_IGNORE = re.compile(r"#\s*(?:noqa\b(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[^\]]*\])?)")


def check_length(file: File) -> Iterator[Finding]:
    """A module fits in a sitting."""
    lines = file.text.count("\n")
    if file.is_under("vnfm", "drivers") and lines > MOST_LINES:
        yield Finding(file.path, lines, f"{lines} lines, {MOST_LINES} are the limit: split it by noun")


def check_name(file: File) -> Iterator[Finding]:
    """A module or package is named after what is in it."""
    path = PurePosixPath(file.path)
    for part in (*path.parts[:-1], path.stem):
        vague = VAGUE.intersection(part.lower().split("_"))
        if vague:
            yield Finding(file.path, 1, f"{part!r} says nothing about its content: name the noun")


def check_getattr(file: File) -> Iterator[Finding]:
    """Dispatch is a table one can read: no attribute is looked up by a name built on the spot."""
    if not file.is_under("vnfm", "drivers"):
        return
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Call) and _dotted(node.func) == "getattr" and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.JoinedStr | ast.BinOp | ast.Call):
                yield Finding(file.path, node.lineno, "getattr with a built name: make it a dict")


def check_patching(file: File) -> Iterator[Finding]:
    """Fakes are classes that keep the port's contract; nothing is patched from outside."""
    for node in ast.walk(_tree(file)):
        match node:
            case ast.ImportFrom(module="unittest.mock" | "mock", names=names):
                patched = any(alias.name.startswith("patch") for alias in names)
            case ast.Attribute(attr="patch", value=value):
                patched = _dotted(value).split(".")[-1] in {"mock", "mocker"}
            case _:
                continue
        if patched:
            yield Finding(file.path, node.lineno, "mock's patch: give the code a fake through its port")


def check_skipping(file: File) -> Iterator[Finding]:
    """A test runs or is not there."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Attribute):
            name = _dotted(node)
            banned = {"pytest.skip", "pytest.xfail", "pytest.importorskip"}
            if name in banned or name.startswith(("pytest.mark.skip", "pytest.mark.xfail")):
                yield Finding(file.path, node.lineno, f"{name}: a test that does not run proves nothing")


def check_verification(file: File) -> Iterator[Finding]:
    """TLS certificates are always checked."""
    for node in ast.walk(_tree(file)):
        match node:
            case ast.keyword(arg="verify" | "check_hostname", value=ast.Constant(value=False)):
                line = node.lineno
            case ast.Assign(
                targets=[ast.Attribute(attr="verify" | "check_hostname")], value=ast.Constant(value=False)
            ):
                line = node.lineno
            case ast.Attribute(attr="CERT_NONE"):
                line = node.lineno
            case _:
                continue
        yield Finding(file.path, line, "switches certificate checks off: give the CA instead")


def check_ignores(file: File) -> Iterator[Finding]:
    """An ignored finding has its reason beside it: after it, or in a comment on the line above."""
    comments = _comments(file)
    for line, comment in comments.items():
        found = _IGNORE.search(comment)
        if found is None:
            continue
        beside = comment[: found.start()] + comment[_end_of_ignores(comment) :]
        above = comments.get(line - 1, "") if _is_comment_only(file, line - 1) else ""
        if len(re.findall(r"\w+", beside)) < 2 and not above:
            yield Finding(file.path, line, f"{found.group()!r} without a reason beside it")


def _end_of_ignores(comment: str) -> int:
    return max(found.end() for found in _IGNORE.finditer(comment))


def _comments(file: File) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(file.text).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _is_comment_only(file: File, line: int) -> bool:
    lines = file.text.splitlines()
    return 0 < line <= len(lines) and lines[line - 1].lstrip().startswith("#")


def _tree(file: File) -> ast.Module:
    return ast.parse(file.text, file.path)


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` of an attribute chain; "" where it begins with something else than a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""
