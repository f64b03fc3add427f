"""A scene for notifications: a database, endpoints, operations that change their state by hand."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.fakes.subscriber import Subscribers
from vnfm import bootstrap
from vnfm.domain.authentication import Way
from vnfm.domain.operation import Operation, OperationState, OperationType
from vnfm.domain.subscription import Subscription, secret_name
from vnfm.settings import Settings
from vnfm.store.client import Db
from vnfm.store.notifications import Notifications
from vnfm.store.operations import Operations
from vnfm.store.outbox import operation_outbox
from vnfm.store.secrets import Secrets
from vnfm.store.subscriptions import Subscriptions

TENANT = "t"
LIFE = ("STARTING", "PROCESSING", "COMPLETED")


class Scene:
    """Everything a test of the relay plays with."""

    def __init__(self, db: Db, mongo_uri: str, subscribers: Subscribers, **chosen: Any) -> None:
        self.subscribers = subscribers
        values: dict[str, Any] = {
            "mongo_uri": mongo_uri,
            "mongo_database": db.name,
            "external_url": "http://vnfm.example",
            "allow_loopback": True,
            "callback_timeout": 0.5,
            "callback_schedule": (0.0, 0.1, 0.2),
            "relay_pause": 0.02,
            "lease": 0.5,
            "log_level": "ERROR",
        }
        self.settings = Settings(**{**values, **chosen})
        bootstrap.open_database(self.settings).client.close()
        self.operations = Operations(db)
        self.subscriptions = Subscriptions(db)
        self.notifications = Notifications(db)
        self.secrets = Secrets(db)
        self._outbox = operation_outbox(db)
        self._streams = db["notifications"]
        self._ids = itertools.count()

    def subscribe(self, name: str, way: Way | None = None, **fields: Any) -> Subscription:
        """A subscription of ``name``, without a test of its endpoint."""
        made = Subscription(
            id=f"s-{name}",
            tenant=TENANT,
            client="nfvo",
            api="vnflcm/v2",
            callback_uri=f"{self.subscribers.url}/n/{name}",
            auth_type=way.kind if way else None,
        )
        made = replace(made, **fields)
        if way:
            self.secrets.put(TENANT, secret_name(made.id), way.params)
        assert self.subscriptions.insert(TENANT, made)
        return made

    def begin(self, kind: OperationType = OperationType.SCALE, **fields: Any) -> Operation:
        """A new operation of an instance of its own."""
        now = datetime.now(UTC)
        number = next(self._ids)
        operation = Operation(
            f"op{number}", TENANT, f"i{number}", kind, OperationState.STARTING, {}, 1, [], now, now, "r"
        )
        operation = replace(operation, **fields)
        self.operations.accept(TENANT, operation)
        return operation

    def move(self, operation: Operation, state: str, **fields: Any) -> None:
        """It enters another state."""
        former = operation.state
        operation.state = OperationState(state)
        operation.state_entered_time = datetime.now(UTC)
        for name, value in fields.items():
            setattr(operation, name, value)
        assert self.operations.resume(TENANT, operation, former)

    def live(self) -> Operation:
        """An operation from STARTING to COMPLETED."""
        operation = self.begin()
        for state in LIFE[1:]:
            self.move(operation, state)
        return operation

    @contextmanager
    def relay(self) -> Iterator[None]:
        """A relay in a thread of this process."""
        with relaying(self.settings):
            yield

    def untold(self) -> bool:
        """Whether anything waits in an outbox."""
        return bool(self._outbox.untold(1))

    def waiting(self, name: str) -> set[tuple[str, str]]:
        """Operation and state of what is still to be told to ``name``."""
        found = self._streams.find({"subscription": f"s-{name}"})
        return {(one["stream"], one["facts"]["state"]) for stream in found for one in stream["queue"]}

    def states(self, name: str, operation: Operation) -> list[str]:
        """What ``name`` has been told of ``operation``, in order."""
        taken = self.subscribers.taken(name)
        return [body["operationState"] for body in taken if body["vnfLcmOpOccId"] == operation.id]


@contextmanager
def relaying(settings: Settings) -> Iterator[None]:
    """A relay in a thread of this process."""
    relay = bootstrap.make_relay(settings)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield
    finally:
        relay.stop()
        thread.join(20)
