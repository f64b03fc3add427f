"""Outboxes: events written with the change they tell of, in the same document, until they are queued.

A document with an outbox has ``outbox`` (its entries, in order, never taken out), ``told`` (how many of them
are queued for their subscribers) and ``untold`` (whether there are more). One whose events cannot be told has
``aside`` (why, and since when) and is not read until ``restore``. Any number of relays may read the same
outbox at the same time: what they do with it can be done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DeleteOne, UpdateOne
from pymongo.collection import Collection

from vnfm.domain import event
from vnfm.domain.event import Event, Kind, SetAside, Untold
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation
from vnfm.store.client import Db, Document
from vnfm.store.edge import translated

#: An instance that is deleted loses its tenant, and with it all that reads; the relay finds it by this.
FORMER_TENANT = "former_tenant"

#: What an event is made of; an operation's journal is not read for it.
_READ = ("outbox", "told", "tenant", FORMER_TENANT, "vnf_instance_id", "type", "automatic", "subject")


def begun(*entries: Document) -> Document:
    """Fields of a new document that has something to tell."""
    return {"outbox": list(entries), "told": 0, "untold": True}


def adding(entry: Document, changes: Mapping[str, Any]) -> Document:
    """The update that makes ``changes`` and adds an entry."""
    return {"$set": {**changes, "untold": True}, "$push": {"outbox": entry}}


def operation_entry(operation: Operation) -> Document:
    """A state entered, with all that is to be told of it."""
    return {
        "state": str(operation.state),
        "time": operation.state_entered_time,
        "news": event.news(operation),
    }


def instance_entry(kind: Kind, instance: Instance, time: datetime | None) -> Document:
    """An identifier made or deleted."""
    return {"kind": str(kind), "time": time, "subject": event.subject(instance)}


class Outbox:
    """The untold events of one collection."""

    def __init__(self, docs: Collection[Document]) -> None:
        self._docs = docs

    def ensure_indexes(self) -> None:
        """Create what ``untold`` needs."""
        with translated():
            self._docs.create_index(
                [("untold", ASCENDING)], name="untold", partialFilterExpression={"untold": True}
            )
            self._docs.create_index(
                [("aside.since", ASCENDING)], name="aside", partialFilterExpression=_IS_ASIDE
            )

    def untold(self, limit: int) -> list[Untold]:
        """Up to ``limit`` documents that have something to tell, whosesoever they are."""
        with translated():
            return [_read(document) for document in self._docs.find({"untold": True}, _READ).limit(limit)]

    def mark_told(self, told: Sequence[Untold]) -> None:
        """All that was read is queued. A document that has got more to tell since stays as it is: its events
        are queued again, which changes nothing for those that are. A deleted instance ends here."""
        with translated():
            if told:
                self._docs.bulk_write([_closing(one) for one in told], ordered=False)

    def set_aside(self, source: str, problem: str) -> None:
        """Read this document no more, so that it holds up no other; what it gets to tell later waits too."""
        since = {"$ifNull": ["$aside.since", "$$NOW"]}
        aside = {"untold": False, "aside": {"problem": {"$literal": problem}, "since": since}}
        with translated():
            self._docs.update_one({"_id": source}, [{"$set": aside}])

    def restore(self) -> None:
        """Read again what was set aside, whosesoever it is: this program may be able to tell it."""
        with translated():
            self._docs.update_many(_IS_ASIDE, {"$set": {"untold": True}})

    def aside(self, tenant: str) -> list[SetAside]:
        """What was set aside of a tenant, the oldest first."""
        query = {**_IS_ASIDE, "$or": [{"tenant": tenant}, {FORMER_TENANT: tenant}]}
        with translated():
            found = list(self._docs.find(query, ("aside", "vnf_instance_id")).sort("aside.since"))
        return [
            SetAside(one["_id"], "vnf_instance_id" in one, one["aside"]["problem"], one["aside"]["since"])
            for one in found
        ]


_IS_ASIDE: Document = {"aside.since": {"$exists": True}}


def operation_outbox(db: Db) -> Outbox:
    """The outbox of operations."""
    return Outbox(db["operations"])


def instance_outbox(db: Db) -> Outbox:
    """The outbox of VNF instances."""
    return Outbox(db["vnf_instances"])


def _closing(one: Untold) -> UpdateOne | DeleteOne:
    unchanged = {"_id": one.source, f"outbox.{one.length}": {"$exists": False}}
    if any(item.kind is Kind.DELETION for item in one.events):
        return DeleteOne({**unchanged, FORMER_TENANT: {"$exists": True}})
    spent = {"aside": "", **{f"outbox.{item.seq}.news": "" for item in one.events}}
    return UpdateOne(unchanged, {"$set": {"told": one.length, "untold": False}, "$unset": spent})


def _read(document: Document) -> Untold:
    read = _operation_event if "vnf_instance_id" in document else _identifier_event
    try:
        entries = document["outbox"]
        events = [read(document, seq, entries[seq]) for seq in range(document.get("told", 0), len(entries))]
        tenant = document.get("tenant") or document[FORMER_TENANT]
    except (LookupError, TypeError, ValueError, AttributeError) as exc:  # not as this program writes them
        return Untold(document["_id"], "", 0, (), f"it cannot be read: {type(exc).__name__}: {exc}")
    return Untold(document["_id"], tenant, len(entries), events)


def _operation_event(document: Document, seq: int, entry: Document) -> Event:
    facts: Mapping[str, Any] = {
        "operation": document["type"],
        "state": entry["state"],
        "automatic": document["automatic"],
        **entry.get("news", {}),
    }
    return Event(
        kind=Kind.OCCURRENCE,
        stream=document["_id"],
        seq=seq,
        time=entry["time"],
        vnf_instance_id=document["vnf_instance_id"],
        subjects=event.later_subjects(document.get("subject") or {}, facts),
        facts=facts,
    )


def _identifier_event(document: Document, seq: int, entry: Document) -> Event:
    return Event(
        kind=Kind(entry["kind"]),
        stream=document["_id"],
        seq=seq,
        time=entry["time"],
        vnf_instance_id=document["_id"],
        subjects=[entry["subject"]],
    )
