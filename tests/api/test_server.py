"""What really stands on the wire, byte by byte: a socket, no HTTP client that would mend it."""

from __future__ import annotations

import json
import logging
import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import Api
from vnfm.api.routing import MAX_URI
from vnfm.api.server import MAX_HEAD, MAX_WAITING, spell

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


def statuses(api: Api, *requests: bytes) -> list[int]:
    """What the answers to ``requests`` say, sent all at once over one connection."""
    head, body = converse(api, b"".join([*requests, HEALTH, b"Connection: close\r\n\r\n"]))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", head + body)]


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


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


def test_a_client_that_was_not_told_to_go_on_is_parted_with(api: Api) -> None:
    """Its content may come or not: whatever comes next would be taken for it, or it for the next request."""
    expecting = "Expect: 100-continue", "Content-Length: 1000", "Content-Type: application/json"
    fields = ["POST /vnflcm/v2/vnf_instances HTTP/1.1", "Host: x", *expecting]
    head, body = converse(api, "\r\n".join([*fields, "", ""]).encode())
    assert head.startswith(b"HTTP/1.1 401 ")
    assert head.endswith(b"Connection: close")
    assert json.loads(body)["status"] == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/vnflcm/v2/vnf_instances", 401),
        ("POST", "/nonsense", 404),
        ("PUT", "/vnflcm/v2/vnf_instances", 405),
        ("GET", "/vnflcm/api_versions", 200),
        ("HEAD", "/vnflcm/api_versions", 200),
    ],
)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_content_that_nobody_reads_is_no_request(
    api: Api, method: str, path: str, status: int, framing: str
) -> None:
    """What looks like a request inside of content is content."""
    hidden = b"DELETE /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\n".encode()
    if framing == "length":
        request = head + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden
    else:
        request = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(hidden, hidden)
    assert statuses(api, request, request) == [status, status, 200]


def test_chunks_are_put_together(api: Api, authorization: str) -> None:
    head = f"POST /vnflcm/v2/vnf_instances HTTP/1.1\r\nHost: x\r\n{authorization}\r\n".encode()
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert statuses(api, head + chunked(b'{"vnfd', b'Id": "lb', b'"}')) == [201, 200]


def test_trailer_fields_are_no_header_fields(api: Api, authorization: str) -> None:
    """A proxy in front has looked at the header fields, not at these."""
    head = b"POST /vnflcm/v2/vnf_instances HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    content = chunked(b'{"vnfdId": "lb"}').removesuffix(b"\r\n")
    assert statuses(api, head + content + authorization.encode() + b"\r\n\r\n") == [401, 200]


@pytest.mark.parametrize("offered", ["h2c", "websocket"])
def test_other_protocols_are_not_taken_up(api: Api, authorization: str, offered: str) -> None:
    """Java's client offers HTTP/2 with whatever it sends first."""
    body = b'{"vnfdId": "lb"}'
    offer = f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {offered}\r\nHTTP2-Settings: AAA\r\n"
    head = f"POST /vnflcm/v2/vnf_instances HTTP/1.1\r\nHost: x\r\n{offer}{authorization}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    assert statuses(api, request, HEALTH + offer.encode() + b"\r\n", request) == [201, 200, 201, 200]
    assert statuses(api, HEALTH + offer.replace("Upgrade,", "close, Upgrade,").encode() + b"\r\n") == [200]


def test_what_is_never_complete_is_not_kept(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """A field without an end, before and after the content, and requests that nobody waits for."""
    ends = []
    for beginning, endless in (
        (HEALTH + b"X-Endless: ", b"x"),
        (HEALTH + b"X", b"x"),
        (b"POST /nonsense HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x"),
        (b"", HEALTH + b"\r\n"),
        (b"\r\n", b"\r\n"),
    ):
        address = urlsplit(api.url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as line:
            piece = endless * (MAX_HEAD // len(endless))
            try:
                line.sendall(beginning)
                for _ in range(1000):
                    line.sendall(piece)
            except OSError:
                ends.append(beginning)
    assert len(ends) == 5
    assert ask(api, "GET", "/gateway/v1/health")[0].startswith(b"HTTP/1.1 200 ")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_many_requests_may_be_sent_ahead(api: Api) -> None:
    assert statuses(api, *[HEALTH + b"\r\n"] * (MAX_WAITING - 1)) == [200] * MAX_WAITING


def test_nothing_comes_after_an_answer_that_was_not_asked_for(api: Api) -> None:
    """What cannot be read after an answer has gone out is not answered as well: a proxy would hand that to
    whoever asks next."""
    address = urlsplit(api.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(b"POST /nonsense HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        answer = b""
        while b"}" not in answer:
            answer += line.recv(65536)
        line.sendall(b"no size\r\n")
        assert line.recv(65536) == b""
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_fields_in_several_lines_are_lists(api: Api, authorization: str) -> None:
    for fields, status in (
        (("Accept: application/json", "Accept: text/html"), 200),
        (("Accept: text/plain", "Accept: text/html"), 406),
        (("Version: 2.1.0", "Version: 1.3.0"), 400),
        ((authorization,), 400),
    ):
        head, _ = ask(api, "GET", "/vnflcm/v2/vnf_instances", authorization, *fields)
        assert head.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize("path", ["/gateway/v1/health", "/vnflcm/api_versions", "/vnflcm/v2/vnf_instances/x"])
def test_head_is_get_without_a_body(api: Api, authorization: str, path: str) -> None:
    same = "X-Request-ID: same"
    got, body = ask(api, "GET", path, authorization, same)
    asked, nothing = ask(api, "HEAD", path, authorization, same)
    assert body
    assert nothing == b""
    keep = [line for line in got.split(b"\r\n") if not line.startswith(b"Date")]
    assert [line for line in asked.split(b"\r\n") if not line.startswith(b"Date")] == keep


def test_even_then_the_version_is_told_and_the_log_knows(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    head, _ = converse(api, b"GET /vnflcm/v1/vnf_instances HTTP/1.1\r\nno colon here\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nVersion: 1.3.0" in head
    (refusal,) = [record for record in caplog.records if record.getMessage().startswith("refused: ")]
    assert f"X-Request-ID: {vars(refusal)['requestId']}" in head.decode()


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
        (b"GET /gateway/v1/health HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (HEALTH + b"Host: y\r\n\r\n", 400),
        (b"CONNECT /gateway/v1/health HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"PROPFIND /gateway/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    ],
)
def test_what_cannot_be_read_is_a_problem_document_too(api: Api, raw: bytes, status: int) -> None:
    head, body = converse(api, raw)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nContent-Type: application/problem+json" in head
    assert b"\r\nConnection: close" in head
    assert "X-Request-ID" in names(head)
    assert json.loads(body)["status"] == status
    assert json.loads(body)["detail"]
