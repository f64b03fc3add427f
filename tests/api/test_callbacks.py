"""A receiver that calls back before it answers a notification, as orchestrators do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.api.conftest import Api
from tests.fakes.domain import make_operation
from tests.fakes.subscriber import receiving
from tests.integration.notify.scene import relaying
from vnfm.domain.event import Kind
from vnfm.domain.operation import OperationState, OperationType


def test_get_and_delete_before_the_answer(start_api: Any) -> None:
    api: Api = start_api(callback_timeout=20.0)
    seen: list[tuple[str, int]] = []
    with receiving() as subscribers, api.client() as http, api.client() as back:

        def call_back(body: Any) -> None:
            """All that is told is so already, and nothing is locked."""
            if (body["subscriptionId"], body.get("operationState")) != (leaver, "COMPLETED"):
                return
            links = {name: link["href"] for name, link in body["_links"].items()}
            operation = back.get(links["vnfLcmOpOcc"])
            seen.append((operation.json()["operationState"], operation.status_code))
            instance = back.get(links["vnfInstance"])
            seen.append((instance.json()["instantiationState"], instance.status_code))
            seen.append(("deleted", back.delete(links["vnfInstance"]).status_code))
            seen.append(("gone", back.get(links["vnfInstance"]).status_code))
            seen.append(("unsubscribed", back.delete(links["subscription"]).status_code))

        subscribers.before_answer = call_back
        uris = [{"callbackUri": f"{subscribers.url}/n/{name}"} for name in ("watcher", "leaver")]
        leaver = [http.post("/vnflcm/v2/subscriptions", json=uri).json()["id"] for uri in uris][1]
        with relaying(api.deps.settings):
            made = http.post("/vnflcm/v2/vnf_instances", json={"vnfdId": "any"}).json()["id"]
            operation = make_operation(
                id="o", tenant="a", vnf_instance_id=made, type=OperationType.TERMINATE, params={}
            )
            api.deps.operations.accept("a", operation)
            ended = replace(operation, state=OperationState.COMPLETED, state_entered_time=datetime.now(UTC))
            assert api.deps.operations.resume("a", ended, OperationState.PROCESSING)
            subscribers.wait(
                lambda: any(
                    body["notificationType"] == Kind.DELETION for body in subscribers.taken("watcher")
                )
            )
            subscribers.wait(lambda: len(seen) == 5)
    assert seen == [
        ("COMPLETED", 200),
        ("NOT_INSTANTIATED", 200),
        ("deleted", 204),
        ("gone", 404),
        ("unsubscribed", 204),
    ]
