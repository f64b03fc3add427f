"""VnfSnapshotInfo in SOL003 v2 spelling (5.5.2.20 ff.), with links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.wire import instance as spelled_instance
from vnfm.wire.links import Links
from vnfm.wire.screen import Document, passed


def complete(info: SnapshotInfo, links: Links) -> Document:
    """VnfSnapshotInfo, complete."""
    document: Document = {"id": info.id}
    named = {"self": {"href": links.snapshot(info.id)}}
    if info.vnf_snapshot is not None:
        then = {} if info.instance is None else {"vnfInstance": _instance_then(info.instance, links)}
        document["vnfSnapshot"] = {**passed(info.vnf_snapshot), **then}
        named["takenFrom"] = {"href": links.instance(info.vnf_snapshot["vnfInstanceId"])}
    return {**document, "_links": named}


def _instance_then(record: Mapping[str, Any], links: Links) -> Document:
    """The VNF instance as it was; of its links only that to itself still says something."""
    was = Instance(**{**record, "state": InstantiationState(record["state"])})
    document = spelled_instance.complete(was, links)
    return {**document, "_links": {"self": document["_links"]["self"]}}
