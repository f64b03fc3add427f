"""Sends one recorded call to the emulator, signed as the recording was, or wrongly where the note says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from tests.replay.transcript import Element
from vnfm.sandbox.cloudstack.signature import sign

Params = dict[str, str]


def ahead(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def lasting(minutes: float) -> Callable[[Params], Params]:
    return lambda params: params | {"expires": ahead(minutes)}


def without(*names: str) -> Callable[[Params], Params]:
    return lambda params: {name: value for name, value in params.items() if name not in names}


def same(params: Params) -> Params:
    return params


# what the notes of wire 2-9, 40, 41 and guards 4-7 change before the call is signed …
BEFORE: dict[str, Callable[[Params], Params]] = {
    "unknown api key": lambda params: params | {"apikey": "no-such-key"},
    "expired: expires in the past, signature right": lasting(-5),
    "expires not a date": lambda params: params | {"expires": "soon"},
    "expires in the past without signatureversion: ignored": lambda p: without("signatureversion")(
        lasting(-5)(p)
    ),
    "signatureversion 3 without expires": without("expires"),
    "expires 14 minutes ahead": lasting(14),
    "expires 20 minutes ahead": lasting(20),
    "expires 1 minute ago": lasting(-1),
    "no signatureversion, no expires": without("signatureversion", "expires"),
    "response=xml": lambda params: params | {"response": "xml"},
    "error as xml": lambda params: params | {"response": "xml"},
}
# … and after
AFTER: dict[str, Callable[[Params], Params]] = {
    "wrong signature": lambda params: params | {"signature": "AAAA" + params["signature"][4:]},
    "no signature": without("signature"),
    "no api key, no signature, no session": without("signature", "apikey"),
}


def send(client: httpx.Client, url: str, element: Element, params: Params) -> httpx.Response:
    who = element.who
    full = {
        **params,
        "apikey": f"sandbox-{who}-key",
        "response": "json",
        "signatureversion": "3",
        "expires": ahead(10),
    }
    full = BEFORE.get(element.note, same)(full)
    full["signature"] = sign(full, f"sandbox-{who}-secret")
    full = AFTER.get(element.note, same)(full)
    if element.method == "GET":
        return client.get(url, params=full)
    return client.post(url, data=full)
