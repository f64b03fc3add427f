"""One HTTP exchange, read under a size limit and judged: the edge where httpx ends.

Everything that may pass by itself (connection, time-out, 408, 429, 5xx) becomes ``Temporary`` here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from vnfm.errors import Permanent, Temporary
from vnfm.outbound.lines import Line

_TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 60.0
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and the whole body."""

    status: int
    headers: httpx.Headers
    body: bytes


def exchange(line: Line, request: httpx.Request, limit: int, whom: str) -> Answer:
    """Send and read everything, at most ``limit`` bytes; redirects are not followed. ``whom`` names the other
    side in errors."""
    return _send(line, request, whom, lambda response, what: _read(response, limit, what))


def glance(line: Line, request: httpx.Request, limit: int, whom: str) -> Answer:
    """As ``exchange``, for whom only the status counts: of the body there is what has come, up to ``limit``
    bytes, when it is too long or breaks off."""
    return _send(line, request, whom, lambda response, what: _read_some(response, limit))


def _send(
    line: Line, request: httpx.Request, whom: str, read: Callable[[httpx.Response, str], bytes]
) -> Answer:
    place = f"{request.method} {request.url.host}{request.url.path}"
    line.breaker.admit()
    try:
        response = line.client.send(request, stream=True, follow_redirects=False)
        try:
            body = read(response, f"{whom}'s answer ({place})")
        finally:
            response.close()
    except httpx.TimeoutException as exc:
        line.breaker.fail()
        raise Temporary(f"{whom} did not answer in time ({place})") from exc
    except httpx.TransportError as exc:
        line.breaker.fail()
        raise Temporary(f"{whom} cannot be reached ({place}): {exc}") from exc
    except (httpx.HTTPError, httpx.StreamError) as exc:
        raise Permanent(f"{whom}'s answer cannot be read ({place}): {type(exc).__name__}") from exc
    line.breaker.succeed()
    return Answer(response.status_code, response.headers, body)


def _read(response: httpx.Response, limit: int, what: str) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > limit:
        raise Permanent(f"{what} has {announced} bytes, over the limit of {limit}")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            raise Permanent(f"{what} is over the limit of {limit} bytes")
    return bytes(body)


def _read_some(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) >= limit:
                break
    except httpx.HTTPError:
        pass  # the answer is the status, and that has come
    return bytes(body[:limit])


def pause(answer: Answer, default: float) -> float:
    """Seconds to wait as Retry-After wants it (its date form is not supported), within reason."""
    try:
        return min(max(float(answer.headers["Retry-After"]), 0.1), _LONGEST_PAUSE)
    except (KeyError, ValueError):
        return default


def require_served(answer: Answer, whom: str, redact: Callable[[str], str]) -> None:
    """``Temporary`` if the status says that the same request may be served later."""
    if answer.status in _TEMPORARY:
        detail = redact(str(read_problem(answer)["detail"]))
        raise Temporary(
            f"{whom} cannot serve now: {answer.status} {detail}", pause(answer, 2.0), status=answer.status
        )


def read_object(answer: Answer, whom: str) -> Mapping[str, Any]:
    """The body as a JSON object, or ``Permanent``."""
    body = _read_json(answer, whom)
    if not isinstance(body, dict):
        raise Permanent(f"{whom} answered {answer.status} with JSON that is no object")
    return body


def read_objects(answer: Answer, whom: str) -> list[Mapping[str, Any]]:
    """The body as an array of JSON objects, or ``Permanent``."""
    body = _read_json(answer, whom)
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise Permanent(f"{whom} answered {answer.status} with JSON that is no array of objects")
    return body


def _read_json(answer: Answer, whom: str) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError as exc:
        raise Permanent(f"{whom} answered {answer.status} with a body that is no JSON") from exc


def read_problem(answer: Answer) -> Mapping[str, Any]:
    """The ProblemDetails of an error answer; made up where the body holds none (SOL013 6.3)."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    problem = dict(body) if isinstance(body, dict) else {}
    detail = problem.get("detail") or problem.get("title") or "(no detail given)"
    problem["detail"] = str(detail)[:_LONGEST_DETAIL]
    problem["status"] = answer.status
    return problem


def strike_out(text: str, *secrets: str) -> str:
    """``text`` with every secret replaced."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text
