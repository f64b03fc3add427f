"""Errors → problem documents, as a table."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
import pytest
from connexion.exceptions import NonConformingResponse
from starlette.exceptions import HTTPException

from vnfm import errors
from vnfm.api import problem
from vnfm.api.call import SCOPE_KEY, Call


class FakeRequest:
    """As much of a request as the handlers look at."""

    scope = {SCOPE_KEY: Call("req-1", "GET", "/x", {})}  # noqa: RUF012 (read only)


def answer(exc: Exception) -> tuple[int, dict[str, Any], Any]:
    kind = next(kind for kind in type(exc).__mro__ if kind in problem.HANDLERS)
    response = asyncio.run(problem.HANDLERS[kind](FakeRequest(), exc))  # type: ignore[arg-type, index]  # a stand-in
    assert response.content_type == "application/problem+json"
    return response.status_code, orjson.loads(response.body), response.headers


@pytest.mark.parametrize(
    ("exc", "status", "title", "detail"),
    [
        (errors.BadRequest("b"), 400, "Bad Request", "b"),
        (errors.Unauthorized("u"), 401, "Unauthorized", "u"),
        (errors.Forbidden("f"), 403, "Forbidden", "f"),
        (errors.NotFound("n"), 404, "Not Found", "n"),
        (errors.Conflict("c"), 409, "Conflict", "c"),
        (errors.PreconditionFailed("p"), 412, "Precondition Failed", "p"),
        (errors.Unprocessable("q"), 422, "Unprocessable Entity", "q"),
        (errors.Temporary("t"), 503, "Service Unavailable", "t"),
        (HTTPException(405, "m"), 405, "Method Not Allowed", "m"),
        (HTTPException(406), 406, "Not Acceptable", "Not Acceptable"),
    ],
)
def test_table(exc: Exception, status: int, title: str, detail: str) -> None:
    code, document, _ = answer(exc)
    assert (code, document["status"], document["title"], document["detail"]) == (
        status,
        status,
        title,
        detail,
    )
    assert document["type"] == "about:blank"


def test_facts_become_members_but_never_replace_the_standard_ones() -> None:
    _, document, _ = answer(errors.Conflict("c", vimErrorCode=431, status=1, type="x"))
    assert (document["vimErrorCode"], document["status"], document["type"]) == (431, 409, "about:blank")


@pytest.mark.parametrize(("delay", "seconds"), [(0.1, "1"), (2.5, "3"), (30.0, "30")])
def test_temporary_says_when_to_come_back(delay: float, seconds: str) -> None:
    assert answer(errors.Temporary("t", delay))[2]["Retry-After"] == seconds


def test_headers_of_refusals_are_kept() -> None:
    assert answer(HTTPException(405, "m", headers={"Allow": "GET"}))[2]["Allow"] == "GET"


@pytest.mark.parametrize(
    "exc", [ValueError("password=hunter2"), errors.Permanent("at 10.0.0.1"), errors.Unknown("secret")]
)
def test_faults_tell_the_log_and_not_the_caller(exc: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        code, document, _ = answer(exc)
    assert code == 500
    assert str(exc) not in document["detail"]
    assert "req-1" in document["detail"]
    assert str(exc) in caplog.text
    assert caplog.records[0].requestId == "req-1"  # type: ignore[attr-defined]  # came through extra


def test_our_own_wrong_answers_are_faults(caplog: pytest.LogCaptureFixture) -> None:
    code, _, _ = answer(NonConformingResponse(detail="x"))
    assert code == 500
    assert caplog.records
