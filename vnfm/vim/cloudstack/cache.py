"""Remembers slow facts (zones, offerings, templates) of one connection for a short while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from vnfm.errors import Permanent

T = TypeVar("T")
LIFE = 60.0


class Cache:
    """Thread-safe. Two threads may load the same fact at once; the later answer stays."""

    def __init__(self, clock: Callable[[], float], life: float = LIFE) -> None:
        self._clock = clock
        self._life = life
        self._lock = threading.Lock()
        # Any: facts of several types share the store; the key determines the type.
        self._facts: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, load: Callable[[], T]) -> T:
        """The remembered fact, or what ``load`` brings; an error is not remembered."""
        with self._lock:
            kept = self._facts.get(key)
        if kept is not None and 0 <= self._clock() - kept[0] < self._life:
            return cast("T", kept[1])
        value = load()
        with self._lock:
            self._facts[key] = (self._clock(), value)
        return value

    def sure(self, look: Callable[[], T]) -> T:
        """What ``look`` finds. If it refuses on facts remembered from before, they are forgotten and it looks
        once more: what was missing may have been made meanwhile."""
        begun = self._clock()
        try:
            return look()
        except Permanent:
            if not self._forget(begun):
                raise
        return look()

    def _forget(self, before: float) -> bool:
        """Forget older facts; whether there were any."""
        with self._lock:
            kept = {key: fact for key, fact in self._facts.items() if fact[0] >= before}
            forgotten = len(kept) < len(self._facts)
            self._facts = kept
        return forgotten
