"""VNF instances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from operator import itemgetter
from typing import Any

from pymongo import ReturnDocument

from vnfm.domain.event import Kind
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.query import Query
from vnfm.store import outbox
from vnfm.store.client import Db, Document
from vnfm.store.edge import translated
from vnfm.store.query import find, indexes, shape_of

_FIELDS = tuple(item.name for item in fields(Instance))


def _to_document(instance: Instance) -> Document:
    document = {name: getattr(instance, name) for name in _FIELDS if name != "id"}
    document["_id"] = instance.id
    document["state"] = str(instance.state)
    return document


def _from_document(document: Document) -> Instance:
    values = {name: document[name] for name in _FIELDS if name in document}
    return Instance(id=document["_id"], **{**values, "state": InstantiationState(document["state"])})


#: What an Instance of a list is without what was not asked for. Shared, so that a long list makes none of it.
_BARE: Mapping[str, Any] = {
    item.name: item.default if item.default_factory is MISSING else item.default_factory()
    for item in fields(Instance)
}
#: Its values one after the other, as a constructor takes them fastest.
_IN_ORDER = itemgetter(*_FIELDS)

_STATES = {str(state): state for state in InstantiationState}


#: Of the resources only whether an INSTANTIATE that was given up has left any: nothing else is told of them.
_WHETHER_ANY: Mapping[str, Any] = {
    "$cond": [
        {"$or": [{"$eq": ["$state", "INSTANTIATED"]}, {"$eq": ["$resources", []]}]},
        [],
        [{}],
    ]
}


def _from_part(tenant: str, document: Document) -> Instance:
    """The instance of a document that has nothing but what was asked for: to be read only."""
    known = {
        **_BARE,
        **document,
        "id": document["_id"],
        "tenant": tenant,
        "state": _STATES[document["state"]],
    }
    return Instance(*_IN_ORDER(known))


class Instances:
    """The collection ``vnf_instances``."""

    def __init__(self, db: Db) -> None:
        self._docs = db["vnf_instances"]

    def ensure_indexes(self) -> None:
        """Create what the queries below need."""
        outbox.Outbox(self._docs).ensure_indexes()
        with translated():
            self._docs.create_indexes(indexes("name", "vnfd_id", "vnf_provider", "vnf_product_name", "state"))

    def insert(self, tenant: str, instance: Instance) -> None:
        """Store a new instance of ``tenant``, with what subscribers are to be told of it."""
        entry = outbox.instance_entry(Kind.CREATION, instance, instance.created)
        with translated():
            self._docs.insert_one({**_to_document(instance), "tenant": tenant, **outbox.begun(entry)})

    def get(self, tenant: str, instance_id: str) -> Instance | None:
        """The instance, or None if this tenant has none of that id."""
        with translated():
            document = self._docs.find_one({"_id": instance_id, "tenant": tenant})
        return _from_document(document) if document else None

    def list_all(self, tenant: str, limit: int) -> list[Instance]:
        """Up to ``limit`` instances in the order of their ids."""
        return self.page(tenant, Query(limit=limit))

    def page(self, tenant: str, query: Query) -> list[Instance]:
        """What the query asks for; unless it asks for everything, an Instance has only the fields asked for
        besides the mandatory ones, and of its resources only whether it is half-made."""
        shape = shape_of(query.fields, {"state"}, {"resources": _WHETHER_ANY})
        found = find(self._docs, {"tenant": tenant}, query, shape)
        if shape is None:
            return [_from_document(document) for document in found]
        return [_from_part(tenant, document) for document in found]

    def update(self, tenant: str, instance_id: str, changes: Mapping[str, Any]) -> Instance | None:
        """Set fields (domain names) and raise the revision; None if it is gone."""
        with translated():
            document = self._docs.find_one_and_update(
                {"_id": instance_id, "tenant": tenant},
                {**({"$set": dict(changes)} if changes else {}), "$inc": {"revision": 1}},
                return_document=ReturnDocument.AFTER,
            )
        return _from_document(document) if document else None

    def forget(self, tenant: str, instance_id: str, resources: Collection[str]) -> None:
        """Take VIM ids out of the inventory and raise the revision; what else is written meanwhile stays."""
        change = {"$pull": {"resources": {"id": {"$in": list(resources)}}}, "$inc": {"revision": 1}}
        with translated():
            self._docs.update_one({"_id": instance_id, "tenant": tenant}, change)

    def delete(self, tenant: str, instance: Instance, time: datetime) -> bool:
        """Remove it if it is still at the revision of ``instance``.

        It loses its tenant, so that nobody finds it any more, in the same write that says that it is to be
        told; when that is done, the document goes.
        """
        query = {"_id": instance.id, "tenant": tenant, "revision": instance.revision}
        change = outbox.adding(outbox.instance_entry(Kind.DELETION, instance, time), {})
        with translated():
            found = self._docs.update_one(query, {**change, "$rename": {"tenant": outbox.FORMER_TENANT}})
        return found.modified_count == 1
