"""One emulator per test: in a thread, with quick jobs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.sandbox.client import Caller
from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.serve import Background


@pytest.fixture
def alice() -> Iterator[Caller]:
    with Background(Cloud(job_seconds=0.03)) as server, httpx.Client(timeout=10) as http:
        yield Caller(server, http)


@pytest.fixture
def admin(alice: Caller) -> Caller:
    return Caller(alice.server, alice.http, "admin")
