"""The one door to stored secrets (accessInfo of VIM connections).

Everything secret enters and leaves the database here and nowhere else, so that encryption at rest, which a
later issue brings, changes this module alone. Until then values lie as they are: docs/reference/security.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.store.client import Db
from vnfm.store.edge import translated


class Secrets:
    """The collection ``secrets``: a value per tenant and name."""

    def __init__(self, db: Db) -> None:
        self._docs = db["secrets"]

    def put(self, tenant: str, name: str, value: Mapping[str, Any]) -> None:
        """Store or replace."""
        with translated():
            self._docs.update_one({"_id": f"{tenant}/{name}"}, {"$set": {"value": dict(value)}}, upsert=True)

    def get(self, tenant: str, name: str) -> Mapping[str, Any] | None:
        """The value, or None."""
        with translated():
            document = self._docs.find_one({"_id": f"{tenant}/{name}"})
        return document["value"] if document else None

    def delete(self, tenant: str, prefix: str) -> None:
        """Forget every value whose name begins with ``prefix``."""
        start = f"{tenant}/{prefix}"
        with translated():
            self._docs.delete_many({"_id": {"$gte": start, "$lt": start + "\uffff"}})
