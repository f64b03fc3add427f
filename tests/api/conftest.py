"""The whole API over HTTP, on a real MongoDB, with response validation; only the NFVO is a fake."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from tests.fakes.packages import AnyPackage
from tests.fakes.server import listening, serving
from vnfm.api.app import create_app
from vnfm.services import clients
from vnfm.services.deps import Deps
from vnfm.services.vnfds import VnfdCache
from vnfm.settings import Settings
from vnfm.store.client import Db, connect
from vnfm.store.clients import Clients
from vnfm.store.instances import Instances
from vnfm.store.operations import Operations
from vnfm.store.packages import Packages
from vnfm.store.secrets import Secrets

SECRET = "a secret of 24 characters"
CLIENTS = (("nfvo", "a", "nfvo"), ("other", "b", "nfvo"), ("monitor", "a", "monitor"))


@dataclass(frozen=True)
class Api:
    """A running API: its address, and what it works with."""

    url: str
    deps: Deps

    def token(self, client_id: str = "nfvo") -> str:
        """A fresh token of one of the clients nfvo, other (of another tenant) and monitor."""
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{self.url}/oauth2/token", data=form, auth=(client_id, SECRET))
        return str(answer.raise_for_status().json()["access_token"])

    def client(self, client_id: str = "nfvo") -> httpx.Client:
        """An HTTP client with a token."""
        headers = {"Authorization": f"Bearer {self.token(client_id)}", "Version": "2.1.0"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


def make_deps(db: Db, settings: Settings) -> Deps:
    """Real stores, a fake NFVO."""
    nfvo, packages = AnyPackage(), Packages(db)
    return Deps(
        settings=settings,
        instances=Instances(db),
        operations=Operations(db),
        secrets=Secrets(db),
        clients=Clients(db),
        packages=packages,
        source=nfvo,
        vnfds=VnfdCache(packages),
        read_package=nfvo.read,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        database_answers=lambda: True,
    )


@pytest.fixture(scope="session")
def start_api(mongo_uri: str) -> Iterator[Callable[..., Api]]:
    """Starts APIs; each keyword is a field of Settings."""
    with ExitStack() as stack:

        def start(**chosen: object) -> Api:
            db = connect(mongo_uri, f"api_{uuid.uuid4().hex[:12]}")
            stack.callback(db.client.close)
            stack.callback(db.client.drop_database, db.name)
            Instances(db).ensure_indexes()
            Operations(db).ensure_indexes()
            sock, url = stack.enter_context(listening())
            values = {"external_url": url, "validate_responses": True, **chosen}
            settings = Settings(**values)  # type: ignore[arg-type]  # a table of mixed types
            deps = make_deps(db, settings)
            for client_id, tenant, role in CLIENTS:
                clients.add(deps, client_id, SECRET, tenant, [role])
            stack.enter_context(serving(create_app(deps, settings), sock))
            return Api(url, deps)

        yield start


@pytest.fixture(scope="session")
def api(start_api: Callable[..., Api]) -> Api:
    """One API for all tests of this folder."""
    return start_api()


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    """A client of tenant a that may write."""
    with api.client() as client:
        yield client
