"""Subscriptions over HTTP, in all four APIs, and our own API about deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.fakes.subscriber import Subscribers, receiving
from vnfm.domain.event import Event, Kind, Untold
from vnfm.domain.subscription import secret_name
from vnfm.wire.dialect import DIALECTS

VERSIONS = {"v1": "1.3.0", "v2": "2.1.0"}
SECRET = "canary-4f1e"


@pytest.fixture(params=sorted(DIALECTS))
def root(request: pytest.FixtureRequest) -> str:
    return f"/{request.param}"


@pytest.fixture
def subscribers() -> Iterator[Subscribers]:
    with receiving() as app:
        yield app


def headers(root: str) -> dict[str, str]:
    return {"Version": VERSIONS[root.rpartition("/")[2]]}


def subscribe(http: httpx.Client, root: str, uri: str, **more: Any) -> httpx.Response:
    return http.post(f"{root}/subscriptions", json={"callbackUri": uri, **more}, headers=headers(root))


def test_subscribe_read_list_delete(
    http: httpx.Client, api: Api, root: str, subscribers: Subscribers
) -> None:
    wanted = {"operationTypes": ["HEAL"], "vnfInstanceSubscriptionFilter": {"vnfInstanceIds": ["x"]}}
    made = subscribe(http, root, f"{subscribers.url}/n/one", filter=wanted)
    assert made.status_code == 201, made.text
    document = made.json()
    assert made.headers["Location"] == document["_links"]["self"]["href"]
    assert made.headers["Location"] == f"{api.url}{root}/subscriptions/{document['id']}"
    assert document["filter"] == wanted
    assert document.get("verbosity") == (None if root.endswith("v1") else "FULL")
    assert [(one.who, one.method) for one in subscribers.log] == [("one", "GET")]
    assert http.get(made.headers["Location"], headers=headers(root)).json() == document
    assert document in http.get(f"{root}/subscriptions", headers=headers(root)).json()
    assert http.delete(made.headers["Location"], headers=headers(root)).status_code == 204
    assert http.get(made.headers["Location"], headers=headers(root)).status_code == 404
    assert document not in http.get(f"{root}/subscriptions", headers=headers(root)).json()


PROVIDERS = [
    {
        "vnfProvider": "acme",
        "vnfProducts": [
            {
                "vnfProductName": "fw",
                "versions": [{"vnfSoftwareVersion": "1.0", "vnfdVersions": ["1", "2"]}],
            }
        ],
    }
]
WHOLE = {
    "notificationTypes": ["VnfLcmOperationOccurrenceNotification", "VnfIdentifierCreationNotification"],
    "operationTypes": ["HEAL", "MODIFY_INFO"],
    "operationStates": ["FAILED_TEMP", "ROLLED_BACK"],
    "vnfInstanceSubscriptionFilter": {
        "vnfdIds": ["d"],
        "vnfInstanceIds": ["i"],
        "vnfInstanceNames": ["edge"],
        "vnfProductsFromProviders": PROVIDERS,
    },
}


def test_every_attribute_of_the_filter_is_kept_and_judged(
    http: httpx.Client, root: str, subscribers: Subscribers
) -> None:
    made = subscribe(http, root, f"{subscribers.url}/n/whole", filter=WHOLE)
    assert made.status_code == 201, made.text
    assert made.json()["filter"] == WHOLE
    for bad, named in (
        ({"notificationTypes": ["AlarmNotification"]}, "notificationTypes"),
        ({"operationTypes": ["DANCE"]}, "operationTypes"),
        ({"operationStates": "COMPLETED"}, "operationStates"),
        ({"vnfInstanceSubscriptionFilter": {"vnfdIds": "d"}}, "vnfdIds"),
        ({"vnfInstanceSubscriptionFilter": {"vnfProductsFromProviders": [{}]}}, "vnfProvider"),
    ):
        refused = subscribe(http, root, f"{subscribers.url}/n/bad", filter={**WHOLE, **bad})
        assert refused.status_code in {400, 422}, bad
        assert named in refused.json()["detail"]


def test_a_duplicate_is_303_with_the_location_and_no_body(
    http: httpx.Client, root: str, subscribers: Subscribers
) -> None:
    uri = f"{subscribers.url}/n/one"
    first = subscribe(http, root, uri, filter={"operationTypes": ["HEAL", "SCALE"]})
    again = subscribe(http, root, uri, filter={"operationTypes": ["SCALE", "HEAL"], "operationStates": []})
    assert (again.status_code, again.content) == (303, b"")
    assert again.headers["Location"] == first.headers["Location"]
    assert "content-type" not in again.headers
    other = subscribe(http, root, uri, filter={"operationTypes": ["SCALE"]})
    assert other.status_code == 201


def test_subscriptions_belong_to_a_client_and_an_api(
    http: httpx.Client, api: Api, root: str, subscribers: Subscribers
) -> None:
    uri = f"{subscribers.url}/n/mine"
    made = subscribe(http, root, uri)
    for client_id in ("second", "other", "operator"):
        with api.client(client_id) as stranger:
            assert stranger.get(made.headers["Location"], headers=headers(root)).status_code == 404
            assert stranger.delete(made.headers["Location"], headers=headers(root)).status_code == 404
            assert stranger.get(f"{root}/subscriptions", headers=headers(root)).json() == []
    with api.client("second") as stranger:
        own = subscribe(stranger, root, uri)
        assert own.status_code == 201, "the same of another client is no duplicate"
        stranger.delete(own.headers["Location"], headers=headers(root))
    elsewhere = next(f"/{path}" for path in sorted(DIALECTS) if f"/{path}" != root)
    there = f"{elsewhere}/subscriptions/{made.json()['id']}"
    assert http.get(there, headers=headers(elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("status", "answer"), [(204, 201), (405, 201), (200, 422), (401, 422), (404, 422), (500, 422), (302, 422)]
)
def test_the_endpoint_is_tested(
    http: httpx.Client, subscribers: Subscribers, status: int, answer: int
) -> None:
    subscribers.manners["one"] = lambda method, body: (status, 0.0)
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/one")
    assert made.status_code == answer
    if answer == 422:
        assert f"answered {status}" in made.json()["detail"]
        assert made.json()["detail"].startswith("callbackUri: ")
    assert [one.method for one in subscribers.log] == ["GET"]


@pytest.mark.parametrize("uri", ["nonsense", "/n/one", "http://user:secret@127.0.0.1:1/x"])
def test_what_is_no_uri_to_call_is_refused(http: httpx.Client, uri: str) -> None:
    made = subscribe(http, "/vnflcm/v2", uri)
    assert made.status_code in {400, 422}
    assert "callbackUri" in made.json()["detail"]
    assert "secret" not in made.text


def test_a_filter_that_contradicts_itself_is_400(http: httpx.Client, subscribers: Subscribers) -> None:
    wanted = {"notificationTypes": ["VnfIdentifierCreationNotification"], "operationTypes": ["HEAL"]}
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/one", filter=wanted)
    assert made.status_code == 400
    assert "operationTypes" in made.json()["detail"]
    assert subscribers.log == []


def authentication(subscribers: Subscribers, *kinds: str, **changes: Any) -> dict[str, Any]:
    both = {
        "paramsBasic": {"userName": "user", "password": SECRET},
        "paramsOauth2ClientCredentials": {
            "clientId": "vnfm",
            "clientPassword": "token secret",
            "tokenEndpoint": f"{subscribers.url}/token/t",
        },
    }
    return {"authType": list(kinds), **both, **changes}


ALL = ("TLS_CERT", "BASIC", "OAUTH2_CLIENT_CREDENTIALS")


def chosen(api: Api, subscription_id: str) -> str | None:
    found = api.deps.subscriptions.get("a", subscription_id)
    assert found is not None
    return found.auth_type and str(found.auth_type)


def test_of_all_ways_the_best_that_works_is_gone(
    http: httpx.Client, api: Api, subscribers: Subscribers
) -> None:
    # As ONAP: 405 to who may come in, all three ways offered.
    subscribers.wants |= {"onap": "Bearer", "basic": "Basic dXNlcjpjYW5hcnktNGYxZQ=="}
    subscribers.manners |= dict.fromkeys(("onap", "basic"), lambda method, body: (405, 0.0))
    offer = authentication(subscribers, *ALL)
    made = subscribe(http, "/vnflcm/v1", f"{subscribers.url}/n/onap", authentication=offer)
    assert made.status_code == 201, made.text
    assert chosen(api, made.json()["id"]) == "OAUTH2_CLIENT_CREDENTIALS"
    # A token does not open this one: the next way is tried.
    made = subscribe(http, "/vnflcm/v1", f"{subscribers.url}/n/basic", authentication=offer)
    assert made.status_code == 201, made.text
    assert chosen(api, made.json()["id"]) == "BASIC"


@pytest.mark.parametrize(
    ("kinds", "changes", "named"),
    [
        (("TLS_CERT",), {}, "TLS_CERT"),
        (("BASIC",), {"paramsBasic": {}}, "paramsBasic"),
        (("BASIC",), {"paramsBasic": {"userName": "user"}}, "password"),
        (("OAUTH2_CLIENT_CREDENTIALS",), {"paramsOauth2ClientCredentials": {}}, "tokenEndpoint"),
    ],
)
def test_no_way_that_can_be_gone_is_422(
    http: httpx.Client, subscribers: Subscribers, kinds: tuple[str, ...], changes: Any, named: str
) -> None:
    offer = authentication(subscribers, *kinds, **changes)
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/one", authentication=offer)
    assert made.status_code == 422
    assert named in made.json()["detail"]
    assert subscribers.log == []


def test_the_authentication_is_never_told_and_forgotten_with_the_subscription(
    http: httpx.Client, api: Api, subscribers: Subscribers
) -> None:
    offer = authentication(subscribers, "BASIC")
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/secret", authentication=offer)
    name = secret_name(made.json()["id"])
    kept = api.deps.secrets.get("a", name)
    assert kept
    assert kept["password"] == SECRET
    here = made.headers["Location"]
    seen = [made, http.get(here), http.get("/vnflcm/v2/subscriptions"), http.get("/gateway/v1/deliveries")]
    assert SECRET not in "".join(answer.text for answer in seen)
    http.delete(here)
    assert api.deps.secrets.get("a", name) is None


def test_a_failed_test_tells_no_secret(http: httpx.Client, subscribers: Subscribers) -> None:
    subscribers.wants["one"] = "Basic something else"
    offer = authentication(subscribers, "BASIC")
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/one", authentication=offer)
    assert made.status_code == 422
    assert SECRET not in made.text
    assert "dXNlcjpjYW5hcnktNGYxZQ" not in made.text


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def give_up(api: Api, subscription_id: str, seqs: range) -> None:
    """Notifications of a subscription that were tried in vain."""
    found = api.deps.subscriptions.get("a", subscription_id)
    assert found is not None
    facts = {"operation": "HEAL", "state": "STARTING", "automatic": False}
    events = [Event(Kind.OCCURRENCE, "op1", seq, NOW, "i1", facts=facts) for seq in seqs]
    api.deps.notifications.queue([(found, events)])
    hold = api.deps.notifications.claim(subscription_id, "test", 60)
    while hold:
        hold = api.deps.notifications.park(hold, "the subscriber answered 500", 60)


def test_parked_notifications_raise_an_alarm_until_they_are_replayed(
    http: httpx.Client, api: Api, subscribers: Subscribers
) -> None:
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/dead").json()["id"]
    give_up(api, made, range(3))
    parked = [
        one
        for one in http.get("/gateway/v1/parked_notifications").json()
        if one.get("subscriptionId") == made
    ]
    assert [one["error"] for one in parked] == ["the subscriber answered 500"] * 3
    [alarm] = [one for one in http.get("/gateway/v1/alarms").json() if one.get("subscriptionId") == made]
    assert alarm["kind"] == "NOTIFICATIONS_PARKED"
    delivery = http.get(f"/gateway/v1/deliveries/{made}").json()
    assert (delivery["waiting"], delivery["parked"]) == (0, 3)
    replayed = http.post(f"/gateway/v1/parked_notifications/{parked[1]['id']}/replay")
    assert (replayed.status_code, replayed.content) == (202, b"")
    assert http.post(f"/gateway/v1/parked_notifications/{parked[1]['id']}/replay").status_code == 404
    delivery = http.get(f"/gateway/v1/deliveries/{made}").json()
    assert (delivery["waiting"], delivery["parked"]) == (1, 2)
    assert http.post(f"/gateway/v1/deliveries/{made}/replay").status_code == 202
    assert [one for one in http.get("/gateway/v1/alarms").json() if one.get("subscriptionId") == made] == []
    assert http.get(f"/gateway/v1/deliveries/{made}").json()["waiting"] == 3


def test_operators_look_after_all_subscriptions_of_their_tenant_others_after_their_own(
    http: httpx.Client, api: Api, subscribers: Subscribers
) -> None:
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/watched").json()["id"]
    give_up(api, made, range(1))
    for client_id, sees in (("operator", True), ("second", False), ("other", False)):
        with api.client(client_id) as who:
            for path in ("deliveries", "parked_notifications", "alarms"):
                seen = [one.get("subscriptionId") for one in who.get(f"/gateway/v1/{path}").json()]
                assert (made in seen) is sees, (client_id, path)
            status = who.post(f"/gateway/v1/deliveries/{made}/replay").status_code
            assert status == (202 if sees else 404)


def test_what_nobody_can_be_told_of_raises_an_alarm_for_operators(http: httpx.Client, api: Api) -> None:
    made = http.post("/vnflcm/v2/vnf_instances", json={"vnfdId": "any"}).json()["id"]
    _, instances = api.deps.outboxes
    instances.set_aside(made, "it cannot be read: KeyError: 'kind'")
    for client_id, sees in (("operator", True), ("second", False), ("other", False)):
        with api.client(client_id) as who:
            seen = [one for one in who.get("/gateway/v1/alarms").json() if one.get("vnfInstanceId") == made]
            assert bool(seen) is sees, client_id
            if sees:
                assert seen[0]["kind"] == "EVENTS_SET_ASIDE"
                assert "KeyError: 'kind'" in seen[0]["text"]
    instances.mark_told([Untold(made, "a", 1, [])])
    with api.client("operator") as who:
        assert made not in who.get("/gateway/v1/alarms").text


def test_time_stamp_can_be_left_out(http: httpx.Client, api: Api, subscribers: Subscribers) -> None:
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/timeless").json()["id"]
    changed = http.patch(f"/gateway/v1/deliveries/{made}", json={"omitTimeStamp": True})
    assert changed.status_code == 200
    assert changed.json()["omitTimeStamp"] is True
    found = api.deps.subscriptions.get("a", made)
    assert found
    assert found.omit_time_stamp


def test_a_delivery_is_changed_as_it_is_known(http: httpx.Client, api: Api, subscribers: Subscribers) -> None:
    """A tag is good until how the deliveries stand is another."""
    made = subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/known").json()["id"]
    url = f"/gateway/v1/deliveries/{made}"
    before = http.get(url).headers["ETag"]
    for known, wish, status in (
        ('"stale"', True, 412),
        (f"W/{before}", True, 412),
        (f'"stale", {before}', True, 200),
        (before, False, 412),
        ("*", True, 200),
    ):
        answer = http.patch(url, json={"omitTimeStamp": wish}, headers={"If-Match": known})
        assert answer.status_code == status, known
        assert http.get(url).json()["omitTimeStamp"] is (status == 200 or known == before)
    assert answer.headers["ETag"] == http.get(url).headers["ETag"] != before
    mine, faster = {"omit_time_stamp": True}, {"omit_time_stamp": False}
    assert not api.deps.subscriptions.change("a", made, mine, faster)


def test_the_list_is_filtered_and_paged(start_api: Any, subscribers: Subscribers) -> None:
    api: Api = start_api(page_size=2)
    with api.client() as http:
        made = [
            subscribe(http, "/vnflcm/v2", f"{subscribers.url}/n/{name}", verbosity=verbosity).json()
            for name, verbosity in (("a", "FULL"), ("b", "SHORT"), ("c", "SHORT"))
        ]
        first = http.get("/vnflcm/v2/subscriptions")
        address = first.headers["Link"].partition(">")[0][1:]
        listed = [*first.json(), *http.get(address).json()]
        assert listed == sorted(made, key=lambda one: str(one["id"]))
        short = http.get("/vnflcm/v2/subscriptions", params={"filter": "(eq,verbosity,SHORT)"})
        assert sorted(one["callbackUri"][-1] for one in short.json()) == ["b", "c"]
        uri = f"(eq,callbackUri,'{subscribers.url}/n/a')"
        assert http.get("/vnflcm/v2/subscriptions", params={"filter": uri}).json() == [made[0]]
        own = f"(eq,_links/self/href,'{made[1]['_links']['self']['href']}')"
        assert http.get("/vnflcm/v2/subscriptions", params={"filter": own}).json() == [made[1]]
        refused = http.get("/vnflcm/v2/subscriptions", params={"filter": "(bad,verbosity,SHORT)"})
        assert refused.status_code == 400
