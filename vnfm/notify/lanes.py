"""Who may have how many threads, so that subscribers who are slow or dead never delay the others."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

#: Seconds within which an answer is prompt.
PROMPT = 0.3


class Lanes:
    """``threads`` in all. One whose last notification was answered may have ``width`` of them, any other one,
    newcomers included, only one. Those whose last answer was not prompt share half of the threads, so the
    other half is always for those who answer promptly. One that did not answer is left in peace for ``rest``
    seconds. Thread-safe."""

    def __init__(
        self, threads: int, width: int, rest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self._width = width
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        #: Subscription → seconds that its last answer took.
        self._answered: dict[str, float] = {}
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
        busy = self._busy[subscription]
        if self._is_prompt(subscription):
            return busy < self._width
        others = sum(count for name, count in self._busy.items() if not self._is_prompt(name))
        rested = self._clock() >= self._resting.get(subscription, 0.0)
        width = self._width if subscription in self._answered else 1
        return rested and busy < width and others < max(1, self._threads // 2)

    def _is_prompt(self, subscription: str) -> bool:
        return self._answered.get(subscription, PROMPT) < PROMPT

    def give_back(self, subscription: str) -> None:
        """The thread is free again."""
        with self._lock:
            self._busy[subscription] -= 1
            if not self._busy[subscription]:
                del self._busy[subscription]

    def report(self, subscription: str, took: float | None) -> None:
        """How many seconds the subscriber has taken to answer, whatever it said; None: it did not."""
        with self._lock:
            self._forget(subscription)
            if took is None:
                self._resting[subscription] = self._clock() + self._rest
            else:
                self._answered[subscription] = took

    def forget(self, subscription: str) -> None:
        """It is subscribed no more."""
        with self._lock:
            self._forget(subscription)

    def _forget(self, subscription: str) -> None:
        self._answered.pop(subscription, None)
        self._resting.pop(subscription, None)

    @property
    def has_room(self) -> bool:
        """Whether any thread is free."""
        with self._lock:
            return self._busy.total() < self._threads
