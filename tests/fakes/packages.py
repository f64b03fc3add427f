"""A package source that knows a package for every VNFD id: one sample, under whatever id is asked for."""

from __future__ import annotations

from dataclasses import replace

from vnfm.sandbox.packages import catalogue
from vnfm.vnfd import Package, read_package


class AnyPackage:
    """Serves as ``Deps.source`` and ``Deps.read_package``. ``ABSENT`` is the one id it does not know."""

    ABSENT = "absent"

    def __init__(self, sample: str = "haproxy-lb") -> None:
        self._sample = read_package(catalogue.build_sample(sample))

    def fetch_package(self, vnfd_id: str) -> bytes | None:
        """What stands for the CSAR is its id."""
        return None if vnfd_id == self.ABSENT else vnfd_id.encode()

    def read(self, content: bytes) -> Package:
        """The sample under the id asked for."""
        vnfd_id = content.decode()
        return replace(self._sample, vnfd=replace(self._sample.vnfd, id=vnfd_id), content_hash=vnfd_id)
