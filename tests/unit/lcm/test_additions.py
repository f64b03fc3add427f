"""What operations other than MODIFY_INFO change in the instance's own attributes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lcm.stand import context, done, journal, standing
from vnfm.domain.operation import OperationType
from vnfm.lcm import additions

CLOUD = {"vimType": "CLOUDSTACK"}
EDGE = {"vimType": "CLOUDSTACK", "interfaceInfo": {"endpoint": "https://edge"}}


@pytest.mark.parametrize(
    ("kind", "params", "grant", "changed"),
    [
        ("SCALE", {}, {}, {}),
        ("SCALE", {"extensions": {"a": 1}}, {}, {}),  # no attribute of a ScaleVnfRequest
        ("SCALE", {}, {"edge": EDGE}, {"vimConnectionInfo": {"edge": EDGE}}),
        ("CHANGE_FLAVOUR", {"extensions": {"a": 1, "b": 2}}, {}, {"extensions": {"b": 2}}),
        ("CHANGE_FLAVOUR", {"extensions": {"a": 1}}, {}, {}),
        (
            "INSTANTIATE",
            {"vnfConfigurableProperties": {"isAutohealEnabled": True}},
            {},
            {"vnfConfigurableProperties": {"isAutohealEnabled": True}},
        ),
        ("CHANGE_EXT_CONN", {"vimConnectionInfo": {"cloud": CLOUD}}, {}, {}),
        (
            "CHANGE_EXT_CONN",
            {"vimConnectionInfo": {"cloud": EDGE}},
            {},
            {"vimConnectionInfo": {"cloud": EDGE}},
        ),
        ("CHANGE_VNFPKG", {"extensions": {"b": 2}, "vnfdId": "d1"}, {}, {}),
    ],
)
def test_changed_info(kind: str, params: Any, grant: Any, changed: Any) -> None:
    operation = journal(type=OperationType(kind), params=params)
    operation.steps = [done("request_grant", stage=-2, grant={"id": "g", "vimConnectionInfo": grant})]
    ctx = context(operation, standing(extensions={"a": 1}))
    assert additions.changed_info(ctx) == changed


def test_credentials_alone_are_told_as_the_whole_connection_and_never_shown() -> None:
    params = {"vimConnectionInfo": {"cloud": CLOUD}}
    ctx = context(journal(type=OperationType.CHANGE_EXT_CONN, params=params), standing())
    ctx.access_info = lambda _one: {"apiKey": "canary"}  # type: ignore[method-assign]  # one answer instead of a store
    assert additions.changed_info(ctx) == {"vimConnectionInfo": {"cloud": CLOUD}}
