"""How many requests a client may send: one token bucket per client, in this process only."""

from __future__ import annotations

import math
from collections.abc import Callable

from starlette.exceptions import HTTPException


class Buckets:
    """A client's bucket holds as many tokens as it gets per second, and at least one; a request takes one.

    ``rate`` is in requests per second, ``now`` in seconds. Only the event loop may call in, and only with
    clients that are known to exist: there is a bucket for each, for good.
    """

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._size = max(1.0, rate)
        self._now = now
        #: client → tokens left, and when that was so.
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> None:
        """One request of ``client``; 429 with the seconds to wait if there is no token left."""
        if not self._rate:
            return
        now = self._now()
        left, since = self._left.get(client, (self._size, now))
        left = min(self._size, left + (now - since) * self._rate)
        if left < 1.0:
            pause = max(1, math.ceil((1.0 - left) / self._rate))
            raise HTTPException(
                429,
                f"{client} may send {self._rate:g} requests per second",
                headers={"Retry-After": str(pause)},
            )
        self._left[client] = (left - 1.0, now)
