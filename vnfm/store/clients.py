"""API clients, and the key that signs their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.store.client import Db
from vnfm.store.edge import translated


class Clients:
    """The collections ``clients`` (secret hashed) and ``signing_keys``.

    The one place that is asked before a tenant is known: it is what tells the tenant.
    """

    def __init__(self, db: Db) -> None:
        self._docs = db["clients"]
        self._keys = db["signing_keys"]

    def put(self, client_id: str, tenant: str, roles: list[str], salt: bytes, digest: bytes) -> None:
        """Store or replace a client."""
        change = {"tenant": tenant, "roles": roles, "salt": salt, "digest": digest}
        with translated():
            self._docs.update_one({"_id": client_id}, {"$set": change}, upsert=True)

    def get(self, client_id: str) -> Mapping[str, Any] | None:
        """tenant, roles, salt and digest of a client, or None."""
        with translated():
            return self._docs.find_one({"_id": client_id})

    def agree_on_key(self, candidate: Mapping[str, Any]) -> Mapping[str, Any]:
        """The key all processes sign with: ``candidate`` if there was none, else the one that was first."""
        with translated():
            self._keys.update_one({"_id": "current"}, {"$setOnInsert": {"jwk": dict(candidate)}}, upsert=True)
            document = self._keys.find_one({"_id": "current"})
        if document is None:  # only a hand that deleted it in between
            return self.agree_on_key(candidate)
        jwk: Mapping[str, Any] = document["jwk"]
        return jwk
