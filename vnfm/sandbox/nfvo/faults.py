"""Misbehaviour on order, and the counters that prove it happened.

A fault is armed for one door (``grants``, ``grant``, ``packages``, ``token``, ``notifications``) and fires on
the next ``count`` requests there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vnfm.sandbox.nfvo.http import Refusal

DOORS = frozenset({"grants", "grant", "packages", "token", "notifications"})
#: reject: 403 with ``detail``. pend: 202 to the POST and to ``polls`` GETs, then what ``then`` says ("grant"
#: or "reject"). stall: answer after ``seconds``. unavailable: 503, with Retry-After if ``seconds`` is given.
#: drop: do it, lose the answer.
KINDS = frozenset({"reject", "pend", "stall", "unavailable", "drop"})
_GRANTS_ONLY = frozenset({"reject", "pend"})


@dataclass(slots=True)
class Fault:
    """One order of misbehaviour."""

    door: str
    kind: str
    count: int = 1
    seconds: float = 0.0
    detail: str = "the NFVO's policy does not allow this operation"
    polls: int = 1
    then: str = "grant"


class Faults:
    """All armed faults. Thread-safe."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()
        #: ``requests.<door>``, ``fired.<kind>``, ``grants.issued``, ``refused.<status>`` …
        self.counters: Counter[str] = Counter()

    def arm(self, order: Mapping[str, Any]) -> None:
        """Arm one; 400 if the order makes no sense."""
        try:
            fault = Fault(**order)
        except TypeError as exc:
            raise Refusal(400, str(exc)) from None
        if fault.door not in DOORS or fault.kind not in KINDS:
            raise Refusal(400, f"unknown door or kind: {fault.door!r}, {fault.kind!r}")
        if fault.kind in _GRANTS_ONLY and fault.door != "grants":
            raise Refusal(400, f"{fault.kind} is for the door grants")
        with self._lock:
            self._armed.append(fault)

    def fire(self, door: str) -> Fault | None:
        """The fault for this request, counted; None to behave."""
        with self._lock:
            self.counters[f"requests.{door}"] += 1
            for fault in self._armed:
                if fault.door == door:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._armed.remove(fault)
                    self.counters[f"fired.{fault.kind}"] += 1
                    return fault
        return None

    def count(self, name: str) -> None:
        """One more of ``name``."""
        with self._lock:
            self.counters[name] += 1

    def clear(self) -> None:
        """Disarm everything and begin counting anew."""
        with self._lock:
            self._armed.clear()
            self.counters.clear()
