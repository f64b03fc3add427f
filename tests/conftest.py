"""What all tests share: one real mongod for the whole run, and a fresh database for each test that asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.stage import WorkerPool
from vnfm.sandbox.mongod import running_mongod
from vnfm.store.client import Db, connect


@pytest.fixture(scope="session")
def mongo_uri() -> Iterator[str]:
    """A one-node replica set of this run's own."""
    with running_mongod() as uri:
        yield uri


@pytest.fixture
def db(mongo_uri: str) -> Iterator[Db]:
    """An empty database, dropped afterwards."""
    database = connect(mongo_uri, f"test_{uuid.uuid4().hex[:12]}")
    yield database
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """Where workers and relays are forked."""
    workers = WorkerPool()
    yield workers
    workers.close()
