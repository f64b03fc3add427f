"""Which worker did how many slices, as the database saw it: every claim writes its owner's name.

A change stream is the witness, so nothing in the gateway has to count.
"""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType
from typing import Any

from pymongo.errors import PyMongoError

from vnfm.store.client import connect


class Claims:
    """Counts claims by owner for as long as the block lasts."""

    def __init__(self, mongo_uri: str, database: str) -> None:
        self._db = connect(mongo_uri, database)
        self._counts: Counter[str] = Counter()
        self._lost: PyMongoError | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="claims")

    def __enter__(self) -> Claims:
        pipeline = [{"$match": {"updateDescription.updatedFields.owner": {"$type": "string"}}}]
        self._stream = self._db["operations"].watch(pipeline, max_await_time_ms=200)
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
        """Claims so far of the workers with these process ids, in this order."""
        if self._lost:
            raise self._lost
        return [
            sum(n for owner, n in self._counts.items() if owner.split(":")[-2] == str(pid)) for pid in pids
        ]

    def _follow(self) -> None:
        try:
            while not self._leaving.is_set():
                change: Any = self._stream.try_next()
                if change is not None:
                    self._counts[change["updateDescription"]["updatedFields"]["owner"]] += 1
        except PyMongoError as exc:
            self._lost = exc
