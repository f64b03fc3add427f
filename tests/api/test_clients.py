"""Clients in the field as they are: what Tacker's client and IBM's life-cycle driver put into their requests.

Read off their sources; ONAP's has a test of its own (tests/e2e/test_onap.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from tests.fakes.standing import NFVO, request_for, stand
from vnfm.domain.ids import derive
from vnfm.domain.operation import OperationState
from vnfm.settings import Strict

#: Tacker's client says the first version of each major one, whatever it asks for.
TACKER = {"v1": "1.3.0", "v2": "2.0.0"}


@pytest.fixture(params=sorted(TACKER))
def tacker(request: pytest.FixtureRequest, api: Api) -> Iterator[httpx.Client]:
    """As Tacker's client calls: its token in OpenStack's header, Content-Type only with a body."""
    headers = {
        "X-Auth-Token": api.token(),
        "Accept": "application/json",
        "User-Agent": "python-tackerclient",
        "Version": TACKER[request.param],
    }
    with httpx.Client(base_url=f"{api.url}/vnflcm/{request.param}", headers=headers, timeout=30) as client:
        yield client


def accepted(answer: httpx.Response) -> str:
    """The operation's id, as clients take it from the Location; a body they would choke on."""
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    return answer.headers["Location"].rpartition("/")[2]


def failed(api: Api, name: str) -> str:
    """An operation that waits for somebody to decide."""
    operation_id = derive(name, "operation")
    state = OperationState.FAILED_TEMP
    operation = make_operation(id=operation_id, tenant="a", vnf_instance_id=operation_id, state=state)
    api.deps.operations.accept("a", operation)
    return operation_id


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Auth-Token": "{}"}, 200),
        ({"X-Auth-Token": "{}", "Authorization": "Bearer nonsense"}, 401),
        ({"X-Auth-Token": "{}", "Authorization": "Basic eDp5"}, 401),
        ({"X-Auth-Token": "nonsense"}, 401),
        ({"X-Auth-Token": "not a token"}, 400),
        ({"X-Auth-Token": ""}, 401),
    ],
)
def test_openstacks_header(api: Api, headers: dict[str, str], status: int) -> None:
    """It counts where there is no Authorization, and has to hold a token of ours."""
    sent = {name: value.format(api.token()) for name, value in headers.items()}
    assert httpx.get(f"{api.url}/vnflcm/v2/vnf_instances", headers=sent).status_code == status


def test_openstacks_header_is_not_taken_by_the_letter(start_api: Callable[..., Api]) -> None:
    api = start_api(strict=frozenset({Strict.OPENSTACK}))
    answer = httpx.get(f"{api.url}/vnflcm/v2/vnf_instances", headers={"X-Auth-Token": api.token()})
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)


def test_tacker_asks_for_versions_with_that_of_version_2(api: Api, tacker: httpx.Client) -> None:
    for path in ("vnflcm/api_versions", "vnflcm/v1/api_versions", "vnflcm/v2/api_versions"):
        answer = tacker.get(f"{api.url}/{path}", headers={"Version": "2.0.0"})
        assert answer.status_code == 200, path


def test_tacker_creates_instantiates_and_updates(tacker: httpx.Client) -> None:
    body = {"vnfdId": "lb", "vnfInstanceName": "n", "vnfInstanceDescription": "d"}
    created = tacker.post("/vnf_instances", json=body)
    instance_id = created.json()["id"]
    found = tacker.get("/vnf_instances", params={"filter": f"(eq,id,{instance_id})"}).json()
    assert [one["vnfInstanceName"] for one in found] == ["n"]
    # Its PATCH is application/json and names the VNFD, and an If-Match it has none.
    accepted(tacker.patch(f"/vnf_instances/{instance_id}", json={**body, "vnfInstanceName": "m"}))
    other = tacker.post("/vnf_instances", json=body).json()["id"]
    accepted(tacker.post(f"/vnf_instances/{other}/instantiate", json=request(tacker)))


def request(client: httpx.Client) -> dict[str, Any]:
    """An instantiation with everything around it that Tacker's samples have, and OpenStack's words for it."""
    whole = request_for("lb")
    (link,) = whole["extVirtualLinks"]
    addresses = {"ipAddresses": [{"type": "IPV4", "numDynamicAddresses": 1, "subnetId": "subnet"}]}
    data = [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": addresses}]
    is_v1 = client.base_url.path.endswith("v1/")
    config: Any = [{"cpProtocolData": data}] if is_v1 else {"CP1_1": {"cpProtocolData": data}}
    facts = {
        "vimType": "CLOUDSTACK",
        "vimConnectionId": "not an attribute of it",
        "interfaceInfo": {"endpoint": "https://cloud.example/client/api"},
        "accessInfo": {"key1": "value1"},
    }
    points = [{**cp, "cpConfig": config} for cp in link["extCps"]]
    return {
        **whole,
        "extVirtualLinks": [{**link, "vimConnectionId": "vim", "extCps": points}],
        "vimConnectionInfo": [{"id": "vim", **facts}] if is_v1 else {"vim": facts},
        "additionalParams": {"lcm-kubernetes-external-lb": {}},
    }


def test_tacker_decides_about_what_has_failed(api: Api, tacker: httpx.Client) -> None:
    name = str(tacker.base_url)
    url = f"/vnf_lcm_op_occs/{failed(api, name)}"
    # Its list has a parameter with a hyphen, which the standard has not.
    listed = tacker.get("/vnf_lcm_op_occs", params={"filter": "(eq,id,none)", "exclude-fields": "error"})
    assert (listed.status_code, listed.json()) == (200, [])
    # cancel comes without a Version, the others without body and Content-Type.
    del tacker.headers["Version"]
    assert tacker.post(f"{url}/cancel", json={"cancelMode": "GRACEFUL"}).status_code == 409
    ended = tacker.post(f"{url}/fail")
    assert (ended.status_code, ended.json()["operationState"]) == (200, "FAILED")
    for task in ("retry", "rollback"):
        again = tacker.post(f"/vnf_lcm_op_occs/{failed(api, f'{name} {task}')}/{task}")
        assert (again.status_code, again.content, "Location" in again.headers) == (202, b"", False)


IBM = {
    "v1": {"extVirtualLinks": [], "extManagedVirtualLinks": [], "vimConnectionInfo": []},
    "v2": {"extVirtualLinks": [], "extManagedVirtualLinks": [], "vimConnectionInfo": {}, "extensions": {}},
}


@pytest.mark.parametrize("version", IBM)
def test_ibms_driver_sends_what_is_empty(api: Api, version: str) -> None:
    """Content-Type on everything, no Version, and every attribute there is, empty where nothing is meant."""
    headers = {"Authorization": f"Bearer {api.token()}", "Content-Type": "application/json"}
    root = f"{api.url}/vnflcm/{version}/vnf_instances"
    with httpx.Client(headers=headers, timeout=30) as ibm:
        created = ibm.post(root, json={"vnfdId": "lb", "vnfInstanceName": "n"})
        assert created.status_code == 201
        assert ibm.delete(f"{root}/{created.json()['id']}").status_code == 204
        instance_id = ibm.post(root, json={"vnfdId": "lb"}).json()["id"]
        body = {"flavourId": "simple", **IBM[version], "additionalParams": {}}
        accepted(ibm.post(f"{root}/{instance_id}/instantiate", json=body))
        for kind, more in (
            ("heal", {"cause": "x"}),
            ("operate", {"changeStateTo": "STOPPED", "stopType": "FORCEFUL"}),
            ("terminate", {"terminationType": "FORCEFUL"}),
        ):
            standing = stand(api.deps, NFVO, "lb")
            accepted(ibm.post(f"{root}/{standing}/{kind}", json={**more, "additionalParams": {}}))
