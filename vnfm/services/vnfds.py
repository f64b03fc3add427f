"""The VNFDs this process has used lately, built once from their documents."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from vnfm.domain.vnfd import Vnfd
from vnfm.errors import Permanent
from vnfm.store.packages import Packages
from vnfm.vnfd.document import from_document

#: So long one is used without a look whether the stored one has changed. A vnfdId identifies one content
#: (SOL003 5.5.2.2), so that happens only when a hand puts it right.
TRUST = 5.0


@dataclass(slots=True)
class _Known:
    content_hash: str
    vnfd: Vnfd
    until: float


class VnfdCache:
    """The last VNFDs used; one that has changed is read anew after ``TRUST`` seconds. Thread-safe."""

    def __init__(
        self, packages: Packages, size: int = 64, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._packages = packages
        self._size = size
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, tenant: str, vnfd_id: str) -> Vnfd | None:
        """The VNFD, or None if none is stored."""
        key = (tenant, vnfd_id)
        with self._lock:
            known = self._known.get(key)
            if known is not None and self._clock() < known.until:
                self._known.move_to_end(key)
                return known.vnfd
        content_hash = self._packages.hash_of(tenant, vnfd_id)
        if content_hash is None:
            return None
        if known is not None and known.content_hash == content_hash:
            return self._keep(key, content_hash, known.vnfd)
        document = self._packages.get(tenant, vnfd_id)
        return None if document is None else self._keep(key, content_hash, from_document(document))

    def load(self, tenant: str, vnfd_id: str) -> Vnfd:
        """As ``find``; Permanent if there is none."""
        found = self.find(tenant, vnfd_id)
        if found is None:
            raise Permanent(f"VNFD {vnfd_id} has vanished from the database")
        return found

    def _keep(self, key: tuple[str, str], content_hash: str, vnfd: Vnfd) -> Vnfd:
        with self._lock:
            self._known[key] = _Known(content_hash, vnfd, self._clock() + TRUST)
            self._known.move_to_end(key)
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return vnfd
