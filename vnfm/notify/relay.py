"""The relay process: reads outboxes, and has couriers carry what is due. Any number share one database.

Nothing is kept between two looks. A killed relay costs the notifications it was just sending: their leases
end, and they are sent again, at most one per subscription and operation.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from vnfm.errors import VnfmError
from vnfm.notify.courier import Courier
from vnfm.notify.fanout import Fanout, OutboxStore, Queue
from vnfm.notify.lanes import Lanes

log = logging.getLogger(__name__)


#: One look for work; whether there may be more of it.
Look = Callable[[], bool]


class Outbox(OutboxStore, Protocol):
    """One collection with outboxes, some of which could not be told."""

    def restore(self) -> None:
        """Read again what was set aside."""
        ...


class Pending(Queue, Protocol):
    """The queue, and who has something due in it."""

    def due_subscriptions(self) -> list[str]:
        """Subscriptions for which something is to be sent now."""
        ...


class Relay:
    """``pause`` is how many seconds an idle relay waits between two looks."""

    def __init__(
        self,
        outboxes: Sequence[Outbox],
        fanout: Fanout,
        queue: Pending,
        courier: Courier,
        lanes: Lanes,
        *,
        threads: int,
        pause: float,
        close: Callable[[], None],
    ) -> None:
        self._outboxes = outboxes
        self._fanout = fanout
        self._queue = queue
        self._courier = courier
        self._lanes = lanes
        self._threads = threads
        self._pause = pause
        self._close = close
        self._stopping = courier.stopping
        self._turn = 0
        self._unread = list(outboxes)

    def run(self) -> None:
        """Work until ``stop`` is called; returns, with all connections given up, when the last request
        has been answered."""
        fanning = threading.Thread(target=self._repeat, args=(self._fan_out,), name="fanout")
        fanning.start()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="courier") as pool:
            self._repeat(lambda: self._dispatch(pool))
        fanning.join()
        self._close()

    def stop(self) -> None:
        """Claim nothing more; what is being sent is seen to its end."""
        self._stopping.set()

    def _repeat(self, look: Look) -> None:
        """Look again at once while there is something, else after the pause."""
        while not self._stopping.is_set():
            try:
                if not look():
                    self._stopping.wait(self._pause)
            except VnfmError as exc:
                log.warning("notifications cannot be read: %s", exc.detail)
                self._stopping.wait(1.0)
            except Exception:  # such as a document of ours that cannot be read
                log.exception("notifications cannot be read")
                self._stopping.wait(1.0)

    def _fan_out(self) -> bool:
        """What another relay, perhaps an older one, has set aside, is tried once by each."""
        while self._unread:
            self._unread[-1].restore()
            self._unread.pop()
        return any([self._fanout.run(box) for box in self._outboxes])

    def _dispatch(self, pool: ThreadPoolExecutor) -> bool:
        """Give threads to those who have something due; each look begins with another one of them."""
        due = self._queue.due_subscriptions() if self._lanes.has_room else []
        self._turn += 1
        start = self._turn % len(due) if due else 0
        for subscription in due[start:] + due[:start]:
            if self._lanes.take(subscription):
                pool.submit(self._drain, subscription)
        return False

    def _drain(self, subscription: str) -> None:
        try:
            self._courier.drain(subscription)
        except VnfmError as exc:
            log.warning("delivery broken off: %s", exc.detail, extra={"subscriptionId": subscription})
        except Exception:  # a defect of ours costs this turn, not the thread
            log.exception("delivery broken off by a defect", extra={"subscriptionId": subscription})
        finally:
            self._lanes.give_back(subscription)
