"""Every command the adapter can send exists, and goes the way (GET or POST) and in the shape we expect.

The names of parameters are checked by ``FakeApi`` at every call of every test. Without the reference
catalogue beside the checkout there is nothing to compare with, and nothing is collected.
"""

import re
from pathlib import Path

import pytest

from tests.unit.vim.api import CATALOGUE
from vnfm.vim import cloudstack

_VERBS = (
    "list|create|delete|destroy|deploy|start|stop|reboot|restore|scale|attach|detach|add|remove|update|resize|"
    "revert|enable|disable|associate|disassociate|query|authorize"
)
_WORD = re.compile(rf'"((?:{_VERBS})[A-Z]\w+)"')


def commands() -> list[str]:
    folder = Path(cloudstack.__file__).parent
    found = {word for file in folder.glob("*.py") for word in _WORD.findall(file.read_text())}
    return sorted(found)


if CATALOGUE:

    @pytest.mark.parametrize("command", commands())
    def test_the_command_exists(command: str) -> None:
        assert command in CATALOGUE

    def test_the_tests_before_this_one_know_all_commands() -> None:
        tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
        assert [command for command in commands() if f'"{command}"' not in tests] == []
        assert len(commands()) > 25
