"""Each rule about source must turn red on what it forbids, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.house import source, text
from tests.house.finding import File, Finding

Rule = Callable[[File], Iterable[Finding]]


def findings(rule: Rule, folder: Path, content: str, path: str = "vnfm/room/noun.py") -> list[Finding]:
    """What ``rule`` finds in a file of that content."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")
    return list(rule(File(path, folder)))


FORBIDDEN: list[tuple[Rule, str]] = [
    (source.check_length, "x = 1\n" * 401),
    (source.check_getattr, 'getattr(self, f"do_{verb}")()\n'),
    (source.check_getattr, 'getattr(self, verb.lower() + "_process")()\n'),
    (source.check_getattr, 'getattr(self, "do_{}".format(verb))()\n'),
    (source.check_patching, "from unittest.mock import patch\n"),
    (source.check_patching, "from unittest import mock\nmock.patch('a.b')\n"),
    (source.check_patching, "import unittest.mock\nunittest.mock.patch.object(a, 'b')\n"),
    (source.check_skipping, "@pytest.mark.skip\ndef test_it(): ...\n"),
    (source.check_skipping, "@pytest.mark.skipif(True, reason='')\ndef test_it(): ...\n"),
    (source.check_skipping, "@pytest.mark.xfail(strict=True)\ndef test_it(): ...\n"),
    (source.check_skipping, "def test_it():\n    pytest.skip('today')\n"),
    (source.check_verification, "httpx.Client(verify=False)\n"),
    (source.check_verification, "context.check_hostname = False\n"),
    (source.check_verification, "context.verify_mode = ssl.CERT_NONE\n"),
    (source.check_ignores, "x = 1  # noqa\n"),
    (source.check_ignores, "x = 1  # noqa: S101\n"),
    (source.check_ignores, "x = 1  # noqa: S101, S105\n"),
    (source.check_ignores, "x = 1  # type: ignore[misc]\n"),
    (source.check_ignores, "x = 1  # type: ignore[misc]  # noqa: S101\n"),
    (source.check_ignores, "y = 2  # why y is two\nx = 1  # noqa: S101\n"),
    (text.check_registry, 'url = "https://' + "files.python" + 'hosted.org/packages"\n'),
    (text.check_registry, "# see " + "py" + "pi.org\n"),
    (text.check_machine_path, 'path = "/' + 'home/someone/vnfm"\n'),
    (text.check_machine_path, "# kept in (/" + "work/main)\n"),
]

ALLOWED: list[tuple[Rule, str]] = [
    (source.check_length, "x = 1\n" * 400),
    (source.check_getattr, 'getattr(yaml, "CSafeLoader", None)\ngetattr(value, item.name)\n'),
    (source.check_patching, 'client.patch("/vnf_instances/1")\nsaid = "mock.patch"\n'),
    (source.check_skipping, "@pytest.mark.parametrize('a', [1])\ndef test_it(a): ...  # not pytest.skip\n"),
    (source.check_verification, "httpx.Client(verify=context)\ntoken.verify(value)\n"),
    (source.check_ignores, "x = 1  # noqa: S101 - narrows the type\n"),
    (source.check_ignores, "x = 1  # noqa: S101 (narrows the type)\n"),
    (source.check_ignores, "x = 1  # type: ignore[misc]  # the library has no types\n"),
    (source.check_ignores, "# Our own interpreter: nothing comes from outside.\nx = 1  # noqa: S603\n"),
    (text.check_registry, "the registry of packages, the module vnfm.io\n"),
    (text.check_machine_path, "/vnflcm/v2{0}1 docs{0}x https://example.org{0}x\n".format("/" + "work/")),
]


@pytest.mark.parametrize(("rule", "content"), FORBIDDEN)
def test_what_is_forbidden_is_found_once(rule: Rule, content: str, tmp_path: Path) -> None:
    assert len(findings(rule, tmp_path, content)) == 1


@pytest.mark.parametrize(("rule", "content"), ALLOWED)
def test_what_is_allowed_is_let_pass(rule: Rule, content: str, tmp_path: Path) -> None:
    assert findings(rule, tmp_path, content) == []


@pytest.mark.parametrize(
    "path", ["vnfm/utils.py", "vnfm/lcm/common.py", "tests/wire_helpers.py", "vnfm/manager/a.py"]
)
def test_vague_names_are_found(path: str, tmp_path: Path) -> None:
    assert findings(source.check_name, tmp_path, "", path)


def test_a_noun_is_let_pass(tmp_path: Path) -> None:
    assert findings(source.check_name, tmp_path, "", "vnfm/lcm/inventory.py") == []


def test_tests_may_be_longer(tmp_path: Path) -> None:
    assert findings(source.check_length, tmp_path, "x = 1\n" * 401, "tests/unit/test_noun.py") == []
