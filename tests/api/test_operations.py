"""The tasks on a VNF instance: what each accepts, and what it refuses (SOL003 5.4.4 to 5.4.11a)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.standing import NFVO, request_for, stand

INSTANCES = "/vnflcm/v2/vnf_instances"
Stand = Callable[..., str]


def moved(cpd: str, **configs: Any) -> dict[str, Any]:
    """A request that plugs a CP into another network."""
    link = {"id": "vl-other", "resourceId": "net-other", "extCps": [{"cpdId": cpd, "cpConfig": configs}]}
    return {"extVirtualLinks": [link]}


#: Operation, task, VNFD, and a request that fits.
GOOD: list[tuple[str, str, str, dict[str, Any]]] = [
    ("SCALE", "scale", "web-tier", {"type": "SCALE_OUT", "aspectId": "web_aspect"}),
    ("SCALE", "scale", "web-tier", {"type": "SCALE_OUT", "aspectId": "web_aspect", "numberOfSteps": 2}),
    ("SCALE_TO_LEVEL", "scale_to_level", "web-tier", {"instantiationLevelId": "medium"}),
    (
        "SCALE_TO_LEVEL",
        "scale_to_level",
        "web-tier",
        {"scaleInfo": [{"aspectId": "worker_aspect", "scaleLevel": 2}]},
    ),
    ("OPERATE", "operate", "lb", {"changeStateTo": "STOPPED"}),
    (
        "OPERATE",
        "operate",
        "lb",
        {"changeStateTo": "STOPPED", "stopType": "GRACEFUL", "gracefulStopTimeout": 30},
    ),
    ("OPERATE", "operate", "lb", {"changeStateTo": "STARTED"}),
    ("HEAL", "heal", "web-tier", {"cause": "unreachable"}),
    ("HEAL", "heal", "lb", {}),
    ("CHANGE_EXT_CONN", "change_ext_conn", "lb", moved("lb_ext")),
    ("CHANGE_EXT_CONN", "change_ext_conn", "lb", moved("lb_ext", **{"lb_ext-0": None, "new": {}})),
    ("CHANGE_FLAVOUR", "change_flavour", "web-tier", {"newFlavourId": "premium"}),
    (
        "CHANGE_FLAVOUR",
        "change_flavour",
        "web-tier",
        {"newFlavourId": "premium", "instantiationLevelId": "medium", "extensions": {"a": None}},
    ),
    ("CHANGE_VNFPKG", "change_vnfpkg", "lb", {"vnfdId": "haproxy-lb-next"}),
    ("TERMINATE", "terminate", "lb", {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5}),
]

#: Task, VNFD, request, and the code it gets from an instance that is INSTANTIATED.
BAD: list[tuple[str, str, dict[str, Any], int]] = [
    ("instantiate", "lb", request_for("lb"), 409),
    ("scale", "web-tier", {"type": "SCALE_OUT", "aspectId": "no such"}, 400),
    ("scale", "web-tier", {"type": "SCALE_OUT", "aspectId": "web_aspect", "numberOfSteps": 99}, 400),
    ("scale", "web-tier", {"type": "SCALE_OUT", "aspectId": "web_aspect", "numberOfSteps": 0}, 400),
    ("scale", "web-tier", {"type": "SIDEWAYS", "aspectId": "web_aspect"}, 400),
    ("scale", "lb", {"type": "SCALE_OUT", "aspectId": "web_aspect"}, 404),
    ("scale_to_level", "web-tier", {}, 400),
    ("scale_to_level", "web-tier", {"instantiationLevelId": "no such"}, 400),
    ("scale_to_level", "lb", {"instantiationLevelId": "default"}, 404),
    ("operate", "lb", {}, 400),
    ("operate", "lb", {"changeStateTo": "PAUSED"}, 400),
    ("operate", "lb", {"changeStateTo": "STARTED", "stopType": "FORCEFUL"}, 400),
    ("operate", "lb", {"changeStateTo": "STOPPED", "gracefulStopTimeout": 30}, 400),
    ("change_ext_conn", "lb", {"extVirtualLinks": []}, 400),
    ("change_ext_conn", "lb", moved("no such"), 400),
    ("change_ext_conn", "lb", moved("lb_ext", **{"lb_ext-0": None}), 400),
    ("change_flavour", "web-tier", {"newFlavourId": "basic"}, 400),
    ("change_flavour", "web-tier", {"newFlavourId": "no such"}, 400),
    ("change_flavour", "web-tier", {"newFlavourId": "premium", "instantiationLevelId": "no such"}, 400),
    ("change_flavour", "lb", {"newFlavourId": "simple"}, 404),
    ("change_vnfpkg", "lb", {}, 400),
    ("change_vnfpkg", "lb", {"vnfdId": "lb"}, 400),
    ("change_vnfpkg", "lb", {"vnfdId": "absent"}, 422),
    ("change_vnfpkg", "lb", {"vnfdId": "haproxy-lb-next", "additionalParams": {"batchSize": []}}, 400),
    ("heal", "web-tier", {"cause": "boredom"}, 400),
    ("heal", "lb", {"additionalParams": {"action": "pray"}}, 400),
    ("heal", "lb", {"additionalParams": {"action": {}}}, 400),
    ("heal", "lb", {"additionalParams": {"vnfcInstanceIds": ["no such"]}}, 400),
    ("heal", "lb", {"additionalParams": {"vnfcInstanceIds": [{}]}}, 400),
    ("terminate", "lb", {"terminationType": "FORCEFUL", "gracefulTerminationTimeout": 5}, 400),
]


@pytest.fixture
def standing(api: Api) -> Stand:
    """Stores an instance that is INSTANTIATED and tells where it is found."""
    return lambda vnfd_id, **changes: f"{INSTANCES}/{stand(api.deps, NFVO, vnfd_id, **changes)}"


@pytest.mark.parametrize(("kind", "task", "vnfd_id", "body"), GOOD)
def test_accepted(
    http: httpx.Client, standing: Stand, kind: str, task: str, vnfd_id: str, body: dict[str, Any]
) -> None:
    url = standing(vnfd_id)
    body = {**body, "additionalParams": {"reason": None}}
    answer = http.post(f"{url}/{task}", json=body)
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    operation = http.get(answer.headers["Location"]).json()
    assert (operation["operation"], operation["operationState"]) == (kind, "STARTING")
    assert operation["operationParams"] == body
    assert operation["isAutomaticInvocation"] is False
    second = http.post(f"{url}/terminate", json={"terminationType": "FORCEFUL"})
    assert second.status_code == 409


@pytest.mark.parametrize(("task", "vnfd_id", "body", "status"), BAD)
def test_refused(
    http: httpx.Client, standing: Stand, task: str, vnfd_id: str, body: dict[str, Any], status: int
) -> None:
    answer = http.post(f"{standing(vnfd_id)}/{task}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("task", "body"), {task: body for _, task, _, body in GOOD}.items())
def test_what_needs_a_standing_vnf(http: httpx.Client, task: str, body: dict[str, Any]) -> None:
    made = http.post(INSTANCES, json={"vnfdId": "web-tier"})
    assert http.post(f"{made.headers['Location']}/{task}", json=body).status_code == 409
    assert http.post(f"{INSTANCES}/unknown/{task}", json=body).status_code == 404


def test_lists_link_what_the_resource_does(api: Api, http: httpx.Client, standing: Stand) -> None:
    half_made = standing("lb", state="NOT_INSTANTIATED", instantiated_vnf_info=None)
    for url in (half_made, standing("web-tier")):
        alone = http.get(url).json()
        (listed,) = http.get(INSTANCES, params={"filter": f"(eq,id,{alone['id']})"}).json()
        assert listed["_links"] == alone["_links"]
    assert set(http.get(half_made).json()["_links"]) == {"self", "terminate"}


@pytest.mark.parametrize("task", sorted({task for _, task, _, _ in GOOD}))
def test_links_name_the_task(http: httpx.Client, standing: Stand, task: str) -> None:
    links = http.get(standing("web-tier")).json()["_links"]
    linked = {link["href"].rsplit("/")[-1] for link in links.values()}
    assert (task in linked) == (task != "change_vnfpkg")  # 3.5.1 has no link for it
