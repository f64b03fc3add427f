"""405 on every known path for every method it has not, with all it has (SOL013 6.4)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api.conftest import Api
from tests.speclint import operations
from vnfm.api import specs
from vnfm.api.routing import METHODS


def _served() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for spec in specs.load_all().values():
        base = spec["servers"][0]["url"].rstrip("/")
        for path, method, _ in operations(spec):
            found.setdefault(base + path, set()).add(method.upper())
    return {path: methods | {"HEAD"} if "GET" in methods else methods for path, methods in found.items()}


SERVED = _served()
ABSENT = [(path, method) for path, has in SERVED.items() for method in METHODS if method not in has]


@pytest.fixture(scope="module")
def line(api: Api) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=api.url, timeout=30) as client:
        yield client


@pytest.mark.parametrize(("path", "method"), ABSENT)
def test_allow_is_complete(line: httpx.Client, path: str, method: str) -> None:
    """Nothing else counts before the method: no token, unknown id, bad body, wrong version."""
    answer = line.request(
        method,
        path.replace("{", "").replace("}", "") + "?nonsense=1",
        content=None if method in {"HEAD", "TRACE"} else b"{",
        headers={"Content-Type": "text/nonsense", "Accept": "text/nonsense", "Version": "nonsense"},
    )
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == SERVED[path]
    assert answer.headers["Content-Type"] == "application/problem+json"
    if method == "HEAD":
        assert answer.content == b""
    else:
        assert answer.json()["status"] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nonsense",
        "/vnflcm",
        "/vnflcm/v2",
        "/vnflcm/v2/vnf_instances/",
        "/vnflcm/v2/vnf_instances//instantiate",
        "//vnflcm/v2/vnf_instances",
        "/vnflcm/v2/vnf_instances%2Fx",
        "/vnflcm/v2/vnf_instances/x%2finstantiate",
        "/vnflcm/v2/vnf_instances/x/nonsense",
        "/vnflcm/v9/vnf_instances",
        "/openapi.json",
        "/vnflcm/ui/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_unknown_paths_are_404(line: httpx.Client, path: str, method: str) -> None:
    answer = line.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
