"""The handlers of ``gateway-v1.yaml``: the step journal, deliveries of notifications, and health."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm import wire
from vnfm.api import subscriptions
from vnfm.api.call import Answer, Call, Gateway, Handler, json_answer
from vnfm.services import health, operations


def list_steps(gateway: Gateway, call: Call) -> Answer:
    """GET /operations/{operationId}/steps"""
    operation = operations.get(gateway.deps, call.caller, call.params["operationId"])
    return json_answer(200, wire.journal.steps(operation))


def get_health(gateway: Gateway, call: Call) -> Answer:
    """GET /health"""
    if health.database_answers(gateway.deps):
        return json_answer(200, {"status": "UP", "database": "UP"})
    return json_answer(503, {"status": "DOWN", "database": "DOWN"}, ("Retry-After", "5"))


#: operationId → handler.
HANDLERS: Mapping[str, Handler] = {
    "listSteps": list_steps,
    "getHealth": get_health,
    **subscriptions.HANDLERS,
}
