"""Without its database the gateway says so, at every operation: 503, and when to try again (SOL013 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pymongo.uri_parser import parse_uri

from tests.api.catalogue import CATALOGUE, Operation
from tests.api.conftest import SECRET, Api
from tests.fakes.cutter import cuttable

#: What is answered without looking anything up.
CONSTANT = ("/api_versions",)
NEEDY = [operation for operation in CATALOGUE if not operation.path.endswith(CONSTANT)]
#: One operation of each kind; each takes as long as the search for a database does.
SOME = [
    operation
    for operation in NEEDY
    if operation.file in {"sol003-vnflcm-v2.yaml", "gateway-auth-v1.yaml", "gateway-v1.yaml"}
    and operation.path.endswith(("/vnf_instances", "{vnfInstanceId}", "/heal", "/retry", "/token", "/health"))
]


@pytest.fixture
def bereft(start_api: Callable[..., Api], mongo_uri: str) -> Iterator[httpx.Client]:
    """A client with a token at an API that has just lost its database."""
    (host, port), *_ = parse_uri(mongo_uri)["nodelist"]
    with cuttable(host, port) as line:
        api = start_api(mongo_uri=f"mongodb://127.0.0.1:{line.port}/?directConnection=true", api_threads=64)
        headers = {"Authorization": f"Bearer {api.token()}"}
        with httpx.Client(base_url=api.url, headers=headers, timeout=60) as client:
            assert client.get("/vnflcm/v2/vnf_instances").status_code == 200
            line.cut()
            yield client


def _ask(client: httpx.Client, operation: Operation) -> httpx.Response:
    request = operation.request()
    if operation.path.endswith("/token"):
        request |= {"data": {"grant_type": "client_credentials"}, "auth": ("nfvo", SECRET)}
    return client.request(**request)


def _ask_all(client: httpx.Client, operations: list[Operation]) -> list[str]:
    """What was answered otherwise than it should."""
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda operation: _ask(client, operation), operations))
    return [
        f"{operation}: {answer.status_code} {answer.headers} {answer.text}"
        for operation, answer in zip(operations, answers, strict=True)
        if answer.status_code != 503
        or not int(answer.headers.get("Retry-After", 0))
        or not answer.content
        or "127.0.0.1" in answer.text
    ]


def test_some(bereft: httpx.Client) -> None:
    assert len(SOME) >= 9
    assert _ask_all(bereft, SOME) == []


@pytest.mark.long
def test_every_operation(bereft: httpx.Client) -> None:
    assert _ask_all(bereft, NEEDY) == []
