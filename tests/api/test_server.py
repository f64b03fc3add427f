"""What really stands on the wire, byte by byte: a socket, no HTTP client that would mend it."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import Api
from vnfm.api.routing import MAX_URI
from vnfm.api.server import MAX_HEAD, spell

HEALTH = b"GET /gateway/v1/health HTTP/1.1\r\nHost: x\r\n"


def converse(api: Api, raw: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to ``raw``; the connection ends with it."""
    address = urlsplit(api.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(raw)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def ask(api: Api, method: str, path: str, *more: str) -> tuple[bytes, bytes]:
    fields = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *more]
    return converse(api, "\r\n".join([*fields, "", ""]).encode())


def names(head: bytes) -> set[str]:
    return {line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:]}


@pytest.fixture
def authorization(api: Api) -> str:
    return f"Authorization: Bearer {api.token()}"


def test_header_names_are_spelt_as_the_rfcs_do(api: Api, authorization: str) -> None:
    body = b'{"vnfdId": "lb"}'
    head, answer = converse(
        api,
        b"POST /vnflcm/v2/vnf_instances HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{authorization}\r\n\r\n".encode()
        + body,
    )
    assert head.startswith(b"HTTP/1.1 201 ")
    assert {"Location", "ETag", "Version", "Content-Type", "Content-Length", "X-Request-ID"} <= names(head)
    location = next(line for line in head.decode().split("\r\n") if line.startswith("Location: "))
    assert location.removeprefix("Location: ") == json.loads(answer)["_links"]["self"]["href"]


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/vnflcm/v2/vnf_instances", {"WWW-Authenticate", "Content-Type", "Version"}),
        ("PUT", "/vnflcm/v2/vnf_instances", {"Allow"}),
        ("GET", "/gateway/v1/health", {"X-Request-ID", "Content-Length", "Date"}),
    ],
)
def test_errors_and_small_answers_too(api: Api, method: str, path: str, wanted: set[str]) -> None:
    head, _ = ask(api, method, path)
    assert wanted <= names(head)
    assert all(name[0].isupper() for name in names(head))
    assert "Server" not in names(head)


def test_only_names_change() -> None:
    head = b"HTTP/1.1 200 OK\r\nlocation: http://a:1/b-c\r\nwww-authenticate: x y: z\r\n\r\n"
    assert spell(head) == b"HTTP/1.1 200 OK\r\nLocation: http://a:1/b-c\r\nWWW-Authenticate: x y: z\r\n\r\n"


def test_continue_comes_first(api: Api, authorization: str) -> None:
    head, rest = converse(
        api,
        b"POST /vnflcm/v2/vnf_instances HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
        + f"Content-Type: application/json\r\nContent-Length: 2\r\n{authorization}\r\n\r\n{{}}".encode(),
    )
    assert head == b"HTTP/1.1 100 Continue"
    assert "X-Request-ID" in names(rest.partition(b"\r\n\r\n")[0])


@pytest.mark.parametrize("path", ["/gateway/v1/health", "/vnflcm/api_versions", "/vnflcm/v2/vnf_instances/x"])
def test_head_is_get_without_a_body(api: Api, authorization: str, path: str) -> None:
    same = "X-Request-ID: same"
    got, body = ask(api, "GET", path, authorization, same)
    asked, nothing = ask(api, "HEAD", path, authorization, same)
    assert body
    assert nothing == b""
    keep = [line for line in got.split(b"\r\n") if not line.startswith(b"Date")]
    assert [line for line in asked.split(b"\r\n") if not line.startswith(b"Date")] == keep


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"this is not HTTP\r\n\r\n", 400),
        (b"NONSENSE /gateway/v1/health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /gateway/v1/health HTTP/3.7\r\nHost: x\r\n\r\n", 400),
        (HEALTH + b"no colon here\r\n\r\n", 400),
        (HEALTH + b"Content-Length: minus one\r\n\r\n", 400),
        (HEALTH + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /ünicode HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
        (b"CONNECT somewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (HEALTH + b"X-Much: " + b"x" * MAX_HEAD + b"\r\n\r\n", 400),
        (HEALTH + b"X-Many: x\r\n" * (MAX_HEAD // 7 + 1) + b"\r\n", 400),
        (b"GET /" + b"x" * MAX_HEAD + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"x" * MAX_URI + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 414),
        (
            b"GET /gateway/v1/health?"
            + b"x" * MAX_URI
            + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            414,
        ),
        (b"PROPFIND /gateway/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    ],
)
def test_what_cannot_be_read_is_a_problem_document_too(api: Api, raw: bytes, status: int) -> None:
    head, body = converse(api, raw)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nContent-Type: application/problem+json" in head
    assert "X-Request-ID" in names(head)
    assert json.loads(body)["status"] == status
    assert json.loads(body)["detail"]
