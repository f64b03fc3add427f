"""The Or-Vnfm view (SOL003) of our canonical form: without what only an EM or a VNF sees."""

from __future__ import annotations

from vnfm.wire.origins import Differences, Trail
from vnfm.wire.screen import Document

#: What SOL002 has in a modification, and SOL003 has not.
_FOR_EM = "vnfcInfoModifications"


def instance(document: Document) -> Document:
    """VnfInstance without vnfcInfo."""
    if "instantiatedVnfInfo" not in document:
        return document
    info = {name: value for name, value in document["instantiatedVnfInfo"].items() if name != "vnfcInfo"}
    return {**document, "instantiatedVnfInfo": info}


def occurrence(document: Document) -> Document:
    """VnfLcmOpOcc, or a notification, without modifications of VNFCs."""
    changed: Document = {}
    for name in ("operationParams", "changedInfo"):
        if _FOR_EM in document.get(name, ()):
            changed[name] = {key: value for key, value in document[name].items() if key != _FOR_EM}
    if not changed:
        return document
    whole = {**document, **changed}
    return {name: value for name, value in whole.items() if name not in changed or value}


def _is_for_em(path: Trail) -> bool:
    return path[:2] == ("operationParams", _FOR_EM)


#: The same, for filters.
DIFFERENCES = Differences(hides=_is_for_em)
