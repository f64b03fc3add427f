"""VnfSnapshotInfo in SOL003 v2 spelling (5.5.2.20 ff.), with links."""

from __future__ import annotations

from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.wire import instance as spelled_instance
from vnfm.wire.links import Links
from vnfm.wire.screen import Document, passed

#: What lists leave out of VnfSnapshot.
_NOT_LISTED = frozenset({"vnfInstance", "vnfcSnapshots"})


def complete(info: SnapshotInfo, links: Links) -> Document:
    """VnfSnapshotInfo, complete."""
    document: Document = {"id": info.id}
    named = {"self": {"href": links.snapshot(info.id)}}
    if info.vnf_snapshot is not None and info.instance is not None:
        document["vnfSnapshot"] = {
            **passed(info.vnf_snapshot),
            "vnfInstance": _instance_then(info, links),
        }
        named["takenFrom"] = {"href": links.instance(info.vnf_snapshot["vnfInstanceId"])}
    return {**document, "_links": named}


def summary(info: SnapshotInfo, links: Links) -> Document:
    """VnfSnapshotInfo without what lists leave out by default."""
    document = complete(info, links)
    if "vnfSnapshot" in document:
        taken = document["vnfSnapshot"]
        document["vnfSnapshot"] = {key: taken[key] for key in taken if key not in _NOT_LISTED}
    return document


def _instance_then(info: SnapshotInfo, links: Links) -> Document:
    """The VNF instance as it was; of its links only that to itself still says something."""
    record = dict(info.instance or {})
    was = Instance(**{**record, "state": InstantiationState(record["state"])})
    document = spelled_instance.complete(was, links)
    return {**document, "_links": {"self": document["_links"]["self"]}}
