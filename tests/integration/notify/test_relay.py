"""The relay against endpoints of every manner: all is told, in order, and nobody waits for anybody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.domain import make_instance
from tests.fakes.subscriber import Subscribers
from tests.fakes.villain import SILENT, villain
from tests.integration.notify.scene import LIFE, TENANT, Scene
from tests.unit.wire.makeup import faults
from vnfm.domain.authentication import AuthType, Way
from vnfm.domain.event import Kind
from vnfm.domain.operation import OperationType
from vnfm.domain.subscription import Verbosity
from vnfm.store.client import Db
from vnfm.store.instances import Instances
from vnfm.wire.dialect import DIALECTS

OAUTH = {"clientId": "vnfm", "clientPassword": "token secret", "tokenEndpoint": ""}


def test_every_state_is_told_in_order_with_the_same_id_for_all(scene: Scene) -> None:
    scene.subscribe("one")
    scene.subscribe("two")
    with scene.relay():
        operation = scene.live()
        scene.subscribers.wait(lambda: len(scene.states("one", operation)) == 3)
        scene.subscribers.wait(lambda: len(scene.states("two", operation)) == 3)
    assert scene.states("one", operation) == list(LIFE)
    told = scene.subscribers.taken("one")
    assert [body["notificationStatus"] for body in told] == ["START", "RESULT", "RESULT"]
    assert [body["id"] for body in told] == [body["id"] for body in scene.subscribers.taken("two")]
    assert len({body["id"] for body in told}) == 3
    assert {one.headers["version"] for one in scene.subscribers.log} == {"2.1.0"}
    assert told[0]["_links"] == {
        "vnfInstance": {"href": f"http://vnfm.example/vnflcm/v2/vnf_instances/{operation.vnf_instance_id}"},
        "subscription": {"href": "http://vnfm.example/vnflcm/v2/subscriptions/s-one"},
        "vnfLcmOpOcc": {"href": f"http://vnfm.example/vnflcm/v2/vnf_lcm_op_occs/{operation.id}"},
    }


def test_what_happens_while_no_relay_runs_is_told_later_in_order(scene: Scene) -> None:
    scene.subscribe("one")
    operation = scene.live()
    with scene.relay():
        scene.subscribers.wait(lambda: len(scene.states("one", operation)) == 3)
    assert scene.states("one", operation) == list(LIFE)


def test_only_what_passes_the_filter(scene: Scene) -> None:
    scene.subscribe("ends", filter={"operationStates": ["COMPLETED"]})
    scene.subscribe("heals", filter={"operationTypes": ["HEAL"]})
    scene.subscribe("all")
    with scene.relay():
        operation = scene.live()
        scene.subscribers.wait(lambda: len(scene.states("all", operation)) == 3)
        scene.subscribers.wait(lambda: scene.states("ends", operation) == ["COMPLETED"])
    assert scene.subscribers.taken("heals") == []


def test_verbosity_and_time_stamp(scene: Scene) -> None:
    changes = {"affectedVnfcs": [{"id": "c", "vduId": "v", "changeType": "ADDED"}]}
    scene.subscribe("full")
    scene.subscribe("short", verbosity="SHORT")
    scene.subscribe("timeless", omit_time_stamp=True)
    operation = scene.begin()
    scene.move(operation, "PROCESSING", resource_changes=changes)
    with scene.relay():
        for name in ("full", "short", "timeless"):
            scene.subscribers.wait(lambda name=name: len(scene.states(name, operation)) == 2)
    full, short, timeless = (scene.subscribers.taken(name) for name in ("full", "short", "timeless"))
    assert "affectedVnfcs" not in full[0]
    assert full[1]["affectedVnfcs"] == changes["affectedVnfcs"]
    assert "affectedVnfcs" not in short[1]
    assert "timeStamp" in full[0]
    assert "timeStamp" not in timeless[0]


def test_version_1_is_told_in_its_own_words_and_not_what_it_has_no_name_for(scene: Scene) -> None:
    scene.subscribe("old", api="vnflcm/v1")
    scene.subscribe("new")
    known = scene.begin()
    unknown = scene.begin(OperationType.CHANGE_VNFPKG)
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("new", unknown) == ["STARTING"])
        scene.subscribers.wait(lambda: scene.states("old", known) == ["STARTING"])
    [told] = scene.subscribers.taken("old")
    assert "verbosity" not in told
    assert (
        told["_links"]["vnfLcmOpOcc"]["href"] == f"http://vnfm.example/vnflcm/v1/vnf_lcm_op_occs/{known.id}"
    )
    versions = {one.headers["version"] for one in scene.subscribers.log if one.who == "old"}
    assert versions == {"1.3.0"}


@pytest.mark.parametrize("verbosity", list(Verbosity))
def test_all_kinds_are_told_in_every_dialect_as_its_specification_says(
    scene: Scene, db: Db, verbosity: Verbosity
) -> None:
    for path in DIALECTS:
        scene.subscribe(path.replace("/", "-"), api=path, verbosity=verbosity)
    instances = Instances(db)
    instance = make_instance(tenant=TENANT, created=datetime.now(UTC))
    instances.insert(TENANT, instance)
    operation = scene.begin(vnf_instance_id=instance.id)
    vnfc = {
        "id": "c",
        "vduId": "v",
        "changeType": "ADDED",
        "computeResource": {"vimConnectionId": "x", "resourceId": "r"},
    }
    scene.move(
        operation,
        "FAILED_TEMP",
        error={"status": 500, "detail": "x"},
        resource_changes={"affectedVnfcs": [vnfc]},
    )
    assert instances.delete(TENANT, instance, datetime.now(UTC))
    with scene.relay():
        scene.subscribers.wait(lambda: len(scene.subscribers.log) == 4 * len(DIALECTS))
    for path in DIALECTS:
        interface, _, version = path.rpartition("vnflcm/")
        file = f"{'sol002' if interface else 'sol003'}-vnflcm-{version}.yaml"
        told = scene.subscribers.taken(path.replace("/", "-"))
        kinds = [body["notificationType"] for body in told]
        assert sorted(kinds) == sorted([Kind.CREATION, Kind.DELETION, Kind.OCCURRENCE, Kind.OCCURRENCE])
        assert kinds.index(Kind.CREATION) < kinds.index(Kind.DELETION)
        for body in told:
            is_occurrence = body["notificationType"] == Kind.OCCURRENCE
            assert faults(file if is_occurrence else "common.yaml", body["notificationType"], body) == []
            assert (
                body["_links"]["vnfInstance"]["href"]
                == f"http://vnfm.example/{path}/vnf_instances/{instance.id}"
            )
        last = next(body for body in told if body.get("operationState") == "FAILED_TEMP")
        assert ("affectedVnfcs" in last) is (verbosity is Verbosity.FULL)
        assert last.get("verbosity") == (None if version == "v1" else verbosity)
        assert last["error"]["detail"] == "x"


@pytest.mark.parametrize(
    "manner",
    [
        lambda method, body: (500, 0.0),
        lambda method, body: (404, 0.0),
        lambda method, body: (302, 0.0),
        lambda method, body: (204, 1.5),
    ],
    ids=["500", "404", "redirect", "slow"],
)
def test_a_bad_subscriber_is_tried_by_the_schedule_then_parked_and_replayed(
    make_scene: Callable[..., Scene], manner: Callable[[str, Any], tuple[int, float]]
) -> None:
    scene = make_scene(relay_rest=0.05)
    scene.subscribers.manners["bad"] = manner
    bad = scene.subscribe("bad")
    operation = scene.begin()
    scene.move(operation, "PROCESSING")
    with scene.relay():
        scene.subscribers.wait(lambda: len(scene.notifications.parked(TENANT, [bad.id])) == 2)
        parked = scene.notifications.parked(TENANT, [bad.id])
        assert [one.attempts for one in parked] == [3, 3]
        assert [one.event.facts["state"] for one in parked] == ["STARTING", "PROCESSING"]
        tries = [one.body["operationState"] for one in scene.subscribers.log if one.who == "bad"]
        assert tries == ["STARTING"] * 3 + ["PROCESSING"] * 3
        assert not [one for one in scene.subscribers.log if one.who == "good"], "a redirect was followed"
        del scene.subscribers.manners["bad"]
        before = len(scene.subscribers.log)
        assert scene.notifications.replay(TENANT, bad.id) == 2
        scene.subscribers.wait(lambda: len(scene.subscribers.log) - before == 2)
        scene.subscribers.wait(lambda: scene.notifications.backlogs(TENANT, [bad.id]) == {})
    again = scene.subscribers.log[before:]
    assert [one.body["operationState"] for one in again] == ["STARTING", "PROCESSING"]
    assert {one.body["id"] for one in again} == {one.event.id for one in parked}


@pytest.mark.parametrize(
    ("seconds", "of_token"), [(5.0, False), (1.5, False), (5.0, True)], ids=["never", "late", "no token"]
)
def test_those_who_do_not_answer_or_late_delay_nobody_else(
    make_scene: Callable[..., Scene], seconds: float, of_token: bool
) -> None:
    scene = make_scene(relay_threads=4, callback_timeout=2.0)
    with ExitStack() as stack:
        for number in range(6):
            name, way = f"slow{number}", None
            scene.subscribers.manners[name] = lambda method, body: (204, seconds)
            if of_token:
                url = stack.enter_context(villain(SILENT["is deaf"]))
                way = Way(AuthType.OAUTH2, {**OAUTH, "tokenEndpoint": url})
            scene.subscribe(name, way)
        scene.subscribe("quick")
        stack.enter_context(scene.relay())
        for _ in range(5):
            scene.live()
        scene.subscribers.wait(lambda: bool(len(scene.subscribers.taken("quick")) >= 15))
        # The slow ones are known now: half of the threads are theirs, and no more.
        operation = scene.begin()
        began = time.time()
        scene.subscribers.wait(lambda: scene.states("quick", operation) == ["STARTING"], 10)
        assert time.time() - began < 1.0


def test_a_refused_one_holds_up_its_own_operation_only(scene: Scene) -> None:
    refused: set[str] = set()
    scene.subscribers.manners["picky"] = lambda method, body: (
        500 if body["vnfLcmOpOccId"] in refused else 204,
        0.0,
    )
    scene.subscribe("picky")
    first, second = scene.begin(), scene.begin()
    refused.add(first.id)
    scene.move(first, "PROCESSING")
    scene.move(second, "PROCESSING")
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("picky", second) == ["STARTING", "PROCESSING"])
        refused.clear()
        scene.subscribers.wait(lambda: len(scene.states("picky", first)) == 2)
    assert scene.states("picky", first) == ["STARTING", "PROCESSING"]


def test_two_relays_tell_everything_once(scene: Scene) -> None:
    scene.subscribe("one")
    with scene.relay(), scene.relay():
        operations = [scene.live() for _ in range(20)]
        scene.subscribers.wait(lambda: len(scene.subscribers.taken("one")) >= 60)
        time.sleep(0.3)
    for operation in operations:
        assert scene.states("one", operation) == list(LIFE)


def test_after_unsubscribing_nothing_more_is_told(scene: Scene) -> None:
    scene.subscribers.manners["gone"] = lambda method, body: (500, 0.0)
    gone = scene.subscribe("gone")
    scene.subscribe("stays")
    with scene.relay():
        scene.begin()
        scene.subscribers.wait(lambda: any(one.who == "gone" for one in scene.subscribers.log))
        scene.subscriptions.delete(TENANT, gone.id)
        scene.subscribers.wait(lambda: scene.notifications.backlogs(TENANT, [gone.id]) == {})
        before = len([one for one in scene.subscribers.log if one.who == "gone"])
        operation = scene.live()
        scene.subscribers.wait(lambda: len(scene.states("stays", operation)) == 3)
    assert len([one for one in scene.subscribers.log if one.who == "gone"]) == before


def oauth(subscribers: Subscribers) -> Way:
    return Way(AuthType.OAUTH2, {**OAUTH, "tokenEndpoint": f"{subscribers.url}/token/t"})


def test_basic(scene: Scene) -> None:
    scene.subscribers.wants["basic"] = "Basic dXNlcjpwYXNz"
    scene.subscribe("basic", Way(AuthType.BASIC, {"userName": "user", "password": "pass"}))
    with scene.relay():
        operation = scene.live()
        scene.subscribers.wait(lambda: scene.states("basic", operation) == list(LIFE))


def test_one_token_serves_many_and_a_refused_one_is_renewed(scene: Scene) -> None:
    scene.subscribers.wants["oauth"] = "Bearer"
    scene.subscribe("oauth", oauth(scene.subscribers))
    with scene.relay():
        operation = scene.live()
        scene.subscribers.wait(lambda: scene.states("oauth", operation) == list(LIFE))
        assert scene.subscribers.tokens["t"] == 1
        scene.subscribers.good_tokens.clear()
        operation = scene.live()
        scene.subscribers.wait(lambda: scene.states("oauth", operation) == list(LIFE))
    assert scene.subscribers.tokens["t"] == 2


def test_no_secret_in_log_or_database(scene: Scene, caplog: pytest.LogCaptureFixture, db: Any) -> None:
    # Refused: the endpoint repeats what it was given.
    scene.subscribers.wants["refuses"] = "Basic something else"
    canary = "canary-7f1c"
    refused = scene.subscribe("refuses", Way(AuthType.BASIC, {"userName": "user", "password": canary}))
    way = oauth(scene.subscribers)
    scene.subscribe("untrusted", Way(way.kind, {**way.params, "clientPassword": canary}))
    with caplog.at_level("DEBUG"), scene.relay():
        scene.begin()
        scene.subscribers.wait(lambda: bool(scene.notifications.parked(TENANT, [refused.id])))
    header = "dXNlcjpjYW5hcnktN2YxYw"
    stored = "".join(str(list(db[name].find())) for name in db.list_collection_names() if name != "secrets")
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    for place in (stored, logged):
        assert "refuses" in place or refused.id in place
        assert canary not in place
        assert header not in place


def test_an_address_that_may_not_be_called_is_not_called(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(allow_loopback=False)
    bad = scene.subscribe("one")
    scene.begin()
    with scene.relay():
        scene.subscribers.wait(lambda: bool(scene.notifications.backlogs(TENANT, [bad.id])))
        scene.subscribers.wait(
            lambda: scene.notifications.backlogs(TENANT, [bad.id])[bad.id].problem is not None
        )
    backlog = scene.notifications.backlogs(TENANT, [bad.id])[bad.id]
    assert "loopback" in (backlog.problem or "")
    assert scene.subscribers.log == []
