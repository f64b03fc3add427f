"""Specifications and handlers know the same operations, and the served folder holds nothing unserved."""

from __future__ import annotations

import pytest

from tests import speclint
from vnfm.api import app, specs

LOADED = specs.load_all()
DECLARED = [op["operationId"] for spec in LOADED.values() for _, _, op in speclint.operations(spec)]


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert sorted(DECLARED) == sorted(app.HANDLERS)


def test_every_file_is_served_or_shared() -> None:
    assert {file.name for file in specs.directory().glob("*.yaml")} == {*specs.SERVED, "common.yaml"}


@pytest.mark.parametrize("name", specs.SERVED)
def test_lint(name: str) -> None:
    assert speclint.check(LOADED[name]) == []
