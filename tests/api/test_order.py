"""What decides when several things are wrong, and what a sloppy client may send: for all operations.

Ids are unknown throughout, so whoever gets as far as looking for them answers 404. The order is the one of
docs/reference/strictness.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.catalogue import CATALOGUE, Operation
from tests.api.conftest import Api
from vnfm.api import versions
from vnfm.api.body import JSON, MAX_BYTES, MERGE_PATCH
from vnfm.settings import Strict

SECURED = [operation for operation in CATALOGUE if operation.needs_token]
VERSIONED = [operation for operation in CATALOGUE if operation.is_versioned]
WITH_IDS = [operation for operation in CATALOGUE if operation.has_ids]
WITH_BODY = [operation for operation in CATALOGUE if operation.is_json]
TASKS = [operation for operation in WITH_IDS if operation.is_json and operation.method == "POST"]
PATCHES = [operation for operation in WITH_IDS if MERGE_PATCH in operation.content]
WITHOUT_BODY = [operation for operation in WITH_IDS if not operation.content]
MANDATORY = [operation for operation in WITH_BODY if operation.body]


def every(chosen: list[Operation]) -> pytest.MarkDecorator:
    assert chosen
    return pytest.mark.parametrize("operation", chosen, ids=str)


@dataclass(frozen=True)
class Asker:
    """A client with a token that adds nothing of its own to a request."""

    http: httpx.Client
    authorization: str

    def __call__(self, operation: Operation, **headers: str) -> httpx.Response:
        return self.send(operation.request(Authorization=self.authorization, **headers))

    def send(self, request: dict[str, Any]) -> httpx.Response:
        answer = self.http.request(**request)
        if answer.status_code >= 400 and request["method"] != "HEAD":
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
            assert answer.json()["detail"]
        return answer


@pytest.fixture(scope="module")
def ask(api: Api) -> Iterator[Asker]:
    with httpx.Client(base_url=api.url, timeout=30) as http:
        yield Asker(http, f"Bearer {api.token()}")


@pytest.fixture(scope="module")
def monitor(api: Api) -> str:
    """Who may only read."""
    return f"Bearer {api.token('monitor')}"


@pytest.fixture(scope="module")
def ask_strictly(start_api: Callable[..., Api]) -> Iterator[Asker]:
    """The same API, with every tolerance switched off."""
    strict = start_api(strict=frozenset(Strict))
    with httpx.Client(base_url=strict.url, timeout=30) as http:
        yield Asker(http, f"Bearer {strict.token()}")


# --- who asks ---


@every(SECURED)
def test_a_token_comes_before_everything_else(ask: Asker, operation: Operation) -> None:
    wrong = {"Accept": "text/html", "Version": "x", "Content-Type": "text/plain"}
    for authorization, status in (
        (None, 401),
        ("Basic eDp5", 401),
        ("Bearer a b", 400),
        ("Bearer a.b.c", 401),
    ):
        headers = {"Authorization": authorization} if authorization else {}
        answer = ask.send({**operation.request(), "headers": {**wrong, **headers}})
        assert answer.status_code == status
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="vnfm"')


@every([operation for operation in SECURED if operation.method != "GET"])
def test_only_writers_write(ask: Asker, monitor: str, operation: Operation) -> None:
    answer = ask.send(operation.request(Authorization=monitor))
    assert answer.status_code == 403


# --- what is asked for ---


@every(VERSIONED)
def test_version(ask: Asker, operation: Operation) -> None:
    served = versions.at(operation.address)
    assert served
    for version, status in (("x", 400), ("1", 400), ("9.0.0", 406), (f"{served.version[0]}.999.0", 406)):
        answer = ask(operation, Version=version, Content_Type="text/plain")
        assert answer.status_code == status
        assert answer.headers["Version"] == served.version
    answer = ask(operation, Version=f"{served.version}-impl:a:b:1")
    assert answer.status_code not in {400, 406}
    assert answer.headers["Version"] == served.version


@every([operation for operation in SECURED if operation.produces])
def test_accept(ask: Asker, operation: Operation) -> None:
    assert ask(operation, Accept="text/html", Content_Type="text/plain").status_code == 406
    for accept in (
        "*/*",
        "application/*",
        "text/html, application/json;q=0.1",
        "application/json, application/*+json",
    ):
        assert ask(operation, Accept=accept).status_code != 406


@every(WITH_IDS)
def test_an_unknown_id_is_404(ask: Asker, operation: Operation) -> None:
    answer = ask(operation)
    assert answer.status_code == 404
    assert "unknown" in answer.json()["detail"]


# --- the body, before the id in it or in the path is looked for ---


@every(WITH_BODY)
def test_media_type(ask: Asker, operation: Operation) -> None:
    for media_type in ("text/plain", "application/xml", "application/json; charset=latin-1"):
        assert ask(operation, Content_Type=media_type).status_code == 415
    assert ask(operation, Content_Encoding="gzip").status_code == 415
    assert ask(operation, Content_Encoding="identity").status_code != 415
    request = operation.request(Authorization=ask.authorization)
    del request["headers"]["Content-Type"]
    assert ask.send(request).status_code == 415


@every(WITH_BODY)
def test_bad_content(ask: Asker, operation: Operation) -> None:
    request = operation.request(Authorization=ask.authorization)
    for content in (b"{", b"[]", b'"x"', b"\xff", b"[" * 1000):
        answer = ask.send({**request, "content": content})
        assert answer.status_code == 400
    answer = ask.send({**request, "content": b"x" * (MAX_BYTES + 1)})
    assert answer.status_code == 413


@every(MANDATORY)
def test_a_missing_attribute_is_named(ask: Asker, operation: Operation) -> None:
    answer = ask.send({**operation.request(Authorization=ask.authorization), "content": b"{}"})
    assert answer.status_code == 400
    assert any(name in answer.json()["detail"] for name in operation.body)


# --- sloppy clients ---


@every(WITH_IDS)
def test_sloppiness_is_tolerated(ask: Asker, operation: Operation) -> None:
    """No Version, a query nobody knows, Content-Type on everything: and the id is looked for all the same."""
    request = operation.request(Authorization=ask.authorization, Content_Type=JSON)
    assert ask.send({**request, "url": f"{operation.address}?nonsense=1&all"}).status_code == 404


@every([operation for operation in WITH_BODY if operation.has_ids])
def test_unknown_attributes_are_tolerated(ask: Asker, operation: Operation) -> None:
    body = {**operation.body, "fromTheFuture": {"a": [1]}}
    request = operation.request(Authorization=ask.authorization)
    del request["content"]
    assert ask.send({**request, "json": body}).status_code == 404


@every([operation for operation in TASKS if not operation.body])
def test_a_body_may_be_missing_if_all_of_it_may(ask: Asker, operation: Operation) -> None:
    request = operation.request(Authorization=ask.authorization)
    assert ask.send({**request, "content": b""}).status_code == 404
    del request["headers"]["Content-Type"]
    assert ask.send({**request, "content": None}).status_code == 404


@every(VERSIONED)
def test_strict_wants_a_version(ask_strictly: Asker, operation: Operation) -> None:
    answer = ask_strictly(operation)
    assert answer.status_code == 400
    assert "Version" in answer.json()["detail"]


def exactly(operation: Operation, ask: Asker) -> dict[str, Any]:
    """A request that even a strict API has nothing against."""
    served = versions.at(operation.address)
    more = {"Version": served.version} if served and operation.is_versioned else {}
    return operation.request(Authorization=ask.authorization, **more)


@every(WITH_IDS)
def test_strict_takes_what_is_exact(ask_strictly: Asker, operation: Operation) -> None:
    assert ask_strictly.send(exactly(operation, ask_strictly)).status_code == 404


@every(CATALOGUE)
def test_strict_knows_all_query_parameters(ask_strictly: Asker, operation: Operation) -> None:
    request = exactly(operation, ask_strictly)
    answer = ask_strictly.send({**request, "url": f"{operation.address}?nonsense=1"})
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["detail"]


@every(WITHOUT_BODY)
def test_strict_wants_no_type_of_nothing(ask_strictly: Asker, operation: Operation) -> None:
    request = exactly(operation, ask_strictly)
    request["headers"]["Content-Type"] = JSON
    answer = ask_strictly.send(request)
    assert answer.status_code == 400
    assert "Content-Type" in answer.json()["detail"]


@every(WITH_BODY)
def test_strict_knows_all_attributes(ask_strictly: Asker, operation: Operation) -> None:
    request = exactly(operation, ask_strictly)
    del request["content"]
    answer = ask_strictly.send({**request, "json": {**operation.body, "fromTheFuture": 1}})
    assert answer.status_code == 400
    assert "/fromTheFuture" in answer.json()["detail"]


@every(WITH_BODY)
def test_strict_wants_a_body(ask_strictly: Asker, operation: Operation) -> None:
    request = exactly(operation, ask_strictly)
    assert ask_strictly.send({**request, "content": b""}).status_code == 400


@every(PATCHES)
def test_a_patch_as_json_unless_strict(ask: Asker, ask_strictly: Asker, operation: Operation) -> None:
    for asker, media_type, status in (
        (ask, MERGE_PATCH, 404),
        (ask, JSON, 404),
        (ask_strictly, MERGE_PATCH, 404),
        (ask_strictly, JSON, 415),
    ):
        request = exactly(operation, asker)
        request["headers"]["Content-Type"] = media_type
        assert asker.send(request).status_code == status


# --- HEAD, and too many requests ---


@every([operation for operation in CATALOGUE if operation.method == "GET"])
def test_head_is_get_without_a_body(ask: Asker, operation: Operation) -> None:
    got = ask(operation, X_Request_ID="same")
    asked = ask.send(
        {**operation.request(Authorization=ask.authorization, X_Request_ID="same"), "method": "HEAD"}
    )
    assert asked.status_code == got.status_code
    assert asked.content == b""
    ignored = {"date", "etag"}
    assert [h for h in asked.headers.items() if h[0] not in ignored] == [
        h for h in got.headers.items() if h[0] not in ignored
    ]


@pytest.fixture(scope="module")
def ask_too_much(start_api: Callable[..., Api]) -> Iterator[Asker]:
    """A client that has used up what it may ask for."""
    slow = start_api(rate_limit=0.0001)
    with httpx.Client(base_url=slow.url, timeout=30) as http:
        asker = Asker(http, f"Bearer {slow.token()}")
        assert asker(SECURED[0]).status_code != 429
        yield asker


@every(SECURED)
def test_too_many_requests(ask_too_much: Asker, operation: Operation) -> None:
    answer = ask_too_much(operation, Version="x", Accept="text/html")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@every([operation for operation in CATALOGUE if not operation.needs_token])
def test_what_is_open_is_not_limited(ask_too_much: Asker, operation: Operation) -> None:
    assert ask_too_much.http.request(**operation.request()).status_code != 429


# --- what is served ---


@pytest.mark.parametrize("root", versions.SERVED)
def test_api_versions_at_both_levels(ask: Asker, root: str) -> None:
    """Neither token nor Version is needed, whatever the Version says."""
    majors = versions.SERVED[root]
    all_of_them = sorted(served.version for served in majors.values())
    levels = {f"/{root}/": all_of_them, **{f"/{root}/{major}/": [majors[major].version] for major in majors}}
    for prefix, wanted in levels.items():
        answer = ask.http.get(f"{prefix}api_versions", headers={"Version": "nonsense"})
        assert answer.status_code == 200
        assert answer.json()["uriPrefix"] == f"{ask.http.base_url}".rstrip("/") + prefix
        assert sorted(entry["version"] for entry in answer.json()["apiVersions"]) == wanted
        assert answer.headers["Version"] in wanted
