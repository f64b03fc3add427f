"""What use-cases work with, as bootstrap put it together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vnfm.domain.authentication import Way
from vnfm.domain.operation import Operation
from vnfm.lcm.context import Context
from vnfm.nfvo.port import Onboarded
from vnfm.services.vnfds import VnfdCache
from vnfm.settings import Settings
from vnfm.store.clients import Clients
from vnfm.store.instances import Instances
from vnfm.store.notifications import Notifications
from vnfm.store.operations import Operations
from vnfm.store.outbox import Outbox
from vnfm.store.packages import Packages
from vnfm.store.secrets import Secrets
from vnfm.store.snapshots import Snapshots
from vnfm.store.subscriptions import Subscriptions
from vnfm.vim.port import Scope, Vim, VimConnection
from vnfm.vnfd.package import Package


class PackageSource(Protocol):
    """Where VNF packages come from: the NFVO's package server."""

    def fetch_package(self, vnfd_id: str) -> Onboarded | None:
        """The package, or None if there is none that may be used."""
        ...


class Probe(Protocol):
    """The test of a subscriber's endpoint."""

    def refusal(self, uri: str, way: Way) -> str | None:
        """Why it fails, when we prove who we are in this way, or None."""
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
    subscriptions: Subscriptions
    notifications: Notifications
    outboxes: Sequence[Outbox]
    probe: Probe
    connect_vim: Callable[[VimConnection, Scope], Vim]
    source: PackageSource
    vnfds: VnfdCache
    read_package: Callable[[bytes], Package]
    #: An operation's view of the world at a time, as its steps have it.
    view: Callable[[Operation, datetime], Context]
    #: This host's clock: for what only this host judges, such as tokens.
    clock: Callable[[], datetime]
    #: The database server's: for what workers judge by it, such as when an operation is due.
    database_time: Callable[[], datetime]
    new_id: Callable[[], str]
    database_answers: Callable[[], bool]
    #: Gives up connections; call it when the process ends.
    close: Callable[[], None]
