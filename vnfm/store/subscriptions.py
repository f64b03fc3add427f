"""Subscriptions to life-cycle changes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from vnfm.domain.authentication import AuthType
from vnfm.domain.query import Query
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.store.client import Db, Document
from vnfm.store.edge import translated
from vnfm.store.query import find

log = logging.getLogger(__name__)

_FIELDS = tuple(item.name for item in fields(Subscription) if item.name != "id")


def _to_document(subscription: Subscription) -> Document:
    document = {name: getattr(subscription, name) for name in _FIELDS}
    return {
        **document,
        "_id": subscription.id,
        "verbosity": str(subscription.verbosity),
        "auth_type": subscription.auth_type and str(subscription.auth_type),
        "digest": subscription.digest,
    }


def _from_document(document: Document) -> Subscription:
    values = {name: document[name] for name in _FIELDS if name in document}
    kind = values.pop("auth_type", None)
    return Subscription(
        **{**values, "verbosity": Verbosity(values["verbosity"])},
        id=document["_id"],
        auth_type=AuthType(kind) if kind else None,
    )


class Subscriptions:
    """The collection ``subscriptions``."""

    def __init__(self, db: Db) -> None:
        self._docs = db["subscriptions"]

    def ensure_indexes(self) -> None:
        """Create what the queries below need; the unique one is the rule "no duplicate subscription"."""
        owner = [("tenant", ASCENDING), ("client", ASCENDING), ("api", ASCENDING)]
        with translated():
            self._docs.create_index([*owner, ("digest", ASCENDING)], name="no_duplicates", unique=True)
            self._docs.create_index([*owner, ("_id", ASCENDING)], name="by_owner")

    def insert(self, tenant: str, subscription: Subscription) -> bool:
        """Store a new one; False if its client has one with the same callback URI and filter already."""
        try:
            with translated():
                self._docs.insert_one({**_to_document(subscription), "tenant": tenant})
        except DuplicateKeyError:
            return False
        return True

    def twin(self, tenant: str, subscription: Subscription) -> Subscription | None:
        """The one of the same client and API with the same callback URI and filter."""
        names = ("client", "api", "digest")
        query = {"tenant": tenant, **{name: getattr(subscription, name) for name in names}}
        with translated():
            document = self._docs.find_one(query)
        return _from_document(document) if document else None

    def get(self, tenant: str, subscription_id: str) -> Subscription | None:
        """The subscription, or None if this tenant has none of that id."""
        with translated():
            document = self._docs.find_one({"_id": subscription_id, "tenant": tenant})
        return _from_document(document) if document else None

    def list_all(self, tenant: str, client: str | None) -> list[Subscription]:
        """Those of one client, or of all, in the order of their ids."""
        query = {"tenant": tenant, **({} if client is None else {"client": client})}
        with translated():
            return [_from_document(doc) for doc in self._docs.find(query).sort("_id")]

    def page(self, tenant: str, client: str, api: str, query: Query) -> list[Subscription]:
        """What the query asks for, of one client in one API."""
        own = {"tenant": tenant, "client": client, "api": api}
        return [_from_document(document) for document in find(self._docs, own, query, None)]

    def of_tenants(self, tenants: Collection[str]) -> Mapping[str, list[Subscription]]:
        """All subscriptions of these tenants, by tenant. One that cannot be read is told nothing, so that it
        keeps nothing from the others."""
        found: dict[str, list[Subscription]] = {tenant: [] for tenant in tenants}
        with translated():
            documents = list(self._docs.find({"tenant": {"$in": list(tenants)}}))
        for document in documents:
            try:
                found[document["tenant"]].append(_from_document(document))
            except (LookupError, TypeError, ValueError):
                facts = {"subscriptionId": document["_id"], "alarm": True}
                log.exception("a subscription cannot be read", extra=facts)
        return found

    def change(
        self,
        tenant: str,
        subscription_id: str,
        changes: Mapping[str, Any],
        seen: Mapping[str, Any] | None = None,
    ) -> bool:
        """Set fields (domain names); False if it is gone, or its fields are not as ``seen`` any more."""
        wanted = {"_id": subscription_id, "tenant": tenant, **(seen or {})}
        with translated():
            found = self._docs.update_one(wanted, {"$set": dict(changes)})
        return found.matched_count == 1

    def delete(self, tenant: str, subscription_id: str) -> bool:
        """Forget it; False if it was gone."""
        with translated():
            return self._docs.delete_one({"_id": subscription_id, "tenant": tenant}).deleted_count == 1
