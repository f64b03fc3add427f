"""The worker process: claims due operations and runs a slice of each; any number share one database.

Each thread claims, works and releases; nothing is kept between slices, so a killed worker costs only the
slices it was in, and those are due again when their leases end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from vnfm.engine.journal import Hold, Journal, LeaseLost
from vnfm.engine.runner import Machinery, Slice
from vnfm.errors import VnfmError

ContextT = TypeVar("ContextT")

log = logging.getLogger(__name__)


class Worker(Generic[ContextT]):
    """``threads`` slices at a time; ``lease`` and ``idle_pause`` in seconds."""

    def __init__(
        self, name: str, machinery: Machinery[ContextT], *, threads: int, lease: float, idle_pause: float
    ) -> None:
        self._name = name
        self._machinery = machinery
        self._journal: Journal = machinery.journal
        self._threads = threads
        self._lease = lease
        self._idle_pause = idle_pause
        self._stopping = threading.Event()
        self._holds: set[Hold] = set()
        self._lock = threading.Lock()
        #: Only one idle thread asks for work at a time; a busy database is not asked by eight at once.
        self._asking = threading.Lock()

    def run(self) -> None:
        """Work until ``stop`` is called; returns when the last slice has ended."""
        bodies: list[Callable[[], None]] = [self._work] * self._threads
        threads = [threading.Thread(target=body, name=f"slice-{i}") for i, body in enumerate(bodies)]
        renewer = threading.Thread(target=self._renew, name="renewer", daemon=True)
        for thread in [*threads, renewer]:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Claim nothing more; each slice goes on until its operation waits or ends, perhaps many steps."""
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._take_one():
                    self._stopping.wait(self._idle_pause)
            except VnfmError as exc:
                log.warning("no work could be fetched: %s", exc.detail)
                self._stopping.wait(1.0)
            except Exception:  # such as a document of ours that cannot be read
                log.exception("no work could be fetched")
                self._stopping.wait(1.0)

    def _take_one(self) -> bool:
        with self._asking:
            claim = None if self._stopping.is_set() else self._journal.claim(self._name, self._lease)
            if claim is None:
                self._stopping.wait(self._idle_pause)
                return False
        hold = Hold(claim.operation.id, claim.operation.fence)
        with self._lock:
            self._holds.add(hold)
        begun = time.monotonic()
        facts = {
            "operationId": claim.operation.id,
            "vnfInstanceId": claim.operation.vnf_instance_id,
            "requestId": claim.operation.request_id,
        }
        try:
            Slice(self._machinery, claim).run()
        except LeaseLost as exc:
            log.warning("lease lost: %s", exc.detail, extra=facts)
        except VnfmError as exc:
            # The journal could not be written; the lease ends and some worker goes on from the last entry.
            log.error("slice broken off: %s", exc.detail, extra=facts)
        except Exception:  # a defect of ours costs this slice, not the thread
            log.exception("slice broken off by a defect", extra=facts)
        finally:
            with self._lock:
                self._holds.discard(hold)
        log.debug(
            "slice",
            extra={
                **facts,
                "state": str(claim.operation.state),
                "ms": round((time.monotonic() - begun) * 1000),
            },
        )
        return True

    def _renew(self) -> None:
        while not self._stopping.wait(self._lease / 3):
            with self._lock:
                holds = list(self._holds)
            if not holds:
                continue
            try:
                self._journal.renew(self._name, holds, self._lease)
            except VnfmError as exc:
                log.warning("leases could not be renewed: %s", exc.detail)
