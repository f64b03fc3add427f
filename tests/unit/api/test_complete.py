"""Specifications, handlers and versions know the same; the served folder holds nothing unserved."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import speclint
from tests.api.catalogue import CATALOGUE
from vnfm.api import app, specs, versions

LOADED = specs.load_all()
DECLARED = [op["operationId"] for spec in LOADED.values() for _, _, op in speclint.operations(spec)]


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert sorted(DECLARED) == sorted(app.HANDLERS)


def test_every_file_is_served_or_shared() -> None:
    assert {file.name for file in specs.directory().glob("*.yaml")} == {*specs.SERVED, "common.yaml"}


def test_no_two_specifications_describe_the_same_operation() -> None:
    counted = Counter(str(operation) for operation in CATALOGUE)
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_major_version_has_its_resources_and_its_versions() -> None:
    addresses = {operation.address for operation in CATALOGUE}
    for root, majors in versions.SERVED.items():
        assert f"/{root}/api_versions" in addresses
        for major in majors:
            assert {f"/{root}/{major}/api_versions", f"/{root}/{major}/vnf_instances"} <= addresses


@pytest.mark.parametrize("name", specs.SERVED)
def test_lint(name: str) -> None:
    assert speclint.check(LOADED[name]) == []
