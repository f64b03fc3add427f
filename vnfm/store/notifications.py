"""Notifications under way: one document per subscription and operation holds its queue, in order.

The rule of ``operations`` holds here too: ``due`` is the time before which nobody touches a document, a claim
raises ``fence``, and each later write names owner and fence. Only the head of a queue is ever sent, so the
order is kept by the shape of the data, and at most one notification per document can be sent twice when a
relay dies. All times that decide are the database server's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pymongo import ASCENDING, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from vnfm.domain import delivery
from vnfm.domain.delivery import Backlog, Hold, Parked
from vnfm.domain.event import Event
from vnfm.domain.subscription import Subscription
from vnfm.store.client import Db, Document, time_of
from vnfm.store.edge import translated

#: So long a stream that has nothing left to send is kept: what is queued once is known as such for so long.
REMEMBERED = 7 * 24 * 3600

#: MongoDB's code of a duplicate key.
_DUPLICATE = 11000

_WHO_IS_DUE = "who_is_due"

_HAS_PARKED: Document = {"parked.0": {"$exists": True}}

#: The queue without its head.
_REST: Document = {"$slice": ["$queue", 1, {"$max": [1, {"$size": "$queue"}]}]}

_HAS_MORE: Document = {"$gt": [{"$size": "$queue"}, 0]}

#: Whether a stream must be kept: it has something to send, or something that was given up.
_IS_NEEDED: Document = {"$or": [_HAS_MORE, {"$gt": [{"$size": "$parked"}, 0]}]}


def _in(seconds: float) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(seconds * 1000)}}


def _queueing(subscription: Subscription, events: Sequence[Event]) -> UpdateOne:
    """Add those that are new; a second time it changes nothing."""
    entries = {"$literal": [delivery.to_plain(event) for event in events]}
    is_new = {"$gt": ["$$entry.seq", {"$ifNull": ["$last", -1]}]}
    fresh = {"$filter": {"input": entries, "as": "entry", "cond": is_new}}
    stages: list[Document] = [
        {
            "$set": {
                "subscription": {"$literal": subscription.id},
                "tenant": {"$literal": subscription.tenant},
                "queue": {"$concatArrays": [{"$ifNull": ["$queue", []]}, fresh]},
                "parked": {"$ifNull": ["$parked", []]},
                "attempts": {"$ifNull": ["$attempts", 0]},
                "fence": {"$ifNull": ["$fence", 0]},
                "last": {"$max": ["$last", events[-1].seq]},
            }
        },
        {
            "$set": {
                "due": {"$cond": [_HAS_MORE, {"$ifNull": ["$due", "$$NOW"]}, None]},
                "ended": {"$cond": [_IS_NEEDED, None, {"$ifNull": ["$ended", "$$NOW"]}]},
            }
        },
    ]
    return UpdateOne({"_id": f"{subscription.id}/{events[0].stream}"}, stages, upsert=True)


class Notifications:
    """The collection ``notifications``."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._docs = db["notifications"]

    def ensure_indexes(self) -> None:
        """Create what the queries below need; ended streams are removed by the database."""
        with translated():
            self._docs.create_index(
                [("subscription", ASCENDING), ("due", ASCENDING)],
                name="due",
                partialFilterExpression={"due": {"$type": "date"}},
            )
            self._docs.create_index(
                [("due", ASCENDING), ("subscription", ASCENDING)],
                name=_WHO_IS_DUE,
                partialFilterExpression={"due": {"$type": "date"}},
            )
            self._docs.create_index([("tenant", ASCENDING), ("subscription", ASCENDING)], name="tenant")
            self._docs.create_index([("ended", ASCENDING)], name="ended", expireAfterSeconds=REMEMBERED)

    # What the relay asks.

    def queue(self, wanted: Iterable[tuple[Subscription, Sequence[Event]]]) -> None:
        """Add events, each list of one stream and in order, to what their subscribers are to be told."""
        updates = [_queueing(subscription, events) for subscription, events in wanted]
        if not updates:
            return
        with translated():
            try:
                self._docs.bulk_write(updates, ordered=False)
            except BulkWriteError as exc:
                if any(error["code"] != _DUPLICATE for error in exc.details["writeErrors"]):
                    raise
                # Another relay has made the same stream at this moment: now there is one to add to.
                self._docs.bulk_write(updates, ordered=False)

    def due_subscriptions(self) -> list[str]:
        """Subscriptions for which something is to be sent now."""
        with translated():
            due = {"due": {"$type": "date", "$lte": time_of(self._db)}}
            stages: list[Document] = [
                {"$match": due},
                {"$project": {"_id": 0, "subscription": 1}},
                {"$group": {"_id": "$subscription"}},
            ]
            # By itself MongoDB would read the whole collection; so it reads the index alone.
            return [document["_id"] for document in self._docs.aggregate(stages, hint=_WHO_IS_DUE)]

    def claim(self, subscription: str, owner: str, lease: float) -> Hold | None:
        """Take the stream of a subscription that has been due longest."""
        query = {
            "subscription": subscription,
            "due": {"$type": "date"},
            "$expr": {"$lte": ["$due", "$$NOW"]},
        }
        taking = {"owner": {"$literal": owner}, "fence": {"$add": ["$fence", 1]}, "due": _in(lease)}
        return self._change(query, [{"$set": taking}], [("due", ASCENDING)])

    def advance(self, hold: Hold, lease: float) -> Hold | None:
        """The head has been delivered: a hold on what follows it, None if nothing does or it is not ours any
        more, so that somebody may deliver the same again."""
        return self._change(_guard(hold), _without_head({}, lease))

    def postpone(self, hold: Hold, problem: str, delay: float) -> None:
        """The head was tried in vain and is due again in ``delay`` seconds; what follows waits for it."""
        later = {
            "owner": None,
            "due": _in(delay),
            "attempts": hold.attempts + 1,
            "problem": {"$literal": problem},
        }
        with translated():
            self._docs.update_one(_guard(hold), [{"$set": later}])

    def release(self, hold: Hold) -> None:
        """Leave the head to others, untried."""
        with translated():
            self._docs.update_one(_guard(hold), [{"$set": {"owner": None, "due": "$$NOW"}}])

    def park(self, hold: Hold, problem: str, lease: float) -> Hold | None:
        """Give the head up after its last try; a hold on what follows, as ``advance``."""
        about = {"attempts": hold.attempts + 1, "problem": {"$literal": problem}, "since": "$$NOW"}
        given_up = {"$mergeObjects": [{"$first": "$queue"}, about]}
        parked = {"parked": {"$concatArrays": ["$parked", [given_up]]}}
        return self._change(_guard(hold), _without_head(parked, lease))

    def forget(self, subscription: str) -> None:
        """Nobody is to be told any more."""
        with translated():
            self._docs.delete_many({"subscription": subscription})

    def _change(
        self, query: Document, stages: list[Document], sort: list[tuple[str, int]] | None = None
    ) -> Hold | None:
        with translated():
            document = self._docs.find_one_and_update(
                query, stages, sort=sort, return_document=ReturnDocument.AFTER
            )
        return _hold(document) if document and document["queue"] else None

    # What operators ask.

    def parked(self, tenant: str, subscriptions: Sequence[str]) -> list[Parked]:
        """What was given up, of these subscriptions, in the order in which it was to be told."""
        query = {"tenant": tenant, "subscription": {"$in": list(subscriptions)}, **_HAS_PARKED}
        with translated():
            found = list(self._docs.find(query).sort("_id"))
        return [_parked(document, entry) for document in found for entry in document["parked"]]

    def replay(self, tenant: str, subscription: str, ids: frozenset[str] | None = None) -> int:
        """Queue what was given up again: those of ``ids``, or all; how many there were. It goes where it
        belongs among what waits, is due now, and has all its tries again; a head that is just being sent
        stays the head."""
        query = {"tenant": tenant, "subscription": subscription, **_HAS_PARKED}
        with translated():
            return sum(self._unpark(document, ids) for document in list(self._docs.find(query)))

    def _unpark(self, document: Document, ids: frozenset[str] | None) -> int:
        """One write, and only if nobody else has replayed or given up anything meanwhile."""
        chosen = [one for one in document["parked"] if ids is None or delivery.from_plain(one).id in ids]
        if not chosen:
            return 0
        kept = [one for one in document["parked"] if one not in chosen]
        again = {"$literal": [{key: one[key] for key in one if key not in _ABOUT} for one in chosen]}
        is_free = {"$eq": ["$owner", None]}
        head = {"$slice": ["$queue", 1]}
        values: Document = {
            "parked": {"$literal": kept},
            "queue": {
                "$cond": [
                    is_free,
                    _in_order("$queue", again),
                    {"$concatArrays": [head, _in_order(_REST, again)]},
                ]
            },
            "due": {"$cond": [is_free, "$$NOW", "$due"]},
            "attempts": {"$cond": [is_free, 0, "$attempts"]},
            "problem": {"$cond": [is_free, None, "$problem"]},
            "ended": None,
        }
        found = self._docs.update_one(
            {"_id": document["_id"], "parked": document["parked"]}, [{"$set": values}]
        )
        return len(chosen) if found.modified_count else 0

    def backlogs(self, tenant: str, subscriptions: Sequence[str]) -> Mapping[str, Backlog]:
        """How the deliveries of these subscriptions stand; those with nothing to do are left out."""
        query = {"tenant": tenant, "subscription": {"$in": list(subscriptions)}}
        group: Document = {
            "_id": "$subscription",
            "waiting": {"$sum": {"$size": "$queue"}},
            "parked": {"$sum": {"$size": "$parked"}},
            "problem": {"$max": "$problem"},
            "oldest": {"$min": {"$min": "$parked.since"}},
        }
        with translated():
            rows = self._docs.aggregate([{"$match": query}, {"$group": group}])
            found = [Backlog(subscription=row.pop("_id"), **row) for row in rows]
        return {one.subscription: one for one in found if one.waiting or one.parked}


#: What a parked entry says besides the event.
_ABOUT = frozenset({"attempts", "problem", "since"})


def _in_order(*queues: Document | str) -> Document:
    return {"$sortArray": {"input": {"$concatArrays": list(queues)}, "sortBy": {"seq": 1}}}


def _guard(hold: Hold) -> Document:
    return {"_id": hold.stream, "owner": hold.owner, "fence": hold.fence}


def _without_head(more: Document, lease: float) -> list[Document]:
    """The queue moves up; the stream stays ours as long as there is more."""
    return [
        {"$set": {**more, "queue": _REST, "attempts": 0, "problem": None}},
        {
            "$set": {
                "due": {"$cond": [_HAS_MORE, _in(lease), None]},
                "owner": {"$cond": [_HAS_MORE, "$owner", None]},
                "ended": {"$cond": [_IS_NEEDED, None, "$$NOW"]},
            }
        },
    ]


def _hold(document: Document) -> Hold:
    return Hold(
        stream=document["_id"],
        subscription=document["subscription"],
        tenant=document["tenant"],
        owner=document["owner"],
        fence=document["fence"],
        event=delivery.from_plain(document["queue"][0]),
        attempts=document["attempts"],
    )


def _parked(document: Document, entry: Document) -> Parked:
    event = delivery.from_plain(entry)
    return Parked(
        id=f"{document['subscription']}.{event.id}",
        subscription=document["subscription"],
        event=event,
        attempts=entry["attempts"],
        problem=entry["problem"],
        since=entry["since"],
    )
