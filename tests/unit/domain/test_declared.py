"""Attributes as the VNFD declares them: what passes, and the name and reason of what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.build import make_flavour, make_vnfd
from vnfm.domain import declared
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import Attribute, OperationsConfiguration

PLAIN = make_vnfd()
FULL = replace(
    PLAIN,
    extension_attributes=(
        Attribute("license", "string", required=True),
        Attribute("size", "integer", writable_anytime=False),
        Attribute("own", "acme.datatypes.Own"),
        Attribute("ready", "string", required=True, default="yes"),
    ),
    configurable_attributes=(Attribute("ratio", "float"), Attribute("peers", "list")),
    metadata_attributes=(Attribute("stage", "string"),),
)


@pytest.mark.parametrize("instantiated", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"extensions": None},
        {"extensions": {"license": "a", "own": [1, {}]}},
        {"vnfConfigurableProperties": {"ratio": 1, "peers": [], "isAutohealEnabled": True}},
        {"vnfConfigurableProperties": {"ratio": None}},
        {"metadata": {"stage": "lab", "anything": 7}},
    ],
)
def test_what_fits(body: dict[str, Any], instantiated: bool) -> None:
    declared.check(FULL, body, instantiated=instantiated)


def test_a_vnfd_that_declares_nothing_leaves_it_to_the_client() -> None:
    body = {"extensions": {"a": 1}, "vnfConfigurableProperties": {"b": 2}, "metadata": {"c": 3}}
    declared.check(PLAIN, body, instantiated=True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"extensions": {"x": 1}}, "extensions.x: the VNFD declares no such .* license, own, ready, size"),
        ({"extensions": {"license": 5}}, "extensions.license: 5 is no string"),
        ({"extensions": {"license": None}}, "extensions.license: .* cannot be removed"),
        ({"extensions": {"size": 1}}, "extensions.size: it can only be set before"),
        ({"vnfConfigurableProperties": {"ratio": True}}, "Properties.ratio: True is no float"),
        ({"vnfConfigurableProperties": {"ratio": "1"}}, "Properties.ratio: '1' is no float"),
        ({"vnfConfigurableProperties": {"peers": {}}}, "Properties.peers: {} is no list"),
        ({"vnfConfigurableProperties": {"other": 1}}, "other: the VNFD declares no such attribute"),
        ({"metadata": {"stage": 1}}, "metadata.stage: 1 is no string"),
    ],
)
def test_what_does_not(body: dict[str, Any], said: str) -> None:
    with pytest.raises(DeploymentError, match=said):
        declared.check(FULL, body, instantiated=True)


def test_what_is_fixed_at_instantiation_can_be_set_before() -> None:
    declared.check(FULL, {"extensions": {"size": 1}}, instantiated=False)
    with pytest.raises(DeploymentError, match="'1' is no integer"):
        declared.check(FULL, {"extensions": {"size": "1"}}, instantiated=False)


def test_the_standards_own_properties_have_types_in_every_vnfd() -> None:
    with pytest.raises(DeploymentError, match="isAutoscaleEnabled: 'yes' is no boolean"):
        declared.check(PLAIN, {"vnfConfigurableProperties": {"isAutoscaleEnabled": "yes"}}, instantiated=True)


@pytest.mark.parametrize(
    ("current", "body", "missing"),
    [
        ({}, {}, ["license"]),
        ({"license": "a"}, {}, []),
        ({}, {"extensions": {"license": "a"}}, []),
        ({"license": "a"}, {"extensions": {"license": None}}, ["license"]),
    ],
)
def test_required_extensions_without_a_value(
    current: dict[str, Any], body: dict[str, Any], missing: list[str]
) -> None:
    assert declared.missing_extensions(FULL, current, body) == missing


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "additionalParams.mode: the VNFD requires it .string."),
        ({"mode": 1}, "additionalParams.mode: 1 is no string"),
        ({"mode": "a", "count": "2"}, "additionalParams.count: '2' is no integer"),
        ({"mode": "a", "count": 2, "sshKeyPair": "k"}, None),
    ],
)
@pytest.mark.parametrize("operation", ["CHANGE_EXT_CONN", "change_ext_connectivity"])
def test_parameters_of_an_operation(operation: str, given: Any, said: str | None) -> None:
    wanted = (Attribute("mode", "string", required=True), Attribute("count", "integer"))
    rules = OperationsConfiguration(parameters={"change_ext_connectivity": wanted})
    flavour = make_flavour(operations=rules)
    if said is None:
        declared.check_parameters(flavour, operation, {"additionalParams": given})
        return
    with pytest.raises(DeploymentError, match=said):
        declared.check_parameters(flavour, operation, {"additionalParams": given})
    declared.check_parameters(flavour, "HEAL", {})
