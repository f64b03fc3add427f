"""What cannot be told is set aside with its cause, and holds up nothing else."""

from __future__ import annotations

import pytest

from tests.integration.notify.scene import LIFE, TENANT, Scene
from vnfm.domain.authentication import AuthType, Way
from vnfm.domain.event import SetAside
from vnfm.store.client import Db
from vnfm.store.outbox import Outbox, instance_outbox, operation_outbox

SET_ASIDE = "events set aside, which cannot be told"


def aside(box: Outbox) -> dict[str, SetAside]:
    return {one.source: one for one in box.aside(TENANT)}


def test_a_document_that_cannot_be_read_holds_up_no_other_and_is_told_once_it_can(
    scene: Scene, db: Db, caplog: pytest.LogCaptureFixture
) -> None:
    scene.subscribe("one")
    broken, sound = scene.begin(), scene.begin()
    db["operations"].update_one({"_id": broken.id}, {"$rename": {"type": "kind"}})
    instance = {"_id": "i", "former_tenant": TENANT, "outbox": [{"kind": "unheard of"}], "untold": True}
    db["vnf_instances"].insert_one(instance)
    box = operation_outbox(db)
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("one", sound) == ["STARTING"])
        scene.subscribers.wait(lambda: set(aside(box)) == {broken.id})
        scene.subscribers.wait(lambda: set(aside(instance_outbox(db))) == {"i"})
        first = aside(box)[broken.id]
        assert "'type'" in first.problem
        assert box.aside("other") == []
        # What it gets to tell later waits behind what cannot be told.
        scene.move(broken, "PROCESSING")
        scene.subscribers.wait(lambda: caplog.text.count(SET_ASIDE) == 3)
        another = scene.live()
        scene.subscribers.wait(lambda: scene.states("one", another) == list(LIFE))
        assert aside(box)[broken.id].since == first.since
    assert scene.states("one", broken) == []
    assert caplog.text.count(SET_ASIDE) == 3, "it was read again and again"
    db["operations"].update_one({"_id": broken.id}, {"$rename": {"kind": "type"}})
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("one", broken) == ["STARTING", "PROCESSING"])
        scene.subscribers.wait(lambda: not aside(box))


def test_a_stream_that_the_database_does_not_take_holds_up_no_other(scene: Scene, db: Db) -> None:
    subscription = scene.subscribe("one")
    full, sound = scene.begin(error={"detail": "x" * 1024 * 1024}), scene.begin()
    scene.move(full, "FAILED_TEMP")
    # Almost as large as a document may be.
    stream = {
        "_id": f"{subscription.id}/{full.id}",
        "queue": [],
        "ballast": "x" * (16 * 1024 * 1024 - 100_000),
    }
    db["notifications"].insert_one(stream)
    box = operation_outbox(db)
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("one", sound) == ["STARTING"])
        scene.subscribers.wait(lambda: set(aside(box)) == {full.id})
    assert "the database refused" in aside(box)[full.id].problem


def test_what_cannot_be_spelled_is_parked_at_once_and_what_follows_is_told(scene: Scene, db: Db) -> None:
    subscription = scene.subscribe("one")
    operation = scene.live()
    db["operations"].update_one({"_id": operation.id}, {"$set": {"outbox.1.news": {"resource_changes": 5}}})
    with scene.relay():
        scene.subscribers.wait(lambda: scene.states("one", operation) == ["STARTING", "COMPLETED"])
        [parked] = scene.notifications.parked(TENANT, [subscription.id])
    assert parked.event.facts["state"] == "PROCESSING"
    assert "cannot be spelled: TypeError" in parked.problem


def test_a_subscription_that_cannot_be_read_keeps_nothing_from_others(scene: Scene, db: Db) -> None:
    broken = scene.subscribe("broken")
    scene.subscribe("sound")
    db["subscriptions"].update_one({"_id": broken.id}, {"$set": {"verbosity": "LOUD"}})
    with scene.relay():
        operation = scene.live()
        scene.subscribers.wait(lambda: scene.states("sound", operation) == list(LIFE))
    assert aside(operation_outbox(db)) == {}


def test_a_subscription_without_its_secret_is_tried_by_the_schedule(scene: Scene, db: Db) -> None:
    broken = scene.subscribe("broken", Way(AuthType.BASIC, {"userName": "user"}))
    scene.begin()
    with scene.relay():
        scene.subscribers.wait(lambda: bool(scene.notifications.parked(TENANT, [broken.id])))
    [parked] = scene.notifications.parked(TENANT, [broken.id])
    assert (parked.attempts, parked.problem) == (3, "it cannot be sent: KeyError")
