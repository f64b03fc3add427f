"""VNF snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from vnfm.domain.query import Query
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.store.client import Db, Document
from vnfm.store.edge import translated
from vnfm.store.query import find, indexes, shape_of

_FIELDS = tuple(item.name for item in fields(SnapshotInfo))


def _from_document(document: Document) -> SnapshotInfo:
    values = {name: document[name] for name in _FIELDS if name in document}
    return SnapshotInfo(**{**values, "id": document["_id"]})


def _with_instance(fields: frozenset[str] | None) -> frozenset[str] | None:
    """The record of the instance is needed whole or not at all."""
    if fields is None:
        return None
    return frozenset("instance" if name.startswith("instance.") else name for name in fields)


class Snapshots:
    """The collection ``vnf_snapshots``."""

    def __init__(self, db: Db) -> None:
        self._docs = db["vnf_snapshots"]

    def ensure_indexes(self) -> None:
        """Create what the queries below need."""
        with translated():
            self._docs.create_indexes(indexes("vnf_snapshot.vnfInstanceId"))

    def insert(self, tenant: str, snapshot: SnapshotInfo) -> None:
        """Store a new one."""
        document = {key: value for key, value in asdict(snapshot).items() if key != "id"}
        with translated():
            self._docs.insert_one({**document, "_id": snapshot.id, "tenant": tenant})

    def get(self, tenant: str, snapshot_id: str) -> SnapshotInfo | None:
        """The snapshot, or None if this tenant has none of that id."""
        with translated():
            document = self._docs.find_one({"_id": snapshot_id, "tenant": tenant})
        return _from_document(document) if document else None

    def list_all(self, tenant: str, limit: int) -> list[SnapshotInfo]:
        """Up to ``limit`` snapshots in the order of their ids."""
        return self.page(tenant, Query(limit=limit))

    def page(self, tenant: str, query: Query) -> list[SnapshotInfo]:
        """What the query asks for; a SnapshotInfo has only the fields asked for besides what it must have."""
        shape = shape_of(_with_instance(query.fields), {"tenant", "created"}, {})
        return [_from_document(document) for document in find(self._docs, {"tenant": tenant}, query, shape)]

    def fill(self, tenant: str, snapshot_id: str, changes: Mapping[str, Any]) -> bool:
        """Set fields (domain names); False if it is gone."""
        with translated():
            found = self._docs.update_one({"_id": snapshot_id, "tenant": tenant}, {"$set": dict(changes)})
        return found.matched_count == 1

    def delete(self, tenant: str, snapshot_id: str) -> bool:
        """Forget it; False if it was gone."""
        with translated():
            return self._docs.delete_one({"_id": snapshot_id, "tenant": tenant}).deleted_count == 1
