"""Specifications and handlers: each has all that the other has. And every API is told of by its versions."""

from __future__ import annotations

from collections import Counter

from tests.api.catalogue import CATALOGUE
from vnfm.api import specs, versions
from vnfm.api.app import HANDLERS


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert Counter(operation.definition["operationId"] for operation in CATALOGUE) == Counter(HANDLERS.keys())


def test_every_specification_is_served() -> None:
    there = {file.name for file in specs.directory().glob("*.yaml")}
    assert there == {*specs.SERVED, "common.yaml"}


def test_no_two_specifications_describe_the_same_operation() -> None:
    counted = Counter(str(operation) for operation in CATALOGUE)
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_major_version_has_its_resources_and_its_versions() -> None:
    addresses = {operation.address for operation in CATALOGUE}
    for root, majors in versions.SERVED.items():
        assert f"/{root}/api_versions" in addresses
        for major in majors:
            assert {f"/{root}/{major}/api_versions", f"/{root}/{major}/vnf_instances"} <= addresses
