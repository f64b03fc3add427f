"""VNF LCM version 1 (NFV-SOL 2.6.1, read by clients of 2.4.1 to 2.8.1) from and to our canonical form.

Canonical maps are arrays here: ``vimConnectionInfo`` with ``id``, ``cpConfig`` with ``cpInstanceId``. What
version 1 has no word for is left out of answers; operations it does not know are hidden by ``dialect``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any

from vnfm.domain.operation import OperationType
from vnfm.domain.query import Entries, Removed
from vnfm.errors import BadRequest, Unprocessable
from vnfm.wire.origins import Differences, Stored, Trail
from vnfm.wire.points import Fetch, Names
from vnfm.wire.screen import VERBATIM, Document

#: Attributes that came with 2.7.1 or later, wherever they stand below the top of a document.
_LATER = frozenset(
    {
        "vnfdId",
        "zoneId",
        "resourceDefinitionId",
        "vnfLinkPortIds",
        "affectedExtLinkPorts",
        "affectedVipCps",
        "maxScaleLevels",
        "vipCpInfo",
        "vipCpInstanceId",
        "associatedVipCpId",
        "currentVnfExtCpData",
        "cpConfigId",
        "parentCpConfigId",
        "createExtLinkPort",
        "trunkResourceId",
        "secondaryCpInstanceId",
        "vnfLinkPort",
        "extManagedMultisiteVirtualLinkId",
        "segmentationType",
        "segmentationId",
        "parentCpId",
        "vnfcInfo",
    }
)
#: Attributes of the top level that came later.
_LATER_ON_TOP = frozenset(
    {
        "affectedExtLinkPorts",
        "affectedVipCps",
        "modificationsTriggeredByVnfPkgChange",
        "vnfSnapshotInfoId",
        "lcmCoordinations",
        "rejectedLcmCoordinations",
        "warnings",
        "verbosity",
    }
)
_LATER_LINKS = frozenset({"createSnapshot", "revertToSnapshot", "vnfSnapshot"})


def _older(value: Any) -> Any:
    """A structure without what came later."""
    if isinstance(value, Mapping):
        return {
            key: item if key in VERBATIM else _older(item) for key, item in value.items() if key not in _LATER
        }
    return [_older(item) for item in value] if isinstance(value, list | tuple) else value


def _listed(entries: Mapping[str, Any], key: str) -> list[Document]:
    """A map as an array whose items name their key; what a merge patch removes is not among them."""
    return [{key: name, **entry} for name, entry in entries.items() if entry is not None]


def instance(document: Document) -> Document:
    """VnfInstance (SOL003 2.6.1, 5.5.2.2). A package whose NFVO gave it no id is named by its VNFD."""
    changed: Document = {"vnfPkgId": document.get("vnfPkgId", document["vnfdId"]), "_links": _links(document)}
    if "vimConnectionInfo" in document:
        changed["vimConnectionInfo"] = _listed(document["vimConnectionInfo"], "id")
    if "instantiatedVnfInfo" in document:
        info = _older(document["instantiatedVnfInfo"])
        links = info.pop("vnfVirtualLinkResourceInfo", None)
        changed["instantiatedVnfInfo"] = {**info, "virtualLinkResourceInfo": links} if links else info
    return {**document, **changed}


def _links(document: Document) -> Document:
    return {name: link for name, link in document["_links"].items() if name not in _LATER_LINKS}


def occurrence(document: Document) -> Document:
    """VnfLcmOpOcc (5.5.2.13), or a VnfLcmOperationOccurrenceNotification (5.5.2.17)."""
    kept = {name: value for name, value in document.items() if name not in _LATER_ON_TOP}
    for name in ("resourceChanges", "changedExtConnectivity", *_AFFECTED):
        if name in kept:
            kept[name] = _older(kept[name])
    if kept.get("resourceChanges") == {}:  # nothing but what came later
        del kept["resourceChanges"]
    if "operationParams" in kept:
        kept["operationParams"] = _params(kept["operationParams"])
    if "changedInfo" in kept:
        kept["changedInfo"] = _modifications(kept["changedInfo"])
        kept["changedInfo"].pop("vnfcInfoModifications", None)  # SOL002 has them in the request only
        if not kept["changedInfo"]:
            del kept["changedInfo"]
    return {**kept, "_links": _links(document)}


#: Where notifications have what occurrences have in ``resourceChanges``.
_AFFECTED = ("affectedVnfcs", "affectedVirtualLinks", "affectedVirtualStorages")


def _modifications(value: Mapping[str, Any]) -> Document:
    """VnfInfoModifications (5.5.2.12a): arrays, and what was removed by id."""
    connections = value.get("vimConnectionInfo")
    if not isinstance(connections, Mapping):
        return dict(value)
    rest = {name: item for name, item in value.items() if name != "vimConnectionInfo"}
    listed = _listed(connections, "id")
    gone = [name for name, info in connections.items() if info is None]
    return {
        **rest,
        **({"vimConnectionInfo": listed} if listed else {}),
        **({"vimConnectionInfoDeleteIds": gone} if gone else {}),
    }


def _params(value: Mapping[str, Any]) -> Document:
    """A request as version 1 would have put it."""
    older = _modifications(value)
    if older.get("extVirtualLinks"):
        older["extVirtualLinks"] = [_each_point(link, _configs_listed) for link in older["extVirtualLinks"]]
    for name in _OLDER_PARAMS:
        if older.get(name):
            older[name] = _older(older[name])
    return older


#: Where in requests there is what came later.
_OLDER_PARAMS = ("extVirtualLinks", "extManagedVirtualLinks", "scaleInfo")


def _each_point(link: Mapping[str, Any], change: Callable[[Document], Document]) -> Document:
    if not link.get("extCps"):
        return dict(link)
    return {**link, "extCps": [change(cp) for cp in link["extCps"]]}


def _configs_listed(point: Document) -> Document:
    if not isinstance(point.get("cpConfig"), Mapping):
        return point
    configs = _listed(point["cpConfig"], "cpInstanceId")
    rest = {name: value for name, value in point.items() if name != "cpConfig"}
    return {**rest, "cpConfig": configs} if configs else rest


_CONNECTIONS = Stored(reading=Entries("id"))
_GONE = Stored(("vimConnectionInfo",), reading=Removed())


def _is_later(path: Trail) -> bool:
    """Whether a path in operationParams leads to what came later."""
    if path[:1] != ("operationParams",) or not {*path[1:2]} & {*_OLDER_PARAMS}:
        return False
    own = list(takewhile(lambda name: name not in VERBATIM, path[2:]))
    return not _LATER.isdisjoint(own)


#: What the functions above do, for filters.
DIFFERENCES = Differences(
    instance={
        ("vimConnectionInfo",): _CONNECTIONS,
        ("instantiatedVnfInfo", "virtualLinkResourceInfo"): Stored(("vnfVirtualLinkResourceInfo",)),
    },
    operation={
        ("operationParams", "vimConnectionInfo"): _CONNECTIONS,
        ("operationParams", "vimConnectionInfoDeleteIds"): _GONE,
        ("operationParams", "extVirtualLinks", "extCps", "cpConfig"): Stored(reading=Entries("cpInstanceId")),
        ("changedInfo", "vimConnectionInfo"): _CONNECTIONS,
        ("changedInfo", "vimConnectionInfoDeleteIds"): _GONE,
    },
    hides=_is_later,
)


def request(kind: OperationType, body: Document, fetch: Fetch) -> Document:
    """The canonical request. BadRequest names an id that stands twice, or that nothing has; Unprocessable a
    package that the VNF has not."""
    canonical = dict(body)
    _check_package(canonical.pop("vnfPkgId", None), fetch)
    connections = canonical.get("vimConnectionInfo")
    if connections is not None:
        canonical["vimConnectionInfo"] = _by_id(connections)
    gone = canonical.pop("vimConnectionInfoDeleteIds", None)
    if gone:
        both = set(gone) & set(canonical.get("vimConnectionInfo") or {})
        if both:
            raise BadRequest(f"vimConnectionInfoDeleteIds: {', '.join(sorted(both))} is also to be modified")
        kept = canonical.get("vimConnectionInfo") or {}
        canonical["vimConnectionInfo"] = {**kept, **dict.fromkeys(gone)}
    if canonical.get("extVirtualLinks"):
        names = Names(kind, canonical["extVirtualLinks"], fetch)
        canonical["extVirtualLinks"] = [
            _each_point(link, names.configs_named) for link in canonical["extVirtualLinks"]
        ]
    return canonical


def _check_package(asked: str | None, fetch: Fetch) -> None:
    """2.4.1 has the package in a modification where later versions have ``vnfdId``."""
    if asked is None:
        return
    now = fetch()
    if asked != (now.vnf_pkg_id or now.vnfd_id):
        raise Unprocessable("vnfPkgId: this VNFM does not change the package by modifying the VNF instance")


def _by_id(connections: Iterable[Mapping[str, Any]]) -> Document:
    found: Document = {}
    for entry in connections:
        rest = dict(entry)
        name = rest.pop("id")
        if name in found:
            raise BadRequest(f"vimConnectionInfo: there are two entries with id {name!r}")
        found[name] = rest
    return found
