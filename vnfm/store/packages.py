"""VNFDs of packages fetched from the NFVO, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.store.client import Db
from vnfm.store.edge import translated


class Packages:
    """The collection ``vnfds``; a document holds the parsed model as plain data and the content's hash."""

    def __init__(self, db: Db) -> None:
        self._docs = db["vnfds"]

    def put(self, tenant: str, vnfd_id: str, content_hash: str, vnfd: Mapping[str, Any]) -> None:
        """Store or replace."""
        with translated():
            change = {"$set": {"hash": content_hash, "vnfd": dict(vnfd)}}
            self._docs.update_one({"_id": f"{tenant}/{vnfd_id}"}, change, upsert=True)

    def hash_of(self, tenant: str, vnfd_id: str) -> str | None:
        """The content hash of what is stored, or None: cheap enough to ask before trusting a cache."""
        with translated():
            document = self._docs.find_one({"_id": f"{tenant}/{vnfd_id}"}, {"hash": 1})
        return document["hash"] if document else None

    def get(self, tenant: str, vnfd_id: str) -> Mapping[str, Any] | None:
        """The parsed model as plain data, or None."""
        with translated():
            document = self._docs.find_one({"_id": f"{tenant}/{vnfd_id}"})
        return document["vnfd"] if document else None
