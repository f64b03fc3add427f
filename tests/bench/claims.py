"""Which worker did how many slices, as the database saw it: every claim writes its owner's name.

A change stream is the witness, so nothing in the gateway has to count.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any
from uuid import uuid4

from pymongo.errors import PyMongoError

from vnfm.store.client import connect

#: Documents written here tell how far the witness has come.
MARKS = "marks"
PATIENCE = 20.0


class Claims:
    """Counts claims by owner for as long as the block lasts."""

    def __init__(self, mongo_uri: str, database: str) -> None:
        self._db = connect(mongo_uri, database)
        self._counts: Counter[str] = Counter()
        self._mark = ""
        self._lost: PyMongoError | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="claims")

    def __enter__(self) -> Claims:
        claim = {"ns.coll": "operations", "updateDescription.updatedFields.owner": {"$type": "string"}}
        pipeline = [{"$match": {"$or": [claim, {"ns.coll": MARKS}]}}]
        self._stream = self._db.watch(pipeline, max_await_time_ms=200)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._thread.join()
        self._stream.close()
        self._db.client.close()

    def by_process(self, *pids: int) -> list[int]:
        """Claims until now of the workers with these process ids, in this order."""
        self._catch_up()
        counts = dict(self._counts)
        return [sum(n for owner, n in counts.items() if owner.split(":")[-2] == str(pid)) for pid in pids]

    def _catch_up(self) -> None:
        mark, deadline = uuid4().hex, time.monotonic() + PATIENCE
        self._db[MARKS].insert_one({"_id": mark})
        while self._mark != mark:
            if self._lost:
                raise self._lost
            if time.monotonic() > deadline:
                raise TimeoutError(f"the change stream lags more than {PATIENCE:g} s")
            time.sleep(0.01)

    def _follow(self) -> None:
        try:
            while not self._leaving.is_set():
                self._note(self._stream.try_next())
        except PyMongoError as exc:
            self._lost = exc

    def _note(self, change: Any) -> None:
        if change is None:
            return
        if change["ns"]["coll"] == MARKS:
            self._mark = change["documentKey"]["_id"]
        else:
            self._counts[change["updateDescription"]["updatedFields"]["owner"]] += 1
