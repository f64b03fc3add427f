"""The VNFDs this process has used lately, built once from their documents."""

from __future__ import annotations

import threading
from collections import OrderedDict

from vnfm.domain.vnfd import Vnfd
from vnfm.errors import Permanent
from vnfm.store.packages import Packages
from vnfm.vnfd.document import from_document


class VnfdCache:
    """The last VNFDs used, by content hash; a stored VNFD that has changed is read anew. Thread-safe."""

    def __init__(self, packages: Packages, size: int = 64) -> None:
        self._packages = packages
        self._size = size
        self._known: OrderedDict[tuple[str, str, str], Vnfd] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, tenant: str, vnfd_id: str) -> Vnfd | None:
        """The VNFD, or None if none was stored."""
        content_hash = self._packages.hash_of(tenant, vnfd_id)
        if content_hash is None:
            return None
        key = (tenant, vnfd_id, content_hash)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        document = self._packages.get(tenant, vnfd_id)
        return None if document is None else self._keep(key, from_document(document))

    def load(self, tenant: str, vnfd_id: str) -> Vnfd:
        """As ``find``; Permanent if there is none."""
        found = self.find(tenant, vnfd_id)
        if found is None:
            raise Permanent(f"VNFD {vnfd_id} has vanished from the database")
        return found

    def _keep(self, key: tuple[str, str, str], vnfd: Vnfd) -> Vnfd:
        with self._lock:
            self._known[key] = vnfd
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return vnfd
