"""Who may have how many threads, so that subscribers who are slow or dead never delay the others."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable


class Lanes:
    """``threads`` in all. One whose last notification was answered has proven itself, and may have ``width``
    of them. All others, newcomers included, may have one each and half of the threads together, so the other
    half is always for those who answer. One that did not answer is left in peace for ``rest`` seconds.
    Thread-safe."""

    def __init__(
        self, threads: int, width: int, rest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self._width = width
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._proven: set[str] = set()
        #: Subscription → when it may be tried again.
        self._resting: dict[str, float] = {}

    def take(self, subscription: str) -> bool:
        """Have a thread for ``subscription``, if it may have one now."""
        with self._lock:
            if self._busy.total() >= self._threads or not self._may_have(subscription):
                return False
            self._busy[subscription] += 1
            return True

    def _may_have(self, subscription: str) -> bool:
        if subscription in self._proven:
            return self._busy[subscription] < self._width
        unproven = sum(count for name, count in self._busy.items() if name not in self._proven)
        rested = self._clock() >= self._resting.get(subscription, 0.0)
        return rested and not self._busy[subscription] and unproven < max(1, self._threads // 2)

    def give_back(self, subscription: str) -> None:
        """The thread is free again."""
        with self._lock:
            self._busy[subscription] -= 1
            if not self._busy[subscription]:
                del self._busy[subscription]

    def report(self, subscription: str, *, answers: bool) -> None:
        """Whether the subscriber has answered, whatever it said."""
        with self._lock:
            self._forget(subscription)
            if answers:
                self._proven.add(subscription)
            else:
                self._resting[subscription] = self._clock() + self._rest

    def forget(self, subscription: str) -> None:
        """It is subscribed no more."""
        with self._lock:
            self._forget(subscription)

    def _forget(self, subscription: str) -> None:
        self._proven.discard(subscription)
        self._resting.pop(subscription, None)

    @property
    def has_room(self) -> bool:
        """Whether any thread is free."""
        with self._lock:
            return self._busy.total() < self._threads
