"""Subscriptions of VNF LCM (SOL003 and SOL002, clauses 5.4.18, 5.4.19), and our own API about deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vnfm.api import lists
from vnfm.api.call import Answer, Call, Gateway, Handler, accepted, json_answer, no_content
from vnfm.services import subscriptions
from vnfm.wire import subscription as wire
from vnfm.wire.dialect import Dialect


def create(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """POST /subscriptions"""
    found, is_new = subscriptions.create(gateway.deps, call.caller, dialect.path, call.body)
    location = dialect.links(gateway.base_url).subscription(found.id)
    if not is_new:
        return Answer(303, headers=((b"location", location.encode()),))
    return json_answer(201, wire.complete(found, gateway.base_url), ("Location", location))


def get(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /subscriptions/{subscriptionId}"""
    found = subscriptions.get(gateway.deps, call.caller, dialect.path, call.params["subscriptionId"])
    return json_answer(200, wire.complete(found, gateway.base_url))


def delete(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """DELETE /subscriptions/{subscriptionId}"""
    subscriptions.delete(gateway.deps, call.caller, dialect.path, call.params["subscriptionId"])
    return no_content()


#: operationId without the dialect's suffix → handler.
TELLING: Mapping[str, Callable[[Gateway, Call, Dialect], Answer]] = {
    "listSubscriptions": lists.answer,
    "createSubscription": create,
    "getSubscription": get,
    "deleteSubscription": delete,
}


def list_deliveries(gateway: Gateway, call: Call) -> Answer:
    """GET /deliveries"""
    found = subscriptions.deliveries(gateway.deps, call.caller)
    return json_answer(200, [wire.delivery(*one) for one in found])


def get_delivery(gateway: Gateway, call: Call) -> Answer:
    """GET /deliveries/{subscriptionId}"""
    found = subscriptions.delivery(gateway.deps, call.caller, call.params["subscriptionId"])
    return json_answer(200, wire.delivery(*found), ("ETag", f'"{subscriptions.version(*found)}"'))


def modify_delivery(gateway: Gateway, call: Call) -> Answer:
    """PATCH /deliveries/{subscriptionId}"""
    name = call.params["subscriptionId"]
    if_match = call.header(b"if-match")
    subscriptions.set_time_stamp(gateway.deps, call.caller, name, if_match, omit=call.body["omitTimeStamp"])
    return get_delivery(gateway, call)


def replay_delivery(gateway: Gateway, call: Call) -> Answer:
    """POST /deliveries/{subscriptionId}/replay"""
    subscriptions.replay(gateway.deps, call.caller, call.params["subscriptionId"])
    return accepted()


def list_parked(gateway: Gateway, call: Call) -> Answer:
    """GET /parked_notifications"""
    return json_answer(200, [wire.parked(one) for one in subscriptions.parked(gateway.deps, call.caller)])


def replay_parked(gateway: Gateway, call: Call) -> Answer:
    """POST /parked_notifications/{parkedNotificationId}/replay"""
    subscriptions.replay_one(gateway.deps, call.caller, call.params["parkedNotificationId"])
    return accepted()


def list_alarms(gateway: Gateway, call: Call) -> Answer:
    """GET /alarms"""
    parked = [wire.alarm(*one) for one in subscriptions.alarms(gateway.deps, call.caller)]
    aside = [wire.aside_alarm(one) for one in subscriptions.set_aside(gateway.deps, call.caller)]
    return json_answer(200, [*parked, *aside])


#: operationId of our own API → handler.
HANDLERS: Mapping[str, Handler] = {
    "listDeliveries": list_deliveries,
    "getDelivery": get_delivery,
    "modifyDelivery": modify_delivery,
    "replayDelivery": replay_delivery,
    "listParkedNotifications": list_parked,
    "replayParkedNotification": replay_parked,
    "listAlarms": list_alarms,
}
