"""VNF LCM version 2 (NFV-SOL 3.5.1) is our canonical form, but for what only version 1 has."""

from __future__ import annotations

from vnfm.wire.screen import Document


def instance(document: Document) -> Document:
    """VnfInstance without vnfPkgId."""
    if "vnfPkgId" not in document:
        return document
    return {name: value for name, value in document.items() if name != "vnfPkgId"}
