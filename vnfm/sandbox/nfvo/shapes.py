"""The structures this NFVO receives, as one table, and the check of a JSON value against it (NFV 3.5.1).

A kind is ``string``, ``boolean``, ``any``, the name of a structure, or a set of words; ``kind*`` is an array,
``kind*2`` one with at least two elements. A leading ``!`` marks what must be present. Unknown attributes are
refused: SOL003 lets a receiver ignore them, but here they are typing errors of the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

WORDS: Mapping[str, frozenset[str]] = {
    "GrantedLcmOperationType": frozenset(
        "INSTANTIATE SCALE SCALE_TO_LEVEL CHANGE_FLAVOUR TERMINATE HEAL OPERATE CHANGE_EXT_CONN "
        "CHANGE_VNFPKG CREATE_SNAPSHOT REVERT_TO_SNAPSHOT".split()
    ),
    "LcmOperationType": frozenset(
        "INSTANTIATE SCALE SCALE_TO_LEVEL CHANGE_FLAVOUR TERMINATE HEAL OPERATE CHANGE_EXT_CONN MODIFY_INFO "
        "CREATE_SNAPSHOT REVERT_TO_SNAPSHOT CHANGE_VNFPKG".split()
    ),
    "LcmOperationStateType": frozenset(
        "STARTING PROCESSING COMPLETED FAILED_TEMP FAILED ROLLING_BACK ROLLED_BACK".split()
    ),
    "ResourceType": frozenset("COMPUTE VL STORAGE LINKPORT".split()),
    "AffinityKind": frozenset("AFFINITY ANTI_AFFINITY".split()),
    "AffinityScope": frozenset("NFVI_POP ZONE ZONE_GROUP NFVI_NODE".split()),
    "ReferenceKind": frozenset("RES_MGMT GRANT".split()),
    "NotificationStatus": frozenset("START RESULT".split()),
    "Verbosity": frozenset("FULL SHORT".split()),
}

SHAPES: Mapping[str, Mapping[str, str]] = {
    "GrantRequest": {
        "vnfInstanceId": "!string",
        "vnfLcmOpOccId": "!string",
        "vnfdId": "!string",
        "dstVnfdId": "string",
        "flavourId": "string",
        "operation": "!GrantedLcmOperationType",
        "isAutomaticInvocation": "!boolean",
        "instantiationLevelId": "string",
        "addResources": "ResourceDefinition*",
        "tempResources": "ResourceDefinition*",
        "removeResources": "ResourceDefinition*",
        "updateResources": "ResourceDefinition*",
        "placementConstraints": "PlacementConstraint*",
        "vimConstraints": "VimConstraint*",
        "additionalParams": "any",
        "_links": "!GrantRequestLinks",
    },
    "GrantRequestLinks": {"vnfLcmOpOcc": "!Link", "vnfInstance": "!Link"},
    "Link": {"href": "!string"},
    "ResourceDefinition": {
        "id": "!string",
        "type": "!ResourceType",
        "vduId": "string",
        "vnfdId": "string",
        "resourceTemplateId": "string",
        "secondaryResourceTemplateId": "string",
        "resource": "ResourceHandle",
        "snapshotResDef": "SnapshotResourceDefinition",
    },
    "ResourceHandle": {
        "vimConnectionId": "string",
        "resourceProviderId": "string",
        "resourceId": "!string",
        "vimLevelResourceType": "string",
    },
    "SnapshotResourceDefinition": {
        "vnfSnapshotId": "!string",
        "vnfcSnapshotId": "string",
        "storageSnapshotId": "string",
        "snapshotResource": "ResourceHandle",
    },
    "PlacementConstraint": {
        "affinityOrAntiAffinity": "!AffinityKind",
        "scope": "!AffinityScope",
        "resource": "!ConstraintResourceRef*2",
        "fallbackBestEffort": "boolean",
    },
    "ConstraintResourceRef": {
        "idType": "!ReferenceKind",
        "resourceId": "!string",
        "vimConnectionId": "string",
        "resourceProviderId": "string",
    },
    "VimConstraint": {"sameResourceGroup": "boolean", "resource": "!ConstraintResourceRef*2"},
    "LccnLinks": {"vnfInstance": "!Link", "subscription": "!Link", "vnfLcmOpOcc": "Link"},
    "VnfIdentifierCreationNotification": {
        "id": "!string",
        "notificationType": "!string",
        "subscriptionId": "!string",
        "timeStamp": "!string",
        "vnfInstanceId": "!string",
        "_links": "!LccnLinks",
    },
    "VnfLcmOperationOccurrenceNotification": {
        "id": "!string",
        "notificationType": "!string",
        "subscriptionId": "!string",
        "timeStamp": "!string",
        "notificationStatus": "!NotificationStatus",
        "operationState": "!LcmOperationStateType",
        "vnfInstanceId": "!string",
        "operation": "!LcmOperationType",
        "isAutomaticInvocation": "!boolean",
        "verbosity": "Verbosity",
        "vnfLcmOpOccId": "!string",
        "affectedVnfcs": "any*",
        "affectedVirtualLinks": "any*",
        "affectedExtLinkPorts": "any*",
        "affectedVirtualStorages": "any*",
        "changedInfo": "any",
        "affectedVipCps": "any*",
        "changedExtConnectivity": "any*",
        "modificationsTriggeredByVnfPkgChange": "any",
        "error": "any",
        "_links": "!LccnLinks",
    },
}

_SIMPLE: Mapping[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "any": (object,)}


def faults(value: Any, kind: str, place: str = "") -> Iterator[str]:
    """Everything that is wrong with ``value``, one sentence each."""
    name, is_array, least = kind.removeprefix("!").partition("*")
    if is_array:
        yield from _array_faults(value, name, int(least or 0), place)
    elif name in SHAPES:
        yield from _object_faults(value, SHAPES[name], place)
    elif name in WORDS:
        if value not in WORDS[name]:
            yield f"{place}: {value!r} is none of {', '.join(sorted(WORDS[name]))}"
    elif not isinstance(value, _SIMPLE[name]):
        yield f"{place}: expected {name}"


def _array_faults(value: Any, name: str, least: int, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: expected an array"
        return
    if len(value) < least:
        yield f"{place}: expected at least {least} elements"
    for index, element in enumerate(value):
        yield from faults(element, name, f"{place}[{index}]")


def _object_faults(value: Any, shape: Mapping[str, str], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place or 'body'}: expected an object"
        return
    prefix = f"{place}." if place else ""
    for attribute, kind in shape.items():
        if attribute in value:
            yield from faults(value[attribute], kind, prefix + attribute)
        elif kind.startswith("!"):
            yield f"{prefix}{attribute}: is missing"
    for attribute in value.keys() - shape.keys():
        yield f"{prefix}{attribute}: is unknown"


_LISTS = ("addResources", "tempResources", "removeResources", "updateResources")


def _definitions(request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in _LISTS:
        for definition in request.get(name, ()):
            yield name, definition


def _rule_unique_ids(request: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for name, definition in _definitions(request):
        if definition["id"] in seen:
            yield f"{name}: the id {definition['id']!r} is there twice"
        seen.add(definition["id"])


def _rule_instantiate(request: Mapping[str, Any]) -> Iterator[str]:
    if request["operation"] != "INSTANTIATE":
        return
    if ("instantiationLevelId" in request) == ("addResources" in request):
        yield "INSTANTIATE: exactly one of instantiationLevelId and addResources is to be there"
    if "flavourId" not in request:
        yield "INSTANTIATE: flavourId is missing"


def _rule_templates(request: Mapping[str, Any]) -> Iterator[str]:
    for name, definition in _definitions(request):
        if "resourceTemplateId" in definition:
            continue
        if definition["type"] != "COMPUTE" or "vduId" not in definition:
            yield f"{name}: {definition['id']!r} says no resourceTemplateId (nor, if COMPUTE, a vduId)"


def _rule_handles(request: Mapping[str, Any]) -> Iterator[str]:
    for name, definition in _definitions(request):
        if name in ("removeResources", "updateResources") and "resource" not in definition:
            yield f"{name}: {definition['id']!r} says no resource"
        if name == "addResources" and "resource" in definition:
            yield f"{name}: {definition['id']!r} says a resource, but is only to be made"


def _rule_constraints(request: Mapping[str, Any]) -> Iterator[str]:
    known = {definition["id"] for _, definition in _definitions(request)}
    for name in ("placementConstraints", "vimConstraints"):
        for constraint in request.get(name, ()):
            for reference in constraint["resource"]:
                if reference["idType"] == "GRANT" and reference["resourceId"] not in known:
                    yield f"{name}: {reference['resourceId']!r} is no resource of this request"


def _rule_links(request: Mapping[str, Any]) -> Iterator[str]:
    for link, attribute in (("vnfLcmOpOcc", "vnfLcmOpOccId"), ("vnfInstance", "vnfInstanceId")):
        href = request["_links"][link]["href"]
        if not href.startswith(("http://", "https://")):
            yield f"_links.{link}.href: {href!r} is not absolute"
        if not href.endswith(f"/{request[attribute]}"):
            yield f"_links.{link}.href: {href!r} is not that of {attribute}"


_RULES: tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...] = (
    _rule_unique_ids,
    _rule_instantiate,
    _rule_templates,
    _rule_handles,
    _rule_constraints,
    _rule_links,
)


def grant_request_faults(request: Any) -> list[str]:
    """What is wrong with a GrantRequest: its structure, and if that is right the rules of SOL003 9.5."""
    found = list(faults(request, "GrantRequest"))
    if not found:
        found = [fault for rule in _RULES for fault in rule(request)]
    return found


def notification_faults(body: Any) -> list[str]:
    """What is wrong with an LCM notification; types this NFVO has never heard of are wrong as well."""
    kind = body.get("notificationType") if isinstance(body, dict) else None
    names = {
        "VnfIdentifierCreationNotification": "VnfIdentifierCreationNotification",
        "VnfIdentifierDeletionNotification": "VnfIdentifierCreationNotification",
        "VnfLcmOperationOccurrenceNotification": "VnfLcmOperationOccurrenceNotification",
    }
    if kind not in names:
        return [f"notificationType: {kind!r} is unknown"]
    return list(faults(body, names[kind]))
