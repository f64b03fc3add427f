"""Which GrantRequests and notifications the NFVO emulator takes, and how its table agrees with NFV 3.5.1."""

import copy
from typing import Any

import pytest

from tests.unit.sandbox.reference import REFERENCE
from vnfm.sandbox.nfvo.shapes import SHAPES, WORDS, grant_request_faults, notification_faults

GOOD: dict[str, Any] = {
    "vnfInstanceId": "i-1",
    "vnfLcmOpOccId": "o-1",
    "vnfdId": "d-1",
    "flavourId": "simple",
    "operation": "INSTANTIATE",
    "isAutomaticInvocation": False,
    "addResources": [
        {"id": "r1", "type": "COMPUTE", "vduId": "web"},
        {"id": "r2", "type": "COMPUTE", "vduId": "web"},
        {"id": "r3", "type": "VL", "resourceTemplateId": "lan"},
    ],
    "placementConstraints": [
        {
            "affinityOrAntiAffinity": "ANTI_AFFINITY",
            "scope": "NFVI_NODE",
            "resource": [{"idType": "GRANT", "resourceId": "r1"}, {"idType": "GRANT", "resourceId": "r2"}],
        }
    ],
    "_links": {
        "vnfLcmOpOcc": {"href": "http://vnfm/vnflcm/v2/vnf_lcm_op_occs/o-1"},
        "vnfInstance": {"href": "http://vnfm/vnflcm/v2/vnf_instances/i-1"},
    },
}

GONE = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one value set, or taken away."""
    body = copy.deepcopy(GOOD)
    place: Any = body
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in way:
        place = place[part]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return body


def test_a_good_request_passes() -> None:
    assert grant_request_faults(GOOD) == []


@pytest.mark.parametrize("name", [name for name, kind in SHAPES["GrantRequest"].items() if kind[0] == "!"])
def test_each_mandatory_attribute_is_missed(name: str) -> None:
    assert grant_request_faults(changed(name, GONE)) == [f"{name}: is missing"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("operation", "MODIFY_INFO", "none of"),
        ("isAutomaticInvocation", "false", "expected boolean"),
        ("vnfdId", 7, "expected string"),
        ("addResources", {}, "expected an array"),
        ("addResources/0/type", "SERVER", "none of"),
        ("addResources/0/vdu", "web", "is unknown"),
        ("addResources/0", "r1", "expected an object"),
        ("addResources/1/id", "r1", "is there twice"),
        ("addResources/0/vduId", GONE, "resourceTemplateId"),
        ("addResources/2/resourceTemplateId", GONE, "resourceTemplateId"),
        ("addResources/0/resource", {"resourceId": "x"}, "only to be made"),
        ("removeResources", [{"id": "x", "type": "VL", "resourceTemplateId": "lan"}], "says no resource"),
        ("instantiationLevelId", "default", "exactly one"),
        ("addResources", GONE, "exactly one"),
        ("flavourId", GONE, "flavourId"),
        ("placementConstraints/0/resource/0/resourceId", "r9", "no resource of this request"),
        ("placementConstraints/0/resource", [{"idType": "GRANT", "resourceId": "r1"}], "at least 2"),
        ("placementConstraints/0/scope", "HOST", "none of"),
        ("_links/vnfLcmOpOcc/href", "/vnflcm/v2/vnf_lcm_op_occs/o-1", "not absolute"),
        ("_links/vnfInstance/href", "http://vnfm/vnflcm/v2/vnf_instances/i-2", "not that of"),
        ("vimConnections", [], "is unknown"),
    ],
)
def test_each_fault_is_named(path: str, value: Any, words: str) -> None:
    found = grant_request_faults(changed(path, value))
    assert found
    assert words in "; ".join(found)


@pytest.mark.parametrize("body", [None, [], "x", 1, {"notificationType": "Other"}])
def test_what_is_no_notification_is_refused(body: Any) -> None:
    assert notification_faults(body)


def _differences(types: dict[str, Any], name: str, shape: dict[str, str]) -> list[str]:
    attributes = types[name]["attributes"]
    found = [f"{name}: {extra} is not in the reference" for extra in shape.keys() - attributes.keys()]
    for attribute, facts in attributes.items():
        kind = shape.get(attribute)
        if kind is None:
            found.append(f"{name}.{attribute} is missing")
        elif kind.startswith("!") is not facts["required"]:
            found.append(f"{name}.{attribute}: required is {facts['required']}")
        else:
            found += _kind_differences(f"{name}.{attribute}", kind.lstrip("!"), facts)
    return found


def _kind_differences(place: str, kind: str, facts: dict[str, Any]) -> list[str]:
    name, is_array, least = kind.partition("*")
    if bool(is_array) is not (facts["type"] == "array"):
        return [f"{place}: array or not"]
    if int(least or 0) != facts.get("minItems", 0):
        return [f"{place}: minItems"]
    item = facts.get("items", facts)
    if name in WORDS and "enum" in item and WORDS[name] != set(item["enum"]):
        return [f"{place}: enum {item['enum']}"]
    wanted = item.get("ref", item["type"])
    known = name == "any" or name in WORDS or name == wanted or wanted == "NotificationLink"
    return [] if known else [f"{place}: {wanted}"]


if REFERENCE is not None:
    TYPES = {
        **REFERENCE["types"]["common"],
        **REFERENCE["types"]["SOL003.vnflcm"],
        **REFERENCE["types"]["SOL003.vnfpkgm"],
        **REFERENCE["types"]["SOL003.grant"],
    }

    @pytest.mark.parametrize("name", SHAPES)
    def test_table_agrees_with_the_reference(name: str) -> None:
        assert _differences(TYPES, name, dict(SHAPES[name])) == []

    @pytest.mark.parametrize("name", ["GrantedLcmOperationType", "LcmOperationType", "LcmOperationStateType"])
    def test_words_agree_with_the_reference(name: str) -> None:
        assert set(TYPES[name]["values"]) == WORDS[name]
