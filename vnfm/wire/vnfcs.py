"""VNFCs that a HEAL or an OPERATE names: an attribute of its own in SOL002, in additionalParams inside.

SOL003 has no such attribute. Clients of it send it all the same (Tacker's does), and to overlook it would
heal or stop the whole VNF; so requests of both interfaces are read here.
"""

from __future__ import annotations

from vnfm.domain.operation import OperationType
from vnfm.wire.screen import Document

#: The operations whose requests can name VNFCs.
NAMING = frozenset({OperationType.HEAL, OperationType.OPERATE})
#: What they are called in additionalParams.
INSIDE = "vnfcInstanceIds"


def read(kind: OperationType, body: Document) -> Document:
    """The canonical request; an empty array is the whole VNF, like none."""
    if kind not in NAMING or "vnfcInstanceId" not in body:
        return body
    canonical = dict(body)
    named = canonical.pop("vnfcInstanceId")
    if named:
        canonical["additionalParams"] = {**(canonical.get("additionalParams") or {}), INSIDE: named}
    return canonical
