"""The NFVO client against the NFVO emulator over real sockets, faults included."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vnfm.errors import Permanent, Temporary
from vnfm.nfvo.client import Endpoints, NfvoClient
from vnfm.nfvo.port import Granted, Onboarded, Pending, Rejected
from vnfm.outbound import Destinations, Line, Outbound
from vnfm.outbound.credentials import ClientCredentials
from vnfm.sandbox.nfvo.app import Nfvo
from vnfm.sandbox.nfvo.grants import Policy
from vnfm.sandbox.nfvo.server import Running, read_vnfd, running_nfvo
from vnfm.sandbox.packages import build_sample

CONTROL = {"Authorization": "Bearer control"}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_nfvo(Nfvo({"vnfm": "secret"}, read_vnfd, "control")) as server:
        yield server


@pytest.fixture
def nfvo(running: Running) -> Nfvo:
    running.nfvo.faults.clear()
    running.nfvo.grants.clear()
    running.nfvo.grants.policy = Policy()
    running.nfvo.inbox.clear()
    return running.nfvo


@pytest.fixture
def line(running: Running) -> Iterator[Line]:
    outbound = Outbound(Destinations(loopback=True))
    yield outbound.line(running.url)
    outbound.close()


@pytest.fixture
def client(running: Running, nfvo: Nfvo, line: Line) -> NfvoClient:
    credentials = ClientCredentials(line, running.token_url, "vnfm", "secret")
    return NfvoClient(line, Endpoints.under(running.url), credentials)


def request(operation: str = "INSTANTIATE", occurrence: str = "o-1") -> dict[str, Any]:
    body: dict[str, Any] = {
        "vnfInstanceId": "i-1",
        "vnfLcmOpOccId": occurrence,
        "vnfdId": "d-1",
        "operation": operation,
        "isAutomaticInvocation": False,
        "_links": {
            "vnfLcmOpOcc": {"href": f"http://vnfm/vnflcm/v2/vnf_lcm_op_occs/{occurrence}"},
            "vnfInstance": {"href": "http://vnfm/vnflcm/v2/vnf_instances/i-1"},
        },
    }
    if operation == "INSTANTIATE":
        body["flavourId"] = "simple"
        body["addResources"] = [
            {"id": "r1", "type": "COMPUTE", "vduId": "web"},
            {"id": "r2", "type": "STORAGE", "resourceTemplateId": "disk", "vduId": "web"},
        ]
    return body


def test_a_grant_holds_what_the_policy_says(client: NfvoClient, nfvo: Nfvo) -> None:
    connection = {"vimType": "CLOUDSTACK", "accessInfo": {"apiKey": "k"}}
    nfvo.grants.policy = Policy(
        vim_connection_info={"cs": connection}, zone="z1", flavours={"*": "small"}, images={"disk": "img"}
    )
    answer = client.request_grant(request())
    assert isinstance(answer, Granted)
    grant = answer.grant
    assert grant["vimConnectionInfo"] == {"cs": connection}
    assert grant["zones"] == [{"id": "zone", "zoneId": "z1", "vimConnectionId": "cs"}]
    assert [info["resourceDefinitionId"] for info in grant["addResources"]] == ["r1", "r2"]
    assert {info["zoneId"] for info in grant["addResources"]} == {"zone"}
    assert grant["vimAssets"] == {
        "computeResourceFlavours": [
            {"vimConnectionId": "cs", "vnfdVirtualComputeDescId": "web", "vimFlavourId": "small"}
        ],
        "softwareImages": [
            {"vimConnectionId": "cs", "vnfdSoftwareImageId": "disk", "vimSoftwareImageId": "img"}
        ],
    }


def test_nothing_is_in_a_grant_that_no_policy_put_there(client: NfvoClient) -> None:
    answer = client.request_grant(request())
    assert isinstance(answer, Granted)
    wanted = {"id", "vnfInstanceId", "vnfLcmOpOccId", "_links", "addResources"}
    assert answer.grant.keys() == wanted


def test_the_same_question_gets_the_same_answer(client: NfvoClient, nfvo: Nfvo) -> None:
    assert client.request_grant(request()) == client.request_grant(request())
    assert nfvo.faults.counters["grants.issued"] == 1
    assert nfvo.faults.counters["grants.repeated"] == 1


def test_another_question_of_the_same_operation_is_refused(client: NfvoClient) -> None:
    client.request_grant(request())
    with pytest.raises(Permanent, match="409"):
        client.request_grant(request("TERMINATE"))


def test_a_lost_answer_is_asked_for_again(client: NfvoClient, nfvo: Nfvo) -> None:
    nfvo.faults.arm({"door": "grants", "kind": "drop"})
    with pytest.raises(Temporary):
        client.request_grant(request())
    assert isinstance(client.request_grant(request()), Granted)
    assert nfvo.faults.counters["grants.issued"] == 1
    assert nfvo.faults.counters["fired.drop"] == 1


@pytest.mark.parametrize(("then", "kind"), [("grant", Granted), ("reject", Rejected)])
def test_a_pending_grant_is_polled(client: NfvoClient, nfvo: Nfvo, then: str, kind: type) -> None:
    nfvo.faults.arm({"door": "grants", "kind": "pend", "polls": 2, "then": then})
    answer = client.request_grant(request())
    for _ in range(2):
        assert isinstance(answer, Pending)
        answer = client.poll_grant(answer.href)
    assert isinstance(answer, Pending)
    assert isinstance(client.poll_grant(answer.href), kind)


def test_a_rejection_carries_the_reason(client: NfvoClient, nfvo: Nfvo) -> None:
    nfvo.faults.arm({"door": "grants", "kind": "reject", "detail": "no room in this region"})
    answer = client.request_grant(request())
    assert isinstance(answer, Rejected)
    assert answer.problem["detail"] == "no room in this region"
    assert client.request_grant(request()) == answer


def test_overload_says_when_to_come_back(client: NfvoClient, nfvo: Nfvo) -> None:
    nfvo.faults.arm({"door": "grants", "kind": "unavailable", "seconds": 3})
    with pytest.raises(Temporary) as caught:
        client.request_grant(request())
    assert caught.value.delay == 3.0
    assert isinstance(client.request_grant(request()), Granted)


def test_a_revoked_token_is_replaced(client: NfvoClient, nfvo: Nfvo) -> None:
    client.request_grant(request())
    nfvo.revoke_tokens()
    assert isinstance(client.request_grant(request(occurrence="o-2")), Granted)
    assert nfvo.faults.counters["tokens.issued"] == 2


def test_a_wrong_secret_gets_no_token(running: Running, nfvo: Nfvo, line: Line) -> None:
    credentials = ClientCredentials(line, running.token_url, "vnfm", "wrong")
    with pytest.raises(Permanent, match="invalid_client") as caught:
        NfvoClient(line, Endpoints.under(running.url), credentials).request_grant(request())
    assert "wrong" not in caught.value.detail


def test_packages(client: NfvoClient, running: Running, nfvo: Nfvo) -> None:
    csar = build_sample("haproxy-lb")
    reply = httpx.post(f"{running.url}/control/packages", content=csar, headers=CONTROL)
    assert reply.status_code == 201
    info = reply.json()
    assert client.fetch_package(info["vnfdId"]) == Onboarded(info["id"], csar)
    assert client.fetch_package("unknown") is None
    change = {"operationalState": "DISABLED"}
    url = f"{running.url}/control/packages/{info['id']}"
    assert httpx.patch(url, json=change, headers=CONTROL).status_code == 200
    assert client.fetch_package(info["vnfdId"]) is None


def test_a_bad_package_is_not_onboarded(running: Running, nfvo: Nfvo) -> None:
    reply = httpx.post(f"{running.url}/control/packages", content=b"PK rubbish", headers=CONTROL)
    assert reply.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/grant/v1/grants/x", {}, 401),
        ("GET", "/grant/v1/grants/x", {"Authorization": "Bearer no"}, 401),
        ("GET", "/grant/v1/grants", {}, 405),
        ("GET", "/nothing", {}, 404),
        ("GET", "/grant/v1/api_versions", {}, 401),
        ("POST", "/token", {}, 400),
        ("POST", "/notifications", {}, 415),
        ("GET", "/notifications/any", {}, 204),
        ("GET", "/control/counters", {}, 401),
        ("GET", "/control/health", {}, 200),
        ("GET", "/control/nothing", CONTROL, 404),
    ],
)
def test_doors(
    running: Running, nfvo: Nfvo, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert httpx.request(method, running.url + path, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Version": "one"}, 400),
        ({"Version": "9.0.0"}, 406),
        ({"Version": "1.5.0"}, 415),
        ({"Version": "1.5.0-impl:acme:vnfm:1", "Content-Type": "application/json"}, 400),
    ],
)
def test_what_a_request_must_bring(
    running: Running, nfvo: Nfvo, headers: dict[str, str], status: int
) -> None:
    form = {"grant_type": "client_credentials"}
    token = httpx.post(running.token_url, data=form, auth=("vnfm", "secret")).json()["access_token"]
    headers = {**headers, "Authorization": f"Bearer {token}"}
    reply = httpx.post(f"{running.url}/grant/v1/grants", headers=headers, content=b"x")
    assert reply.status_code == status
    assert reply.headers["Version"] == "1.5.0"
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["status"] == status


def test_notifications_are_kept_with_what_is_wrong(running: Running, nfvo: Nfvo) -> None:
    good = {
        "id": "n-1",
        "notificationType": "VnfIdentifierCreationNotification",
        "subscriptionId": "s-1",
        "timeStamp": "2026-01-01T00:00:00Z",
        "vnfInstanceId": "i-1",
        "_links": {"vnfInstance": {"href": "http://v/i-1"}, "subscription": {"href": "http://v/s-1"}},
    }
    headers = {"Version": "2.1.0"}
    assert httpx.post(f"{running.url}/notifications", json=good, headers=headers).status_code == 204
    bad = {**good, "vnfInstanceId": None}
    assert httpx.post(f"{running.url}/notifications", json=bad, headers=headers).status_code == 400
    log = httpx.get(f"{running.url}/control/notifications", headers=CONTROL).json()
    assert [entry["wrong"] for entry in log] == [[], ["vnfInstanceId: expected string"]]
