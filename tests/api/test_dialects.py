"""The same VNF instances and operations through all four APIs: SOL003 and SOL002, version 1 and version 2."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from tests.fakes.standing import NFVO, request_for, stand
from vnfm.domain.operation import OperationState, OperationType
from vnfm.wire.dialect import DIALECTS, Dialect

PATHS = sorted(DIALECTS)
#: As ONAP's adapter sends it.
ONAP = {
    "id": "cloud_region",
    "vimId": "cloud_region",
    "vimType": "CLOUDSTACK",
    "interfaceInfo": {"identityEndPoint": "http://c"},
    "accessInfo": {"projectId": "tenant", "credentials": {"username": "u", "password": "canary-7"}},
}
SHOWN = {**ONAP, "accessInfo": {"projectId": "tenant"}}


@pytest.fixture
def plain(api: Api) -> Iterator[httpx.Client]:
    """A client that sends no Version, as ONAP's."""
    headers = {"Authorization": f"Bearer {api.token()}"}
    with httpx.Client(base_url=api.url, headers=headers, timeout=30) as client:
        yield client


def where(api: Api, path: str, *rest: str) -> str:
    return "/".join((api.url, path, *rest))


@pytest.mark.parametrize("path", PATHS)
def test_created_through_one_and_seen_through_all(api: Api, plain: httpx.Client, path: str) -> None:
    answer = plain.post(where(api, path, "vnf_instances"), json={"vnfdId": "any", "vnfInstanceName": "n"})
    assert answer.status_code == 201
    instance_id = answer.json()["id"]
    etags = {answer.headers["ETag"]}
    assert answer.headers["Location"] == answer.json()["_links"]["self"]["href"]
    for other in PATHS:
        url = where(api, other, "vnf_instances", instance_id)
        seen = plain.get(url)
        assert seen.json()["_links"]["self"]["href"] == url
        assert seen.json()["vnfInstanceName"] == "n"
        assert seen.headers["Version"] == ("1.3.0" if other.endswith("v1") else "2.1.0")
        assert seen.json().get("vnfPkgId") == ("package-of-any" if other.endswith("v1") else None)
        etags.add(seen.headers["ETag"])
        # by filter: the API is shared with tests that create more than a page of instances
        listed = plain.get(where(api, other, "vnf_instances"), params={"filter": f"(eq,id,{instance_id})"})
        assert [item["id"] for item in listed.json()] == [instance_id]
    assert len(etags) == 1
    assert plain.delete(where(api, path, "vnf_instances", instance_id)).status_code == 204
    assert {plain.get(where(api, other, "vnf_instances", instance_id)).status_code for other in PATHS} == {
        404
    }


def links_of(document: dict[str, Any]) -> list[str]:
    found = []
    for name, link in document["_links"].items():
        assert set(link) == {"href"}, name
        found.append(link["href"])
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_link_leads_to_a_resource_of_the_same_api(api: Api, plain: httpx.Client, path: str) -> None:
    instance_id = stand(api.deps, NFVO, "lb")
    operation_id = str(uuid.uuid4())
    operation = make_operation(
        id=operation_id, tenant="a", vnf_instance_id=instance_id, state=OperationState.FAILED_TEMP
    )
    api.deps.operations.accept("a", operation)
    documents = [
        plain.get(where(api, path, "vnf_instances", instance_id)).json(),
        plain.get(where(api, path, "vnf_lcm_op_occs", operation_id)).json(),
    ]
    hrefs = [href for document in documents for href in links_of(document)]
    assert len(hrefs) > 8
    for href in hrefs:
        assert href.startswith(where(api, path, ""))
        answer = plain.request("OPTIONS", href)
        assert answer.status_code == 405, href  # a path that does not exist would be 404


def params(api: Api, plain: httpx.Client, path: str, operation_id: str) -> Any:
    answer = plain.get(where(api, path, "vnf_lcm_op_occs", operation_id))
    assert "canary" not in answer.text
    return answer.json().get("operationParams")


def test_onaps_instantiate(api: Api, plain: httpx.Client) -> None:
    """A list in, a list out, with what ONAP needs back and without what nobody may see."""
    created = plain.post(where(api, "vnflcm/v1", "vnf_instances"), json={"vnfdId": "lb"})
    request = request_for("lb")
    link = request["extVirtualLinks"][0]
    points = [{"cpdId": cp["cpdId"], "cpConfig": [{"cpInstanceId": "c1"}]} for cp in link["extCps"]]
    body = {
        "flavourId": request["flavourId"],
        "vimConnectionInfo": [ONAP],
        "additionalParams": {},
        "extVirtualLinks": [{**link, "extCps": points}],
    }
    answer = plain.post(created.json()["_links"]["instantiate"]["href"], json=body)
    assert answer.status_code == 202, answer.text
    operation_id = answer.headers["Location"].rsplit("/")[-1]
    assert params(api, plain, "vnflcm/v1", operation_id) == {**body, "vimConnectionInfo": [SHOWN]}
    seen = params(api, plain, "vnflcm/v2", operation_id)
    assert seen["vimConnectionInfo"] == {"cloud_region": {k: v for k, v in SHOWN.items() if k != "id"}}
    assert [cp["cpConfig"] for cp in seen["extVirtualLinks"][0]["extCps"]] == [{"c1": {}}] * len(points)
    assert "vimConnectionInfo" not in params(api, plain, "sol002/vnflcm/v2", operation_id)


def test_a_modification_of_version_1(api: Api, plain: httpx.Client) -> None:
    connections = {"old": {"vimType": "CLOUDSTACK"}, "kept": {"vimType": "CLOUDSTACK"}}
    instance_id = stand(api.deps, NFVO, "lb", vim_connection_info=connections, resources=[])
    body = {"vimConnectionInfo": [ONAP], "vimConnectionInfoDeleteIds": ["old"]}
    answer = plain.patch(where(api, "vnflcm/v1", "vnf_instances", instance_id), json=body)
    assert answer.status_code == 202, answer.text
    operation_id = answer.headers["Location"].rsplit("/")[-1]
    assert params(api, plain, "vnflcm/v1", operation_id) == {**body, "vimConnectionInfo": [SHOWN]}
    seen = params(api, plain, "vnflcm/v2", operation_id)["vimConnectionInfo"]
    assert seen == {"cloud_region": {k: v for k, v in SHOWN.items() if k != "id"}, "old": None}


@pytest.mark.parametrize(("kind", "more"), [("heal", {}), ("operate", {"changeStateTo": "STOPPED"})])
@pytest.mark.parametrize("path", PATHS)
def test_vnfcs_that_an_em_names(
    api: Api, plain: httpx.Client, path: str, kind: str, more: dict[str, Any]
) -> None:
    """And a client of SOL003 that names them in the same way, as Tacker's does: never the whole VNF."""
    instance_id = stand(api.deps, NFVO, "lb")
    seen = plain.get(where(api, "vnflcm/v2", "vnf_instances", instance_id)).json()
    one = seen["instantiatedVnfInfo"]["vnfcResourceInfo"][0]["id"]
    url = where(api, path, "vnf_instances", instance_id, kind)
    refused = plain.post(url, json={"vnfcInstanceId": ["nobody"], **more})
    assert (refused.status_code, "nobody is no VNFC" in refused.json()["detail"]) == (400, True)
    answer = plain.post(url, json={"vnfcInstanceId": [one], **more})
    assert answer.status_code == 202, answer.text
    operation_id = answer.headers["Location"].rsplit("/")[-1]
    assert params(api, plain, "sol002/vnflcm/v2", operation_id) == {"vnfcInstanceId": [one], **more}
    assert params(api, plain, "vnflcm/v2", operation_id) == {
        "additionalParams": {"vnfcInstanceIds": [one]},
        **more,
    }


def test_vnfcs_as_an_em_sees_them(api: Api, plain: httpx.Client) -> None:
    instance_id = stand(api.deps, NFVO, "web-tier")
    infos = api.deps.instances.get("a", instance_id).instantiated_vnf_info["vnfcResourceInfo"]
    first = infos[0]["id"]
    changes = {"vnfc_states": {first: "STOPPED"}, "vnfc_properties": {first: {"rate": 3}}}
    api.deps.instances.update("a", instance_id, changes)
    seen = {
        path: plain.get(where(api, path, "vnf_instances", instance_id)).json()["instantiatedVnfInfo"]
        for path in PATHS
    }
    told = [
        (item["vnfcState"], item.get("vnfcConfigurableProperties"))
        for item in seen["sol002/vnflcm/v2"]["vnfcInfo"]
    ]
    assert told == [("STOPPED", {"rate": 3}), *[("STARTED", None)] * (len(infos) - 1)]
    assert [path for path in PATHS if "vnfcInfo" in seen[path]] == ["sol002/vnflcm/v2"]
    named = {path: "virtualLinkResourceInfo" in info for path, info in seen.items()}
    assert named == {path: path.endswith("v1") for path in PATHS}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
def test_operations_that_a_version_cannot_name(api: Api, plain: httpx.Client, dialect: Dialect) -> None:
    """They are not there for its clients: in no list, 404 when read or acted upon."""
    operation_id = str(uuid.uuid4())
    operation = make_operation(
        id=operation_id,
        tenant="a",
        vnf_instance_id=operation_id,
        type=OperationType.CHANGE_VNFPKG,
        state=OperationState.FAILED_TEMP,
    )
    api.deps.operations.accept("a", operation)
    url = where(api, dialect.path, "vnf_lcm_op_occs")
    found = plain.get(url, params={"filter": f"(eq,id,{operation_id})"}).json()
    listed = operation_id in [item["id"] for item in found]
    known = dialect.path.endswith("v2")
    assert listed is known
    assert plain.get(f"{url}/{operation_id}").status_code == (200 if known else 404)
    for task in ("retry", "rollback", "fail"):
        if not known:
            assert plain.post(f"{url}/{operation_id}/{task}").status_code == 404
    assert api.deps.operations.get("a", operation_id).state is OperationState.FAILED_TEMP


@pytest.mark.parametrize("root", ["vnflcm", "sol002/vnflcm"])
def test_all_versions_are_told(api: Api, plain: httpx.Client, root: str) -> None:
    def told(path: str) -> tuple[str, list[str]]:
        document = plain.get(where(api, path, "api_versions")).json()
        return document["uriPrefix"], [item["version"] for item in document["apiVersions"]]

    assert told(root) == (where(api, root, ""), ["1.3.0", "2.1.0"])
    assert told(f"{root}/v1") == (where(api, root, "v1", ""), ["1.3.0"])
    assert told(f"{root}/v2") == (where(api, root, "v2", ""), ["2.1.0"])
