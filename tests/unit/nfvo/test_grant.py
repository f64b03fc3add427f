"""Grants of older NFVOs in the shapes of today."""

from __future__ import annotations

from typing import Any

import pytest

from vnfm.nfvo.grant import renewed

ONAP = {"id": "v", "vimType": "openstack", "accessInfo": {"credentials": {"password": "s"}}}
KNOWN = {"vimType": "openstack", "accessInfo": {"credentials": {"password": "s"}}}


def links(configs: Any) -> dict[str, Any]:
    """A Grant with one external connection point."""
    return {"extVirtualLinks": [{"id": "l", "extCps": [{"cpdId": "c", "cpConfig": configs}]}]}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"id": "g"}, {"id": "g"}),
        ({"vimConnections": [ONAP]}, {"vimConnectionInfo": {"v": KNOWN}}),
        ({"vimConnections": []}, {"vimConnectionInfo": {}}),
        ({"vimConnections": None}, {}),
        ({"vimConnectionInfo": {"v": KNOWN}}, {"vimConnectionInfo": {"v": KNOWN}}),
        (
            {
                "extVirtualLinks": [
                    {"id": "l", "extCps": [{"cpdId": "c", "cpConfig": [{"linkPortId": "p"}, {}]}]}
                ]
            },
            {
                "extVirtualLinks": [
                    {
                        "id": "l",
                        "extCps": [
                            {"cpdId": "c", "cpConfig": {"c-0000": {"linkPortId": "p"}, "c-0001": {}}},
                        ],
                    }
                ]
            },
        ),
        (links([{"linkPortId": "p"}, {}]), links({"c-0000": {"linkPortId": "p"}, "c-0001": {}})),
        (links([{"cpInstanceId": "x"}]), links({"x": {}})),
        (links({"x": {}}), links({"x": {}})),
    ],
)
def test_renewed(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    assert renewed(sent) == meant
