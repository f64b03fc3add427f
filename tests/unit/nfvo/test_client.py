"""The NFVO client: which answer of the NFVO becomes which answer or error of the port."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.nfvo.client import Endpoints, NfvoClient
from vnfm.nfvo.port import GrantAnswer, Granted, Onboarded, Pending, Rejected
from vnfm.outbound import Breaker, Line
from vnfm.outbound.credentials import Basic, ClientCredentials, NoCredentials

ROOT = "http://nfvo.example"
GRANTS = f"{ROOT}/grant/v1/grants"
REQUEST = {"vnfLcmOpOccId": "o-1"}
GRANT = {"id": "g-1", "vnfLcmOpOccId": "o-1"}
ONBOARDED = {"operationalState": "ENABLED", "onboardingState": "ONBOARDED"}

Handler = Callable[[httpx.Request], httpx.Response]


def line(handler: Handler) -> Line:
    return Line(httpx.Client(transport=httpx.MockTransport(handler)), Breaker("nfvo"))


def client(*replies: httpx.Response | Exception, **options: Any) -> NfvoClient:
    """A client whose NFVO gives these answers, one after the other."""
    left = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return NfvoClient(line(answer), Endpoints.under(ROOT), NoCredentials(), **options)


def problem(status: int, detail: str = "because") -> httpx.Response:
    return httpx.Response(status, json={"status": status, "detail": detail})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (httpx.Response(201, json=GRANT), Granted(GRANT)),
        (httpx.Response(200, json=GRANT), Granted(GRANT)),
        (httpx.Response(201, json={"id": "g-1"}), Granted({"id": "g-1"})),
        (httpx.Response(202, headers={"Location": "/grant/v1/grants/g-1"}), Pending(f"{GRANTS}/g-1", 1.0)),
        (
            httpx.Response(202, headers={"Location": f"{GRANTS}/g-1", "Retry-After": "7"}),
            Pending(f"{GRANTS}/g-1", 7.0),
        ),
        (
            httpx.Response(202, headers={"Location": f"{GRANTS}/g-1", "Retry-After": "99999"}),
            Pending(f"{GRANTS}/g-1", 60.0),
        ),
        (problem(403, "no"), Rejected({"status": 403, "detail": "no"})),
        (httpx.Response(403, text="<html>"), Rejected({"status": 403, "detail": "(no detail given)"})),
        (httpx.Response(403, json={"title": "No"}), Rejected({"title": "No", "status": 403, "detail": "No"})),
    ],
)
def test_grant_answers(reply: httpx.Response, expected: GrantAnswer) -> None:
    assert client(reply).request_grant(REQUEST) == expected


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (httpx.ConnectError("refused"), Temporary, "cannot be reached"),
        (httpx.ReadTimeout("slow"), Temporary, "in time"),
        (httpx.RemoteProtocolError("cut"), Temporary, "cannot be reached"),
        (problem(500), Temporary, "because"),
        (problem(503), Temporary, "because"),
        (httpx.Response(502, text="<html>"), Temporary, "502"),
        (problem(429), Temporary, "because"),
        (problem(400, "isAutomaticInvocation is missing"), Permanent, "isAutomaticInvocation is missing"),
        (problem(401), Permanent, "401"),
        (problem(404), Permanent, "404"),
        (problem(409), Permanent, "409"),
        (httpx.Response(501), Permanent, "501"),
        (httpx.Response(302, headers={"Location": "http://elsewhere"}), Permanent, "302"),
        (httpx.Response(201, text="no json"), Permanent, "no JSON"),
        (httpx.Response(201, json=[]), Permanent, "no object"),
        (httpx.Response(201, json={}), Permanent, "no id"),
        (httpx.Response(201, json={"id": "g", "vnfLcmOpOccId": "o-2"}), Permanent, "another operation"),
        (httpx.Response(202), Permanent, "no Location"),
        (httpx.Response(202, headers={"Location": "http://evil.example/g"}), Permanent, "another server"),
        (httpx.Response(202, headers={"Location": "http://nfvo.example:81/g"}), Permanent, "another server"),
        (httpx.Response(202, headers={"Location": "https://nfvo.example/g"}), Permanent, "another server"),
    ],
)
def test_grant_errors(reply: httpx.Response | Exception, error: type[VnfmError], words: str) -> None:
    with pytest.raises(error) as caught:
        client(reply).request_grant(REQUEST)
    assert words in caught.value.detail


def test_retry_after_becomes_the_delay() -> None:
    with pytest.raises(Temporary) as caught:
        client(httpx.Response(503, headers={"Retry-After": "9"})).request_grant(REQUEST)
    assert caught.value.delay == 9.0


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (httpx.Response(200, json=GRANT), Granted(GRANT)),
        (httpx.Response(202), Pending(f"{GRANTS}/g-1", 1.0)),
        (problem(403, "no"), Rejected({"status": 403, "detail": "no"})),
    ],
)
def test_poll_answers(reply: httpx.Response, expected: GrantAnswer) -> None:
    assert client(reply).poll_grant(f"{GRANTS}/g-1") == expected


def test_poll_goes_nowhere_else() -> None:
    with pytest.raises(Permanent):
        client().poll_grant("http://evil.example/grant/v1/grants/g-1")


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([problem(404)], None),
        ([httpx.Response(200, json={**ONBOARDED, "operationalState": "DISABLED"})], None),
        ([httpx.Response(200, json={**ONBOARDED, "onboardingState": "PROCESSING"})], None),
        ([httpx.Response(200, json=ONBOARDED), problem(404)], None),
        ([httpx.Response(200, json=ONBOARDED), httpx.Response(200, content=b"PK")], Onboarded(None, b"PK")),
        (
            [httpx.Response(200, json={**ONBOARDED, "id": "p-1"}), httpx.Response(200, content=b"PK")],
            Onboarded("p-1", b"PK"),
        ),
    ],
)
def test_packages(replies: list[httpx.Response], expected: Onboarded | None) -> None:
    assert client(*replies).fetch_package("d/1") == expected


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([problem(403)], Permanent),
        ([problem(406)], Permanent),
        ([problem(503)], Temporary),
        ([httpx.Response(200, json=ONBOARDED), problem(409)], Permanent),
        ([httpx.Response(200, json=ONBOARDED), problem(500)], Temporary),
        ([httpx.Response(200, json=ONBOARDED), httpx.Response(200, content=b"x" * 101)], Permanent),
        (
            [httpx.Response(200, json=ONBOARDED), httpx.Response(200, content=iter([b"x" * 60] * 2))],
            Permanent,
        ),
    ],
)
def test_package_errors(replies: list[httpx.Response], error: type[VnfmError]) -> None:
    with pytest.raises(error):
        client(*replies, package_limit=100).fetch_package("d-1")


def test_an_open_breaker_sends_nothing() -> None:
    nfvo = client(*[httpx.ConnectError("refused")] * 5)
    for _ in range(5):
        with pytest.raises(Temporary):
            nfvo.request_grant(REQUEST)
    with pytest.raises(Temporary, match="next try in"):
        nfvo.request_grant(REQUEST)


class TokenServer:
    """Token endpoint and grants of one NFVO; tokens are t1, t2, …"""

    def __init__(self, life: object = 100, **extra: object) -> None:
        self.answer: dict[str, object] = {"token_type": "Bearer", "expires_in": life, **extra}
        self.given = 0
        self.refused: set[str] = set()
        self.used: list[str] = []
        self.basic: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            self.given += 1
            self.basic.append(request.headers["Authorization"])
            assert request.content == b"grant_type=client_credentials"
            return httpx.Response(200, json={**self.answer, "access_token": f"t{self.given}"})
        bearer = request.headers["Authorization"]
        self.used.append(bearer)
        return problem(401, f"bad {bearer}") if bearer in self.refused else httpx.Response(201, json=GRANT)


def authorised(server: Handler, clock: Callable[[], float] = lambda: 0.0) -> NfvoClient:
    to = line(server)
    credentials = ClientCredentials(to, f"{ROOT}/token", "us:er", "s ecret", clock)
    return NfvoClient(to, Endpoints.under(ROOT), credentials)


def test_a_token_serves_many_requests_until_it_nears_its_end() -> None:
    server, now = TokenServer(life=100), [0.0]
    nfvo = authorised(server, lambda: now[0])
    for now[0] in (0.0, 50.0, 89.0, 91.0):
        nfvo.request_grant(REQUEST)
    assert server.used == ["Bearer t1"] * 3 + ["Bearer t2"]


def test_client_id_and_secret_are_form_encoded() -> None:
    server = TokenServer()
    authorised(server).request_grant(REQUEST)
    assert base64.b64decode(server.basic[0].removeprefix("Basic ")) == b"us%3Aer:s%20ecret"


@pytest.mark.parametrize("life", [None, "soon", "300", 300])
def test_strange_lives_are_survived(life: object) -> None:
    # ONAP's token answer also carries scope as a list.
    assert isinstance(authorised(TokenServer(life, scope=["write"])).request_grant(REQUEST), Granted)


def test_a_refused_token_is_renewed_once() -> None:
    server = TokenServer()
    server.refused.add("Bearer t1")
    assert isinstance(authorised(server).request_grant(REQUEST), Granted)
    assert server.used == ["Bearer t1", "Bearer t2"]


def test_a_refused_second_token_is_the_end_and_not_shown() -> None:
    server = TokenServer()
    server.refused |= {"Bearer t1", "Bearer t2"}
    with pytest.raises(Permanent) as caught:
        authorised(server).request_grant(REQUEST)
    assert "401" in caught.value.detail
    assert "t2" not in caught.value.detail


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), Permanent, "invalid_client"),
        (httpx.Response(400, json={"error": "x", "error_description": "s ecret"}), Permanent, "x: ***"),
        (httpx.Response(200, json={}), Permanent, "no token"),
        (httpx.Response(200, json={"access_token": "t", "token_type": "mac"}), Permanent, "mac"),
        (httpx.Response(200, text="<html>"), Permanent, "no JSON"),
        (httpx.Response(503), Temporary, "503"),
    ],
)
def test_token_endpoint_errors(reply: httpx.Response, error: type[VnfmError], words: str) -> None:
    with pytest.raises(error) as caught:
        authorised(lambda request: reply).request_grant(REQUEST)
    assert words in caught.value.detail


def test_basic_credentials_are_sent_and_struck_out() -> None:
    seen: list[str] = []

    def echo(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return problem(400, f"you sent {seen[0]} and password hunter2")

    nfvo = NfvoClient(line(echo), Endpoints.under(ROOT), Basic("vnfm", "hunter2"))
    with pytest.raises(Permanent) as caught:
        nfvo.request_grant(REQUEST)
    assert seen == ["Basic dm5mbTpodW50ZXIy"]
    assert "hunter2" not in caught.value.detail
    assert "dm5mbTpodW50ZXIy" not in caught.value.detail


def test_headers() -> None:
    seen: list[httpx.Headers] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        if request.url.path.endswith("package_content"):
            return httpx.Response(200, content=b"PK")
        return httpx.Response(200, json={**GRANT, **ONBOARDED})

    nfvo = NfvoClient(line(look), Endpoints.under(ROOT + "/"), NoCredentials())
    nfvo.request_grant(REQUEST)
    nfvo.fetch_package("d-1")
    assert [headers["Version"] for headers in seen] == ["1.5.0", "2.2.0", "2.2.0"]
    assert seen[0]["Content-Type"] == "application/json"
    assert seen[2]["Accept"].startswith("application/zip")


def older(*replies: httpx.Response) -> tuple[NfvoClient, list[httpx.Request]]:
    """A client of an NFVO with package management of version 1, and what it was asked."""
    left, asked = list(replies), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0)

    endpoints = Endpoints.under(ROOT, f"{ROOT}/so/v1", f"{ROOT}/vnfpkgm/v1")
    return NfvoClient(line(answer), endpoints, NoCredentials()), asked


def test_where_no_package_can_be_asked_for_the_list_is_read() -> None:
    infos = [
        {"id": "p 0", "vnfdId": "d", **ONBOARDED, "operationalState": "DISABLED"},
        {"id": "p 1", "vnfdId": "other", **ONBOARDED},
        {"id": "p 2", "vnfdId": "d", **ONBOARDED},
    ]
    nfvo, asked = older(httpx.Response(200, json=infos), httpx.Response(200, content=b"zip"))
    assert nfvo.fetch_package("d") == Onboarded("p 2", b"zip")
    assert [str(request.url) for request in asked] == [
        f"{ROOT}/vnfpkgm/v1/vnf_packages",
        f"{ROOT}/vnfpkgm/v1/vnf_packages/p%202/package_content",
    ]
    assert {request.headers["Content-Type"] for request in asked} == {"application/json"}
    nfvo, _ = older(httpx.Response(200, json=infos))
    assert nfvo.fetch_package("unknown") is None
    nfvo, _ = older(httpx.Response(200, json={"id": "p"}))
    with pytest.raises(Permanent):
        nfvo.fetch_package("d")


def test_grants_can_be_anywhere() -> None:
    nfvo, asked = older(httpx.Response(201, json=GRANT))
    nfvo.request_grant(REQUEST)
    assert [str(request.url) for request in asked] == [f"{ROOT}/so/v1/grants"]
