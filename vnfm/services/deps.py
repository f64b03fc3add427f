"""What use-cases work with, as bootstrap put it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vnfm.services.vnfds import VnfdCache
from vnfm.settings import Settings
from vnfm.store.clients import Clients
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.store.packages import Packages
from vnfm.store.secrets import Secrets
from vnfm.store.snapshots import Snapshots
from vnfm.vim.port import Scope, Vim, VimConnection
from vnfm.vnfd.package import Package


class PackageSource(Protocol):
    """Where VNF packages come from: the NFVO's package server."""

    def fetch_package(self, vnfd_id: str) -> bytes | None:
        """The CSAR, or None if there is none that may be used."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """Stores, ports, and the sources of time and ids (rule 7: they come in from outside)."""

    settings: Settings
    instances: Instances
    operations: Operations
    secrets: Secrets
    clients: Clients
    packages: Packages
    snapshots: Snapshots
    connect_vim: Callable[[VimConnection, Scope], Vim]
    source: PackageSource
    vnfds: VnfdCache
    read_package: Callable[[bytes], Package]
    #: This host's clock: for what only this host judges, such as tokens.
    clock: Callable[[], datetime]
    #: The database server's: for what workers judge by it, such as when an operation is due.
    database_time: Callable[[], datetime]
    new_id: Callable[[], str]
    database_answers: Callable[[], bool]
    #: Gives up connections; call it when the process ends.
    close: Callable[[], None]
