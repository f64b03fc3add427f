"""The Ve-Vnfm view (SOL002), for EM and VNF, of our canonical form.

Nothing about VIMs but the ids in resource handles; VNFCs by name where SOL003 has them in additionalParams.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from vnfm.domain.operation import OperationType
from vnfm.domain.query import REST, Among, Entries, Field, Removed, When
from vnfm.errors import BadRequest, Unprocessable
from vnfm.wire import vnfcs
from vnfm.wire.origins import Differences, Stored, Trail
from vnfm.wire.screen import VERBATIM, Document

#: Attributes that SOL003 has and SOL002 has not, wherever they stand below the top of a document.
_FOR_NFVO = frozenset({"zoneId", "resourceDefinitionId", "extManagedMultisiteVirtualLinkId", "vnfLinkPort"})
_ON_TOP = frozenset({"vimConnectionInfo"})
_STRUCTURES = (
    "resourceChanges",
    "changedExtConnectivity",
    "affectedVnfcs",
    "affectedVirtualLinks",
    "affectedExtLinkPorts",
    "affectedVirtualStorages",
)


def _seen(value: Any) -> Any:
    """A structure without what is between NFVO and VNFM."""
    if isinstance(value, Mapping):
        return {
            key: item if key in VERBATIM else _seen(item)
            for key, item in value.items()
            if key not in _FOR_NFVO
        }
    return [_seen(item) for item in value] if isinstance(value, list | tuple) else value


def instance(document: Document) -> Document:
    """VnfInstance (SOL002 5.5.2.2): no VIM connections."""
    seen = {name: value for name, value in document.items() if name not in _ON_TOP}
    if "instantiatedVnfInfo" in seen:
        seen["instantiatedVnfInfo"] = _seen(seen["instantiatedVnfInfo"])
    return seen


def occurrence(document: Document) -> Document:
    """VnfLcmOpOcc (SOL002 5.5.2.13), or a notification."""
    seen = {name: _seen(value) if name in _STRUCTURES else value for name, value in document.items()}
    if "operationParams" in seen:
        seen["operationParams"] = _params(str(seen["operation"]), seen["operationParams"])
    if "changedInfo" in seen:
        seen["changedInfo"] = _without_ids(_modifications(seen["changedInfo"]))
    return {name: value for name, value in seen.items() if name != "changedInfo" or value}


def _params(kind: str, value: Mapping[str, Any]) -> Document:
    """A request as an EM would have put it."""
    seen = _modifications(value)
    if kind in vnfcs.NAMING and vnfcs.INSIDE in (seen.get("additionalParams") or {}):
        parameters = dict(seen["additionalParams"])
        seen["vnfcInstanceId"] = parameters.pop(vnfcs.INSIDE)
        seen["additionalParams"] = parameters
        if not parameters:
            del seen["additionalParams"]
    for name in _SEEN_PARAMS:
        if seen.get(name):
            seen[name] = _seen(seen[name])
    return seen


#: Where in requests there is what SOL002 has not.
_SEEN_PARAMS = ("extVirtualLinks", "extManagedVirtualLinks")


def _modifications(value: Mapping[str, Any]) -> Document:
    """VnfInfoModificationRequest (SOL002 5.5.2.12): VNFCs by id in an array, and the ids of those emptied."""
    seen = {name: item for name, item in value.items() if name not in _ON_TOP}
    vnfcs = seen.pop("vnfcInfoModifications", None)
    if not isinstance(vnfcs, Mapping):
        return seen
    kept = {key: item for key, item in vnfcs.items() if item is not None}
    listed = [{"id": key, "vnfcConfigurableProperties": item} for key, item in kept.items()]
    gone = [key for key in vnfcs if key not in kept]
    return {
        **seen,
        **({"vnfcInfoModifications": listed} if listed else {}),
        **({"vnfcInfoModificationsDeleteIds": gone} if gone else {}),
    }


def _without_ids(value: Document) -> Document:
    """VnfInfoModifications has no ids of what was emptied; only a request has."""
    return {name: item for name, item in value.items() if name != "vnfcInfoModificationsDeleteIds"}


def _is_for_nfvo(path: Trail) -> bool:
    """Whether a path in operationParams leads to what an EM does not see."""
    if path[:1] != ("operationParams",):
        return False
    if not {*path[1:2]} & {*_SEEN_PARAMS}:
        return not _ON_TOP.isdisjoint(path[1:2])
    return not _FOR_NFVO.isdisjoint(takewhile(lambda name: name not in VERBATIM, path[2:]))


_MODIFIED = Stored(reading=Entries("id", "vnfcConfigurableProperties"))
_EMPTIED = Stored(("vnfcInfoModifications",), reading=Removed())
_NAMES = Field(f"params.additionalParams.{vnfcs.INSIDE}")

#: What the functions above do, for filters.
DIFFERENCES = Differences(
    operation={
        ("operationParams", "vnfcInfoModifications"): _MODIFIED,
        ("operationParams", "vnfcInfoModificationsDeleteIds"): _EMPTIED,
        ("changedInfo", "vnfcInfoModifications"): _MODIFIED,
    },
    sources={
        "operationParams": {
            "vnfcInstanceId": When(((Among(Field("type"), frozenset(vnfcs.NAMING)),),), _NAMES),
            "additionalParams": {
                vnfcs.INSIDE: When(((Among(Field("type"), frozenset(vnfcs.NAMING), found=False),),), _NAMES),
                REST: Field("params.additionalParams"),
            },
            REST: Field("params"),
        }
    },
    hides=_is_for_nfvo,
)


def snapshot(document: Document) -> Document:
    """VnfSnapshotInfo (SOL002 5.5.2.20): nothing about the VNF's own state, which SOL003 fetches."""
    if "vnfSnapshot" not in document:
        return document
    taken = document["vnfSnapshot"]
    seen = {name: item for name, item in taken.items() if name not in {"vnfStateSnapshotInfo", "_links"}}
    return {**document, "vnfSnapshot": seen}


#: Attributes whose meaning this VNFM does not have: refused, not overlooked.
_UNSUPPORTED: Mapping[str, str] = {
    "healScript": "this VNFM runs no scripts in VNFCs",
    "vnfcSnapshotInfoId": "this VNFM goes back to snapshots of whole VNFs only",
}
_SNAPSHOTS = frozenset({OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT})


def request(kind: OperationType, body: Document) -> Document:
    """The canonical request. Unprocessable for what cannot be done, BadRequest for a contradiction."""
    for name, reason in _UNSUPPORTED.items():
        if name in body:
            raise Unprocessable(f"{name}: {reason}")
    if kind in _SNAPSHOTS and "vnfcInstanceId" in body:
        raise Unprocessable("vnfcInstanceId: this VNFM takes and restores snapshots of whole VNFs only")
    canonical = dict(vnfcs.read(kind, body))
    if kind is OperationType.MODIFY_INFO:
        _name_vnfcs(canonical)
    return canonical


def _name_vnfcs(canonical: Document) -> None:
    listed = canonical.pop("vnfcInfoModifications", None) or []
    gone = canonical.pop("vnfcInfoModificationsDeleteIds", None) or []
    ids = [entry["id"] for entry in listed]
    twice = sorted({one for one in ids if ids.count(one) > 1} | set(ids) & set(gone))
    if twice:
        raise BadRequest(f"vnfcInfoModifications: {', '.join(twice)} is named more than once")
    vnfcs = {entry["id"]: entry["vnfcConfigurableProperties"] for entry in listed}
    if vnfcs or gone:
        canonical["vnfcInfoModifications"] = {**vnfcs, **dict.fromkeys(gone)}
