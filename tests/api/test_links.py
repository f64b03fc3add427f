"""Links: absolute, from the configured external address whatever the request says, always the same bytes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.catalogue import CATALOGUE
from tests.api.conftest import Api
from vnfm.wire.dialect import DIALECTS

OUTSIDE = "https://gw.example.com/mano"
#: What a request says of where it went, none of which counts.
MISLEADING = {
    "Host": "other.example:1",
    "X-Forwarded-Host": "other.example",
    "X-Forwarded-Proto": "ftp",
    "X-Forwarded-Prefix": "/other",
    "Forwarded": "host=other.example;proto=ftp",
}
PATHS = [re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.base + operation.path)) for operation in CATALOGUE]


@dataclass(frozen=True)
class Outsider:
    """A client that knows the gateway by its external address only."""

    http: httpx.Client

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """The answer of what ``url``, seen from outside, means; httpx would leave out what follows "//"."""
        assert url.startswith(f"{OUTSIDE}/")
        return self.http.request(method, url.removeprefix(OUTSIDE), headers=MISLEADING, **more)

    def get(self, url: str) -> Any:
        answer = self.ask("GET", url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, url: str, **body: Any) -> dict[str, Any]:
        """A new resource; its Location is its link to itself, and it is found there."""
        answer = self.ask("POST", url, json=body)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == document["_links"]["self"]["href"]
        assert self.get(answer.headers["Location"]) == document
        return document


@pytest.fixture(scope="module")
def outsider(start_api: Callable[..., Api]) -> Iterator[Outsider]:
    inside = start_api(external_url=f"{OUTSIDE}/", page_size=1)
    headers = {"Authorization": f"Bearer {inside.token()}"}
    with httpx.Client(base_url=inside.url, headers=headers, timeout=30) as http:
        yield Outsider(http)


def links_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from [item] if name in {"href", "uriPrefix"} else links_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from links_in(item)


def pages(outsider: Outsider, url: str) -> Iterator[Any]:
    """All entries of a list, by the links from page to page."""
    following: str | None = url
    while following:
        answer = outsider.ask("GET", following)
        assert answer.status_code == 200, answer.text
        yield from answer.json()
        following = answer.links.get("next", {}).get("url")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
def test_links_lead_outside_and_back(outsider: Outsider, dialect: Any) -> None:
    root = f"{OUTSIDE}/{dialect.path}"
    instances = [outsider.make(f"{root}/vnf_instances", vnfdId="lb") for _ in range(2)]
    instance = instances[0]["_links"]["self"]["href"]
    location = outsider.ask("PATCH", instance, json={}).headers["Location"]
    occurrence = outsider.get(location)
    assert occurrence["_links"]["self"]["href"] == location
    assert occurrence["_links"]["vnfInstance"]["href"] == instance
    made = [*instances, occurrence]
    callback = f"https://so.example.com/{uuid.uuid4()}"
    made.append(outsider.make(f"{root}/subscriptions", callbackUri=callback))
    again = outsider.ask("POST", f"{root}/subscriptions", json={"callbackUri": callback})
    assert (again.status_code, again.headers["Location"]) == (303, made[-1]["_links"]["self"]["href"])
    if dialect.path.endswith("v2"):
        made.append(outsider.make(f"{root}/vnf_snapshots"))
    made.append(outsider.get(f"{root}/api_versions"))
    assert made[-1]["uriPrefix"] == f"{root}/"
    for link in links_in(made):
        path = link.removeprefix(OUTSIDE)
        assert link.startswith(f"{OUTSIDE}/")
        assert path.endswith("/") or any(known.fullmatch(path) for known in PATHS)
    for document in made[:-1]:
        link = document["_links"]["self"]["href"]
        (entry,) = [one for one in pages(outsider, link.rpartition("/")[0]) if one["id"] == document["id"]]
        assert entry["_links"] == outsider.get(link)["_links"]
