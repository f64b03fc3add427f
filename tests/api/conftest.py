"""The whole API over HTTP, on a real MongoDB, with response validation; only the NFVO is a fake."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import httpx
import pytest

from tests.fakes.packages import AnyPackage
from tests.fakes.server import listening, serving
from tests.fakes.subscriber import LocalProbe
from vnfm import bootstrap
from vnfm.api.app import create_app
from vnfm.services import clients
from vnfm.services.deps import Deps
from vnfm.settings import Settings

SECRET = "a secret of 24 characters"
CLIENTS = (
    ("nfvo", "a", "nfvo"),
    ("other", "b", "nfvo"),
    ("monitor", "a", "monitor"),
    *[("second", "a", "nfvo"), ("operator", "a", "operator")],
)


@dataclass(frozen=True)
class Api:
    """A running API: its address, and what it works with."""

    url: str
    deps: Deps

    def token(self, client_id: str = "nfvo") -> str:
        """A fresh token of a client: nfvo, second, operator or monitor, or other (of another tenant)."""
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{self.url}/oauth2/token", data=form, auth=(client_id, SECRET))
        return str(answer.raise_for_status().json()["access_token"])

    def client(self, client_id: str = "nfvo") -> httpx.Client:
        """An HTTP client with a token."""
        headers = {"Authorization": f"Bearer {self.token(client_id)}", "Version": "2.1.0"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


@pytest.fixture(scope="session")
def start_api(mongo_uri: str) -> Iterator[Callable[..., Api]]:
    """Starts APIs; each keyword is a field of Settings, but for ``new_id``, which makes ids."""
    with ExitStack() as stack:

        def start(new_id: Callable[[], str] | None = None, **chosen: object) -> Api:
            sock, url = stack.enter_context(listening())
            settings = Settings(
                mongo_uri=mongo_uri,
                mongo_database=f"api_{uuid.uuid4().hex[:12]}",
                nfvo_url="http://127.0.0.1:9",
                allow_loopback=True,
                external_url=url,
                validate_responses=True,
            )
            settings = replace(settings, **chosen)  # type: ignore[arg-type]  # a table of mixed types
            packages = AnyPackage()
            deps = bootstrap.make_deps(settings)
            probe = LocalProbe(deps.probe)
            deps = replace(deps, source=packages, read_package=packages.read, probe=probe)
            deps = replace(deps, new_id=new_id or deps.new_id)
            for client_id, tenant, role in CLIENTS:
                clients.add(deps.clients, client_id, SECRET, tenant, [role])
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
