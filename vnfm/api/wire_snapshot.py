"""VNF snapshots in SOL spelling (SOL003 5.5.2.20 ff., v2), with links."""

from __future__ import annotations

from vnfm.api import wire
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.snapshot import SnapshotInfo

#: What lists leave out of VnfSnapshot.
_NOT_LISTED = frozenset({"vnfInstance", "vnfcSnapshots"})


def snapshot(info: SnapshotInfo, base_url: str) -> wire.Document:
    """VnfSnapshotInfo, complete."""
    document: wire.Document = {"id": info.id}
    links = {"self": {"href": wire.snapshot_url(base_url, info.id)}}
    if info.vnf_snapshot is not None and info.instance is not None:
        document["vnfSnapshot"] = {
            **wire.passed(info.vnf_snapshot),
            "vnfInstance": _instance_then(info, base_url),
        }
        links["takenFrom"] = {"href": wire.instance_url(base_url, info.vnf_snapshot["vnfInstanceId"])}
    return {**document, "_links": links}


def snapshot_summary(info: SnapshotInfo, base_url: str) -> wire.Document:
    """VnfSnapshotInfo without what lists leave out by default."""
    document = snapshot(info, base_url)
    if "vnfSnapshot" in document:
        taken = document["vnfSnapshot"]
        document["vnfSnapshot"] = {key: taken[key] for key in taken if key not in _NOT_LISTED}
    return document


def _instance_then(info: SnapshotInfo, base_url: str) -> wire.Document:
    """The VNF instance as it was; of its links only that to itself still says something."""
    record = dict(info.instance or {})
    was = Instance(**{**record, "state": InstantiationState(record["state"])})
    document = wire.instance(was, base_url)
    return {**document, "_links": {"self": document["_links"]["self"]}}
