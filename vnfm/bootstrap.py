"""The only module that joins settings, adapters and services."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from vnfm.domain.operation import Operation, StepEntry
from vnfm.engine.faultpoints import FaultPoints
from vnfm.engine.runner import Machinery
from vnfm.engine.worker import Worker
from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.lcm import changes
from vnfm.lcm.context import Context, Policy, Ports
from vnfm.lcm.steps import STEPS
from vnfm.nfvo.client import Endpoints, NfvoClient
from vnfm.notify.callback import Callbacks, Probe
from vnfm.notify.courier import Courier
from vnfm.notify.courier import Policy as CourierPolicy
from vnfm.notify.fanout import Fanout
from vnfm.notify.lanes import Lanes
from vnfm.notify.relay import Relay
from vnfm.outbound import Destinations, Outbound
from vnfm.outbound.credentials import Basic, ClientCredentials, Credentials, NoCredentials
from vnfm.services.deps import Deps
from vnfm.services.vnfds import VnfdCache
from vnfm.settings import Settings, SettingsError
from vnfm.store.client import Db, answers, connect, require_replica_set, time_of
from vnfm.store.clients import Clients
from vnfm.store.instances import Instances
from vnfm.store.notifications import Notifications
from vnfm.store.operations import Operations
from vnfm.store.outbox import instance_outbox, operation_outbox
from vnfm.store.packages import Packages
from vnfm.store.secrets import Secrets
from vnfm.store.snapshots import Snapshots
from vnfm.store.subscriptions import Subscriptions
from vnfm.vim.cloudstack import vim as cloudstack
from vnfm.vim.port import Scope, Vim, VimConnection
from vnfm.vnfd import read_package

log = logging.getLogger(__name__)

#: vimType of VimConnectionInfo → adapter. CloudStack has no value registered with ETSI.
VIM_TYPES = ("CLOUDSTACK", "CLOUDSTACK.V_4", "ETSINFV.CLOUDSTACK.V_4")


def open_database(settings: Settings) -> Db:
    """The database, with its indexes in place."""
    if not settings.mongo_uri:
        raise SettingsError("VNFM_MONGO_URI is not set; `vnfm demo` brings a database of its own")
    try:
        db = connect(settings.mongo_uri, settings.mongo_database)
        _prepare(db)
    except Permanent as exc:
        raise SettingsError(f"VNFM_MONGO_URI, VNFM_MONGO_DATABASE: {exc.detail}") from exc
    except Temporary as exc:
        raise Temporary(f"VNFM_MONGO_URI: {exc.detail}") from exc
    return db


def _prepare(db: Db) -> None:
    try:
        require_replica_set(db)
        for collection in (Instances, Operations, Snapshots, Subscriptions, Notifications):
            collection(db).ensure_indexes()
    except VnfmError:
        db.client.close()
        raise


@contextmanager
def open_clients(settings: Settings) -> Iterator[Clients]:
    """The API clients, for whoever administers them: no NFVO is needed for that."""
    db = open_database(settings)
    with db.client:
        yield Clients(db)


def make_outbound(settings: Settings) -> Outbound:
    """The one door out."""
    return Outbound(
        rules=Destinations(loopback=settings.allow_loopback),
        ca_bundle=settings.ca_file or None,
        identity=_identity(settings),
    )


def _identity(settings: Settings) -> tuple[str, str] | None:
    return (settings.client_cert_file, settings.client_key_file) if settings.client_cert_file else None


def check_files(settings: Settings) -> None:
    """SettingsError names the file for TLS that cannot be used: now, and not with the first call."""
    context = ssl.create_default_context()
    try:
        if file := settings.ca_file:
            context.load_verify_locations(file)
    except OSError as exc:
        raise SettingsError(f"VNFM_CA_FILE: {exc.strerror or exc}: {file}") from exc
    try:
        if identity := _identity(settings):
            # Without a word for it, OpenSSL would ask the terminal for the key's password.
            context.load_cert_chain(*identity, password="")
    except OSError as exc:
        names = "VNFM_CLIENT_CERT_FILE, VNFM_CLIENT_KEY_FILE"
        raise SettingsError(f"{names}: {exc.strerror or exc}: {', '.join(identity or ())}") from exc


def make_callbacks(settings: Settings) -> tuple[Callbacks, Outbound]:
    """The door to subscribers. It has no breaker: each subscriber has a schedule of its own, and one that is
    dead must not close the door to another one behind the same address."""
    outbound = Outbound(
        rules=Destinations(loopback=settings.allow_loopback),
        ca_bundle=settings.ca_file or None,
        identity=_identity(settings),
        patience=None,
        limit=settings.callback_timeout,
        connections=max(settings.relay_threads, settings.api_threads),
    )
    return Callbacks(outbound, settings.callback_timeout), outbound


def make_nfvo(settings: Settings, outbound: Outbound) -> NfvoClient:
    """The NFVO's client; opened now, called later. That its name is unknown now stops nobody: much can be
    done without an NFVO, and it may be up later than this process."""
    if not settings.nfvo_url:
        raise SettingsError("VNFM_NFVO_URL is not set: grants and packages come from an NFVO")
    endpoints = Endpoints.under(settings.nfvo_url, settings.nfvo_grant_url, settings.nfvo_package_url)
    roots = (endpoints.grant_root, endpoints.package_root, settings.nfvo_token_url or settings.nfvo_url)
    for url in {urlsplit(root).netloc: root for root in roots}.values():
        try:
            outbound.vet(url)
        except Temporary as exc:
            log.warning("the NFVO cannot be called yet: %s", exc.detail)
    return NfvoClient(outbound.open(settings.nfvo_url), endpoints, _nfvo_credentials(settings, outbound))


def _nfvo_credentials(settings: Settings, outbound: Outbound) -> Credentials:
    if not settings.nfvo_client_id:
        return NoCredentials()
    if settings.nfvo_auth == "basic":
        return Basic(settings.nfvo_client_id, settings.nfvo_client_secret)
    token_url = settings.nfvo_token_url or f"{settings.nfvo_url.rstrip('/')}/token"
    return ClientCredentials(
        outbound.open(token_url), token_url, settings.nfvo_client_id, settings.nfvo_client_secret
    )


class VimPool:
    """One adapter per connection and scope, so that what it has learnt of the VIM is learnt once."""

    def __init__(self, outbound: Outbound, size: int = 256) -> None:
        self._outbound = outbound
        self._size = size
        self._vims: dict[tuple[str, str], Vim] = {}
        self._lock = threading.Lock()

    def connect(self, connection: VimConnection, scope: Scope) -> Vim:
        """The adapter for a connection; Permanent names what the connection lacks."""
        if connection.vim_type.upper() not in VIM_TYPES:
            known = ", ".join(VIM_TYPES)
            raise Permanent(
                f"vimConnectionInfo.vimType: {connection.vim_type!r} is not supported; known: {known}"
            )
        parts = (connection.interface, connection.access, connection.extra, scope)
        key = (connection.id, repr([sorted(p.items()) if isinstance(p, Mapping) else p for p in parts]))
        with self._lock:
            if key not in self._vims:
                if len(self._vims) >= self._size:
                    self._vims.pop(next(iter(self._vims)))
                self._vims[key] = cloudstack.connect(connection, scope, self._outbound.line)
            return self._vims[key]


def make_deps(settings: Settings) -> Deps:
    """What the API's use-cases need."""
    db = open_database(settings)
    outbound = make_outbound(settings)
    packages = Packages(db)
    ports = make_ports(settings, db, outbound)

    callbacks, door = make_callbacks(settings)

    def close() -> None:
        db.client.close()
        outbound.close()
        door.close()

    return Deps(
        settings=settings,
        instances=Instances(db),
        operations=Operations(db),
        secrets=Secrets(db),
        clients=Clients(db),
        packages=packages,
        snapshots=Snapshots(db),
        subscriptions=Subscriptions(db),
        notifications=Notifications(db),
        outboxes=(operation_outbox(db), instance_outbox(db)),
        probe=Probe(callbacks, settings.callback_tolerated),
        connect_vim=ports.connect_vim,
        source=make_nfvo(settings, outbound),
        vnfds=VnfdCache(packages),
        read_package=read_package,
        view=lambda operation, now: Context(ports, operation, now),
        clock=lambda: datetime.now(UTC),
        database_time=lambda: time_of(db),
        new_id=lambda: str(uuid.uuid4()),
        database_answers=lambda: answers(db),
        close=close,
    )


def make_ports(settings: Settings, db: Db, outbound: Outbound) -> Ports:
    """The adapters that steps work with."""
    return Ports(
        instances=Instances(db),
        secrets=Secrets(db),
        nfvo=make_nfvo(settings, outbound),
        load_vnfd=VnfdCache(Packages(db)).load,
        connect_vim=VimPool(outbound).connect,
        policy=Policy(
            external_url=settings.external_url.rstrip("/"),
            poll_pause=settings.poll_pause,
            purge_patience=settings.purge_patience,
            job_patience=settings.job_patience,
            purge_policy=settings.purge_policy,
        ),
        snapshots=Snapshots(db),
    )


def make_machinery(settings: Settings, db: Db, ports: Ports) -> Machinery[Context]:
    """What a worker's slices need."""

    def report(operation: Operation, entry: StepEntry, error: Exception) -> None:
        facts: dict[str, Any] = {"operationId": operation.id, "vnfInstanceId": operation.vnf_instance_id}
        log.error("defect in step %s", entry.key, exc_info=error, extra=facts)

    return Machinery(
        journal=Operations(db),
        steps=STEPS,
        make_context=lambda operation, now: Context(ports, operation, now),
        summarise=changes.summarise,
        report=report,
        faults=FaultPoints(settings.fault_point, settings.fault_mark),
        patience=settings.step_patience,
        settle=settings.settle_pause,
        tidy=Context.forget_brought,
    )


def make_worker(settings: Settings) -> Worker[Context]:
    """A worker; its name tells host and process, and differs at each start."""
    db = open_database(settings)
    ports = make_ports(settings, db, make_outbound(settings))
    return Worker(
        _process_name(),
        make_machinery(settings, db, ports),
        threads=settings.worker_threads,
        lease=settings.lease,
        idle_pause=settings.idle_pause,
    )


def make_relay(settings: Settings) -> Relay:
    """A relay; like a worker it has a name of its own at each start."""
    db = open_database(settings)
    callbacks, door = make_callbacks(settings)

    def close() -> None:
        db.client.close()
        door.close()

    faults = FaultPoints(settings.fault_point, settings.fault_mark)
    lanes = Lanes(settings.relay_threads, settings.relay_width, settings.relay_rest)
    streams = Notifications(db)
    courier = Courier(
        _process_name(),
        streams,
        Subscriptions(db),
        Secrets(db),
        callbacks,
        lanes,
        CourierPolicy(
            base_url=settings.external_url.rstrip("/"),
            schedule=settings.callback_schedule,
            # Longer than the slowest try can be, with the looking up of names, which has no deadline.
            lease=max(settings.lease, 6 * settings.callback_timeout),
        ),
        faults,
        now=lambda: datetime.now(UTC),
    )
    return Relay(
        [operation_outbox(db), instance_outbox(db)],
        Fanout(Subscriptions(db), streams, faults),
        streams,
        courier,
        lanes,
        threads=settings.relay_threads,
        pause=settings.relay_pause,
        close=close,
    )


def _process_name() -> str:
    """Tells host and process, and differs at each start."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
