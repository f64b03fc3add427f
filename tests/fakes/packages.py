"""A package source that knows a package for every VNFD id: a sample, under whatever id is asked for."""

from __future__ import annotations

from dataclasses import replace

from vnfm.nfvo.port import Onboarded
from vnfm.sandbox.packages import catalogue
from vnfm.vnfd import Package, read_package


class AnyPackage:
    """Serves as ``Deps.source`` and ``Deps.read_package``. ``ABSENT`` is the one id it does not know.

    An id that begins with a sample's name brings that one, any other the load balancer.
    """

    ABSENT = "absent"
    _NAMES = ("web-tier", "edge-firewall", "haproxy-lb")

    def __init__(self) -> None:
        self._samples: dict[str, Package] = {}

    def fetch_package(self, vnfd_id: str) -> Onboarded | None:
        """What stands for the CSAR is its id."""
        return None if vnfd_id == self.ABSENT else Onboarded(f"package-of-{vnfd_id}", vnfd_id.encode())

    def read(self, content: bytes) -> Package:
        """The sample under the id asked for."""
        vnfd_id = content.decode()
        name = next((name for name in self._NAMES if vnfd_id.startswith(name)), self._NAMES[-1])
        if name not in self._samples:
            self._samples[name] = read_package(catalogue.build_sample(name))
        sample = self._samples[name]
        return replace(sample, vnfd=replace(sample.vnfd, id=vnfd_id), content_hash=vnfd_id)
