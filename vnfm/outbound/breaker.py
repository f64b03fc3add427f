"""Leaves an endpoint that does not answer in peace for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from vnfm import errors

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0

Clock = Callable[[], float]


class Breaker:
    """Stops calling an endpoint that does not answer: ``patience`` failures in a row (None: any number),
    30 s of silence, 1 probe.

    Only failures of the transport count. A refusal is an answer, so it closes the breaker.
    """

    def __init__(
        self,
        endpoint: str,
        clock: Clock = time.monotonic,
        patience: int | None = FAILURES_TO_OPEN,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until: float | None = None
        self._cause: errors.VnfmError | None = None

    def admit(self) -> None:
        """Let one call pass, or raise ``Temporary`` with the time still to wait."""
        with self._lock:
            if self._closed_until is None:
                return
            wait = self._closed_until - self._clock()
            if wait > 0:
                raise self._silence(wait)
            # This caller is the probe; the others wait as if the endpoint had failed once more.
            self._closed_until = self._clock() + OPEN_SECONDS

    def succeed(self) -> None:
        """An answer came, whatever it said."""
        with self._lock:
            self._failures = 0
            self._closed_until = self._cause = None

    def _silence(self, wait: float) -> errors.Temporary:
        text = f"{self._endpoint} does not answer; next try in {wait:.0f} s"
        if self._cause is None:
            return errors.Temporary(text, wait)
        return errors.Temporary(f"{text} (last: {self._cause.detail})", wait, **self._cause.facts)

    def fail(self, cause: errors.VnfmError | None = None) -> None:
        """No answer came, or one that shows that the service behind it is broken: ``cause`` tells it."""
        with self._lock:
            self._failures += 1
            self._cause = cause or self._cause
            if self._patience is not None and self._failures >= self._patience:
                self._closed_until = self._clock() + OPEN_SECONDS
