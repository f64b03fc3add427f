"""Life-cycle operation occurrences: one document holds state, lease, fence, step journal and outbox.

``due`` is the time before which nobody shall touch an operation. A lease is a ``due`` in the future with an
owner; a waiting operation has a ``due`` in the future without one; so waking up and taking over are one
query.
All times that decide are the database server's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from vnfm.domain.operation import (
    ACTIVE,
    RUNNABLE,
    CancelMode,
    Operation,
    OperationState,
    OperationType,
    StepEntry,
    StepState,
)
from vnfm.domain.query import Query
from vnfm.engine.journal import Claim, Hold, LeaseLost
from vnfm.errors import Conflict
from vnfm.store import outbox
from vnfm.store.client import Db, Document
from vnfm.store.edge import translated
from vnfm.store.query import find, indexes, shape_of

_BUILT = {"id", "type", "state", "steps", "undo", "cancel_mode"}
_PLAIN = tuple(item.name for item in fields(Operation) if item.name not in _BUILT)


def _step_document(entry: StepEntry) -> Document:
    return {**asdict(entry), "state": str(entry.state)}


def _step_entry(document: Document) -> StepEntry:
    return StepEntry(**{**document, "state": StepState(document["state"])})


def _state_fields(operation: Operation) -> Document:
    return {
        "state": str(operation.state),
        "active": operation.state in ACTIVE,
        "runnable": operation.state in RUNNABLE,
        "state_entered_time": operation.state_entered_time,
        "grant_id": operation.grant_id,
        "error": operation.error,
        "resource_changes": operation.resource_changes,
        "changed_ext_connectivity": operation.changed_ext_connectivity,
        "changed_info": operation.changed_info,
        "package_modifications": operation.package_modifications,
        "warnings": operation.warnings,
        "rollback_refusal": operation.rollback_refusal,  # for queries
    }


#: What an Operation of a list must have. ``params`` are needed for the VNF snapshot that they may name.
_ALWAYS = frozenset(
    {
        "tenant",
        "vnf_instance_id",
        "type",
        "state",
        "params.vnfSnapshotInfoId",
        "plan_version",
        "start_time",
        "state_entered_time",
        "request_id",
        "cancel_mode",
        "given_up",
    }
)

_GRANT = "$$this.result.grant._links"

#: Of its journal, what its links depend on: whether it can be rolled back, which matters in FAILED_TEMP only,
#: and where the grant lies.
_OF_ITS_STEPS: Mapping[str, Any] = {
    "$map": {
        "input": {
            "$cond": [
                {"$eq": ["$state", "FAILED_TEMP"]},
                "$steps",
                {"$filter": {"input": "$steps", "cond": {"$ne": [{"$type": _GRANT}, "missing"]}}},
            ]
        },
        "in": {
            **{name: f"$$this.{name}" for name in ("name", "target", "stage", "state")},
            "result": {"skipped": "$$this.result.skipped", "grant": {"_links": _GRANT}},
        },
    }
}


def _to_document(operation: Operation) -> Document:
    return {
        **{name: getattr(operation, name) for name in _PLAIN},
        "_id": operation.id,
        "type": str(operation.type),
        "steps": [_step_document(entry) for entry in operation.steps],
        "undo": [_step_document(entry) for entry in operation.undo],
        "cancel_mode": operation.cancel_mode and str(operation.cancel_mode),
        **_state_fields(operation),
    }


def _from_document(document: Document) -> Operation:
    return Operation(
        id=document["_id"],
        type=OperationType(document["type"]),
        state=OperationState(document["state"]),
        steps=[_step_entry(entry) for entry in document["steps"]],
        undo=[_step_entry(entry) for entry in document.get("undo", ())],
        cancel_mode=CancelMode(document["cancel_mode"]) if document["cancel_mode"] else None,
        **{name: document[name] for name in _PLAIN if name in document},
    )


class Operations:
    """The collection ``operations``; satisfies ``engine.journal.Journal``."""

    def __init__(self, db: Db) -> None:
        self._docs = db["operations"]

    def ensure_indexes(self) -> None:
        """Create the indexes; the unique one is the rule "one active operation per instance"."""
        outbox.Outbox(self._docs).ensure_indexes()
        with translated():
            self._docs.create_index(
                [("vnf_instance_id", ASCENDING)],
                name="one_active_per_instance",
                unique=True,
                partialFilterExpression={"active": True},
            )
            self._docs.create_index(
                [("due", ASCENDING)], name="due", partialFilterExpression={"runnable": True}
            )
            self._docs.create_indexes(indexes("vnf_instance_id", "state", "type", "start_time"))
            self._docs.create_index(
                [("params.vnfSnapshotInfoId", ASCENDING)],
                name="by_snapshot",
                partialFilterExpression={"params.vnfSnapshotInfoId": {"$exists": True}},
            )

    # What the API asks.

    def accept(self, tenant: str, operation: Operation, held: float = 0.0) -> None:
        """Insert it with its first outbox entry; ``Conflict`` while another one is active on the instance.

        While it is held neither workers nor relays see it: until ``confirm``, or for so many seconds, should
        whoever accepts it die before that.
        """
        due = operation.start_time + timedelta(seconds=held)
        document = {**_to_document(operation), "tenant": tenant, "due": due}
        document |= {**outbox.begun(outbox.operation_entry(operation)), "untold": not held}
        try:
            with translated():
                self._docs.insert_one(document)
        except DuplicateKeyError as exc:
            raise Conflict("another life-cycle operation of this VNF instance has not ended yet") from exc

    def confirm(self, tenant: str, operation_id: str) -> None:
        """Let go of what was held: to be worked at, and to be told."""
        due = {"$cond": [{"$eq": ["$fence", 0]}, "$$NOW", "$due"]}
        with translated():
            query = {"_id": operation_id, "tenant": tenant}
            self._docs.update_one(query, [{"$set": {"untold": True, "due": due}}])

    def withdraw(self, tenant: str, operation_id: str) -> None:
        """Take back what no worker has touched yet."""
        with translated():
            self._docs.delete_one({"_id": operation_id, "tenant": tenant, "fence": 0})

    def get(self, tenant: str, operation_id: str) -> Operation | None:
        """The operation, or None if this tenant has none of that id."""
        with translated():
            document = self._docs.find_one({"_id": operation_id, "tenant": tenant})
        return _from_document(document) if document else None

    def list_all(self, tenant: str, limit: int) -> list[Operation]:
        """Up to ``limit`` operations in the order of their ids."""
        return self.page(tenant, Query(limit=limit))

    def page(self, tenant: str, query: Query) -> list[Operation]:
        """What the query asks for; unless it asks for everything, an Operation has only the fields asked for
        besides the mandatory ones, and of its journal what its links depend on."""
        shape = shape_of(query.fields, _ALWAYS, {"steps": _OF_ITS_STEPS})
        return [_from_document(document) for document in find(self._docs, {"tenant": tenant}, query, shape)]

    def active_on(self, tenant: str, instance_id: str) -> str | None:
        """The id of the operation that holds the instance, or None."""
        query = {"tenant": tenant, "vnf_instance_id": instance_id, "active": True}
        with translated():
            document = self._docs.find_one(query, {"_id": 1})
        return document["_id"] if document else None

    def active_with_snapshot(self, tenant: str, snapshot_id: str) -> str | None:
        """The id of the operation that is using a VNF snapshot, or None."""
        query = {"tenant": tenant, "active": True, "params.vnfSnapshotInfoId": snapshot_id}
        with translated():
            document = self._docs.find_one(query, {"_id": 1})
        return document["_id"] if document else None

    def resume(self, tenant: str, operation: Operation, former: OperationState) -> bool:
        """Store a decision about an operation at rest, with its state and tracks, and raise its fence; False
        if another decision was faster, also if that has brought it back to ``former``."""
        values: Document = {
            **_state_fields(operation),
            "steps": [_step_document(entry) for entry in operation.steps],
            "undo": [_step_document(entry) for entry in operation.undo],
            "given_up": operation.given_up,
            "due": operation.state_entered_time,
            "owner": None,
            "fence": operation.fence + 1,
        }
        change: Document = {"$set": values}
        if operation.state is not former:
            change = outbox.adding(outbox.operation_entry(operation), values)
        seen = {"_id": operation.id, "tenant": tenant, "state": str(former), "fence": operation.fence}
        with translated():
            found = self._docs.update_one(seen, change)
        operation.fence += found.matched_count
        return found.matched_count == 1

    def ask_cancel(self, tenant: str, operation_id: str, mode: CancelMode) -> bool:
        """Take down that a cancel is wanted, and wake the operation if it waits; False if it is not running
        or a cancel is pending already."""
        awake = {"$cond": [{"$eq": ["$owner", None]}, "$$NOW", "$due"]}
        query = {"_id": operation_id, "tenant": tenant, "runnable": True, "cancel_mode": None}
        with translated():
            found = self._docs.update_one(query, [{"$set": {"cancel_mode": str(mode), "due": awake}}])
        return found.matched_count == 1

    # What the engine asks.

    def claim(self, owner: str, lease: float) -> Claim | None:
        """Take the operation that has been due longest, whosesoever it is."""
        span = {"startDate": "$$NOW", "unit": "millisecond", "amount": int(lease * 1000)}
        with translated():
            document = self._docs.find_one_and_update(
                {"runnable": True, "$expr": {"$lte": ["$due", "$$NOW"]}},
                [
                    {
                        "$set": {
                            "owner": owner,
                            "fence": {"$add": ["$fence", 1]},
                            "claimed": "$$NOW",
                            "due": {"$dateAdd": span},
                        }
                    }
                ],
                sort=[("due", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        if document is None:
            return None
        return Claim(_from_document(document), document["claimed"])

    def renew(self, owner: str, holds: Collection[Hold], lease: float) -> None:
        """Move ``due`` of what is still ours; what is not, is left alone."""
        span = {"startDate": "$$NOW", "unit": "millisecond", "amount": int(lease * 1000)}
        with translated():
            self._docs.bulk_write(
                [
                    UpdateOne(
                        {"_id": hold.operation_id, "owner": owner, "fence": hold.fence},
                        [{"$set": {"due": {"$dateAdd": span}}}],
                    )
                    for hold in holds
                ],
                ordered=False,
            )

    def write(
        self, operation: Operation, steps: Sequence[int], *, state_changed: bool = False
    ) -> CancelMode | None:
        """Store journal entries, guarded by the fence; the cancel that is wanted by now."""
        return self._save(operation, steps, {}, state_changed=state_changed)

    def release(self, operation: Operation, steps: Sequence[int], due: datetime | None) -> None:
        """Store journal entries and give the operation up. A cancel that its owner has not heard of is not
        left waiting until ``due``."""
        wanted = self._save(operation, steps, {"owner": None, "due": due}, state_changed=False)
        if wanted is not None and operation.cancel_mode is None:
            given_up = {"_id": operation.id, "fence": operation.fence, "owner": None, "runnable": True}
            with translated():
                self._docs.update_one(given_up, [{"$set": {"due": "$$NOW"}}])

    def _save(
        self, operation: Operation, steps: Sequence[int], extra: Mapping[str, Any], *, state_changed: bool
    ) -> CancelMode | None:
        name = "undo" if operation.state is OperationState.ROLLING_BACK else "steps"
        track = operation.track
        values: Document = {f"{name}.{index}": _step_document(track[index]) for index in steps}
        values.update(extra)
        change: Document = {"$set": values}
        if state_changed:
            values.update(_state_fields(operation))
            if operation.state not in RUNNABLE:
                values |= {"owner": None, "cancel_mode": None}
            change = outbox.adding(outbox.operation_entry(operation), values)
        guard = {"_id": operation.id, "owner": operation.owner, "fence": operation.fence}
        with translated():
            found = self._docs.find_one_and_update(
                guard, change, {"cancel_mode": 1}, return_document=ReturnDocument.AFTER
            )
        if found is None:
            raise LeaseLost(f"operation {operation.id} was taken over by another worker")
        return CancelMode(found["cancel_mode"]) if found.get("cancel_mode") else None
