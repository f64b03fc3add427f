"""Webhooks, as far as they were recorded: refused for a loopback address. None is ever delivered."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, malformed
from vnfm.sandbox.cloudstack.request import Call


async def create(call: Call) -> Json:
    host = urlsplit(call.given("payloadurl")).hostname
    if host is None or is_local(host):
        raise malformed("Illegal host specified in URL.")
    raise Refusal(530, "The sandbox delivers no webhooks", 9999)


def is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def list_none(call: Call) -> Json:
    return {}


async def delete(call: Call) -> Json:
    raise malformed(f"There is no webhook {call.given('id')}")


HANDLERS: Handlers = {
    "createWebhook": create,
    "listWebhooks": list_none,
    "deleteWebhook": delete,
    "listWebhookDeliveries": list_none,
}
