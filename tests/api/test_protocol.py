"""Tokens, versions, media types, request ids, tenants: what holds for every operation."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import SECRET, Api
from vnfm.settings import Strict

INSTANCES = "/vnflcm/v2/vnf_instances"
TOKEN = "/oauth2/token"
GRANT = {"grant_type": "client_credentials"}


def create(http: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = http.post(INSTANCES, json={"vnfdId": "lb", **body})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


# --- tokens ---


def test_token_by_basic_and_by_body(api: Api) -> None:
    body = {**GRANT, "client_id": "nfvo", "client_secret": SECRET}
    for answer in (
        httpx.post(api.url + TOKEN, data=GRANT, auth=("nfvo", SECRET)),
        httpx.post(api.url + TOKEN, data=body),
    ):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
        headers = {"Authorization": f"bearer {answer.json()['access_token']}"}
        assert httpx.get(api.url + INSTANCES, headers=headers).status_code == 200


def test_basic_parts_are_form_encoded(api: Api) -> None:
    value = b64encode(f"nfvo:{SECRET.replace(' ', '+')}".encode()).decode()
    answer = httpx.post(api.url + TOKEN, data=GRANT, headers={"Authorization": f"Basic {value}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("request_parts", "status", "error"),
    [
        ({"data": GRANT, "auth": ("nfvo", "wrong secret, quite long")}, 401, "invalid_client"),
        ({"data": GRANT, "auth": ("nobody", SECRET)}, 401, "invalid_client"),
        ({"data": GRANT}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Basic ???"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Basic /////w=="}}, 401, "invalid_client"),
        ({"data": {"grant_type": "password"}, "auth": ("nfvo", SECRET)}, 400, "unsupported_grant_type"),
        ({"data": {"scope": "x"}, "auth": ("nfvo", SECRET)}, 400, "invalid_request"),
        ({"data": {**GRANT, "client_secret": "x"}, "auth": ("nfvo", SECRET)}, 400, "invalid_request"),
        (
            {
                "content": "grant_type=client_credentials&grant_type=client_credentials",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            },
            400,
            "invalid_request",
        ),
        (
            {"content": b"\xff=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            400,
            "invalid_request",
        ),
    ],
)
def test_no_token(api: Api, request_parts: dict[str, Any], status: int, error: str) -> None:
    answer = httpx.post(api.url + TOKEN, **request_parts)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers.get("WWW-Authenticate") == ('Basic realm="vnfm"' if status == 401 else None)


@pytest.mark.parametrize(
    ("authorization", "status", "error"),
    [
        (None, 401, None),
        ("Basic bmZ2bzp4", 401, None),
        ("Bearer", 400, "invalid_request"),
        ("Bearer two words", 400, "invalid_request"),
        ("Bearer ünicode", 400, "invalid_request"),
        ("Bearer not-a-token", 401, "invalid_token"),
        (
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwidGVuYW50IjoiYSIsImV4cCI6OTk5OTk5OTk5OX0.",
            401,
            "invalid_token",
        ),
    ],
)
def test_bearer(api: Api, authorization: str | None, status: int, error: str | None) -> None:
    headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}
    answer = httpx.get(api.url + INSTANCES, headers=headers)
    assert answer.status_code == status
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="vnfm"')
    assert (f'error="{error}"' in challenge) if error else ("error" not in challenge)


@pytest.mark.parametrize("path", ["/vnflcm/api_versions", "/vnflcm/v2/api_versions", "/gateway/v1/health"])
def test_open_to_anybody(api: Api, path: str) -> None:
    assert httpx.get(api.url + path, headers={"Version": "nonsense"}).status_code == 200


def test_a_monitor_only_reads(api: Api) -> None:
    with api.client("monitor") as http:
        assert http.get(INSTANCES).status_code == 200
        assert http.post(INSTANCES, json={"vnfdId": "lb"}).status_code == 403


def test_tenants_do_not_see_each_other(api: Api, http: httpx.Client) -> None:
    mine = create(http)["id"]
    with api.client("other") as other:
        assert other.get(f"{INSTANCES}/{mine}").status_code == 404
        assert other.delete(f"{INSTANCES}/{mine}").status_code == 404
        assert other.get(INSTANCES, params={"filter": f"(eq,id,{mine})"}).json() == []


# --- versions and media types ---


@pytest.mark.parametrize(
    ("version", "status"),
    [("2.1.0", 200), ("2.0.0", 200), ("2.1.0-impl:a:b:1", 200), ("1.3.0", 406), ("x", 400), ("2", 400)],
)
def test_version(http: httpx.Client, version: str, status: int) -> None:
    answer = http.get(INSTANCES, headers={"Version": version})
    assert (answer.status_code, answer.headers["Version"]) == (status, "2.1.0")


def test_version_may_be_missing_unless_strict(api: Api, start_api: Callable[..., Api]) -> None:
    strict = start_api(strict=frozenset({Strict.VERSION}))
    for started, status in ((api, 200), (strict, 400)):
        headers = {"Authorization": f"Bearer {started.token()}"}
        assert httpx.get(started.url + INSTANCES, headers=headers).status_code == status
    assert httpx.get(f"{strict.url}/vnflcm/api_versions").status_code == 200


@pytest.mark.parametrize("path", ["/vnflcm/v2/nonsense", INSTANCES, f"{INSTANCES}/x"])
def test_errors_carry_the_version_too(api: Api, path: str) -> None:
    assert httpx.patch(api.url + path).headers["Version"] == "2.1.0"
    assert httpx.get(api.url + path).headers["Version"] == "2.1.0"


def test_media_types(http: httpx.Client) -> None:
    assert http.get(INSTANCES, headers={"Accept": "text/html"}).status_code == 406
    assert http.post(INSTANCES, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert http.post(INSTANCES, content=b"{}").status_code == 415
    assert http.post(INSTANCES, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_wrong_types_are_named_and_unknown_attributes_taken(http: httpx.Client) -> None:
    answer = http.post(INSTANCES, json={"vnfdId": "lb", "vnfInstanceName": 5})
    assert answer.status_code == 400
    assert answer.json()["detail"] == '/vnfInstanceName: the value is not of type "string"'
    create(http, fromTheFuture={"a": 1})


# --- request ids and logs ---


def test_request_id_is_taken_if_sane(api: Api) -> None:
    url = f"{api.url}/gateway/v1/health"
    assert httpx.get(url, headers={"X-Request-ID": "abc-1:2_3."}).headers["X-Request-ID"] == "abc-1:2_3."
    for bad in ("x" * 65, "a b", "a\tb", ""):
        offered = httpx.get(url, headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert offered
        assert offered != bad


def line_of(caplog: pytest.LogCaptureFixture, request_id: str) -> dict[str, Any]:
    """The log line of a request; it is written after the answer has been sent."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for record in caplog.records:
            if record.name == "vnfm.api.requests" and vars(record)["requestId"] == request_id:
                return vars(record)
        time.sleep(0.01)
    raise AssertionError(f"no line for {request_id}")


def test_one_line_per_request_without_secrets(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), api.client() as http:
        http.get(f"{INSTANCES}/gone?token=abc", headers={"X-Request-ID": "line-1"})
        token = http.headers["Authorization"].removeprefix("Bearer ")
        line = line_of(caplog, "line-1")
    wanted = {"client": "nfvo", "tenant": "a", "method": "GET", "path": f"{INSTANCES}/gone", "status": 404}
    assert wanted.items() <= line.items()
    assert line["ms"] > 0
    ours = " ".join(str(vars(item)) for item in caplog.records if item.name.startswith(("vnfm", "authlib")))
    assert token not in ours
    assert SECRET not in ours
    assert "token=abc" not in ours


# --- resources ---


def test_create_read_delete(http: httpx.Client) -> None:
    made = http.post(INSTANCES, json={"vnfdId": "lb", "vnfInstanceName": "front", "metadata": {"k": [None]}})
    location = made.headers["Location"]
    assert location == f"{http.base_url}{INSTANCES}/{made.json()['id']}".replace("//vnflcm", "/vnflcm")
    read = http.get(location)
    assert read.json() == made.json()
    assert read.json()["metadata"]["k"] == [None]
    assert read.headers["ETag"] == made.headers["ETag"]
    assert http.delete(location, headers={"If-Match": '"99"'}).status_code == 412
    assert http.delete(location, headers={"If-Match": read.headers["ETag"]}).status_code == 204
    assert http.get(location).status_code == 404
    assert http.delete(location).status_code == 404


def test_unknown_vnfd_is_422(http: httpx.Client) -> None:
    assert http.post(INSTANCES, json={"vnfdId": "absent"}).status_code == 422


REQUEST = {
    "flavourId": "simple",
    "extVirtualLinks": [
        {
            "id": "ext",
            "resourceId": "net-1",
            "extCps": [
                {
                    "cpdId": "lb_ext",
                    "cpConfig": {
                        "c": {
                            "cpProtocolData": [
                                {
                                    "layerProtocol": "IP_OVER_ETHERNET",
                                    "ipOverEthernet": {
                                        "ipAddresses": [{"type": "IPV4", "numDynamicAddresses": 1}]
                                    },
                                }
                            ]
                        }
                    },
                }
            ],
        }
    ],
    "vimConnectionInfo": {
        "v": {"vimType": "CLOUDSTACK", "accessInfo": {"apiKey": "k", "secretKey": "hush-hush"}}
    },
}


def test_a_configuration_that_is_null_is_none(http: httpx.Client) -> None:
    link = {"id": "ext", "resourceId": "net-1", "extCps": [{"cpdId": "lb_ext", "cpConfig": {"c": None}}]}
    task = create(http)["_links"]["instantiate"]["href"]
    assert http.post(task, json={"flavourId": "simple", "extVirtualLinks": [link]}).status_code == 202


def test_instantiate_starts_an_operation_that_shows_no_secret(http: httpx.Client) -> None:
    instance = create(http)
    task = instance["_links"]["instantiate"]["href"]
    accepted = http.post(task, json=REQUEST, headers={"X-Request-ID": "corr-1"})
    assert (accepted.status_code, accepted.content) == (202, b"")
    operation = http.get(accepted.headers["Location"])
    assert operation.json()["operationState"] == "STARTING"
    assert operation.json()["operationParams"]["vimConnectionInfo"] == {"v": {"vimType": "CLOUDSTACK"}}
    assert "hush-hush" not in operation.text
    alone = {"filter": f"(eq,id,{operation.json()['id']})"}
    assert len(http.get("/vnflcm/v2/vnf_lcm_op_occs", params=alone).json()) == 1
    steps = http.get(f"/gateway/v1/operations/{operation.json()['id']}/steps").json()
    assert steps
    assert {step["state"] for step in steps} == {"PENDING"}
    assert http.post(task, json=REQUEST).status_code == 409
    assert (
        http.post(task.replace("instantiate", "terminate"), json={"terminationType": "FORCEFUL"}).status_code
        == 409
    )
    assert http.delete(instance["_links"]["self"]["href"]).status_code == 409
