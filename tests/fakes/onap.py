"""ONAP SO's VNFM adapter as client and server: what it sends, what it needs, what it chokes on.

Strict where the real one is: it binds JSON to the 2.4.1 model, compares self links byte for byte, goes
through lists without asking whether they are there, asks back before it answers a notification, and
deletes the VNF the moment it hears that it is terminated. The real one answers 500 where something is
raised here.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import uvicorn

from tests.fakes.server import listening
from tests.unit.wire.makeup import faults

BASE = "/so/vnfm-adapter/v1"
USER, PASSWORD = "vnfm", "a password that ONAP gave us"
Reply = tuple[int, Any]


class Unfit(Exception):
    """What ONAP throws an exception at."""


def need(holds: bool, what: str) -> None:
    """``Unfit`` unless it holds."""
    if not holds:
        raise Unfit(what)


def bind(type_name: str, document: Mapping[str, Any]) -> None:
    """``Unfit`` unless it has the shape that the model of version 1 has for the type."""
    found = faults("sol003-vnflcm-v1.yaml", type_name, document)
    need(not found, f"Gson: {type_name} {found}")


@dataclass
class Vnf:
    """What A&AI knows of a generic-vnf."""

    selflink: str
    status: str = "Assigned"
    vservers: dict[str, str] = field(default_factory=dict)
    tenant: str = ""
    deletion: int = 0


@dataclass
class Onap:
    """The adapter. ``packages``: package id → (vnfdId, CSAR). ``connection``: the VIM as A&AI knows it."""

    packages: Mapping[str, tuple[str, bytes]]
    connection: Mapping[str, Any]
    url: str = ""
    vnfs: dict[str, Vnf] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    grants: list[Mapping[str, Any]] = field(default_factory=list)
    notifications: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    #: Set before it serves: how it calls the VNFM.
    call: Callable[..., httpx.Response] = httpx.request

    # What it serves.

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI entry."""
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        status, body = await asyncio.to_thread(self._serve, scope["method"], scope["path"], headers, raw)
        self.asked.append((scope["method"], scope["path"], status))
        kind = b"application/zip" if isinstance(body, bytes) else b"application/json"
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": content})

    def _serve(self, method: str, path: str, headers: Mapping[str, str], raw: bytes) -> Reply:
        place = path.removeprefix(BASE)
        try:
            if place == "/oauth/token":
                return self._token(headers, raw)
            if not self._may(place, headers):
                return 401, {"detail": "Unauthorized"}
            if place.startswith("/vnfpkgm/v1/"):
                return self._package(method, place.removeprefix("/vnfpkgm/v1"), headers)
            if method != "POST":
                return (501, None) if place.startswith("/grants/") else (405, None)
            need(headers.get("content-type", "").startswith("application/json"), "415")
            served = {"/grants": self._grant, "/lcn/VnfLcmOperationOccurrenceNotification": self._notice}
            return served[place](json.loads(raw))
        except Unfit as exc:
            self.complaints.append(f"{method} {path}: {exc}")
            return 500, {"detail": str(exc)}

    def _may(self, place: str, headers: Mapping[str, str]) -> bool:
        """Basic opens everything, a token only grants and notifications."""
        scheme, _, word = headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            return base64.b64decode(word).decode() == f"{USER}:{PASSWORD}"
        return word in self.tokens and ("/grants" in place or "/lcn/" in place)

    def _token(self, headers: Mapping[str, str], raw: bytes) -> Reply:
        word = headers.get("authorization", "").partition(" ")[2]
        name, _, secret = base64.b64decode(word).decode().partition(":")
        if (name, secret.replace("%20", " ")) != (USER, PASSWORD):
            return 401, {"error": "unauthorized"}
        if parse_qs(raw.decode()).get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        token = secrets.token_hex(8)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": 86400, "scope": ["write"]}

    def _package(self, method: str, place: str, headers: Mapping[str, str]) -> Reply:
        need(method == "GET", "only GET")
        if "content-type" not in headers:
            return 415, None
        _, noun, *rest = place.split("/")
        if noun != "vnf_packages":
            return 404, None
        if not rest:
            return 200, [self._info(name) for name in self.packages]
        found = self.packages.get(rest[0])
        if found is None or rest[1:] not in ([], ["package_content"]):
            return 404, {"detail": "no such package"}
        return 200, (found[1] if rest[1:] else self._info(rest[0]))

    def _info(self, name: str) -> dict[str, Any]:
        states = {"onboardingState": "ONBOARDED", "operationalState": "ENABLED"}
        return {"id": name, "vnfdId": self.packages[name][0], **states}

    def _grant(self, request: Mapping[str, Any]) -> Reply:
        """201 at once, without Location, _links, zones, vimAssets or extVirtualLinks."""
        vnf = self.vnfs.get(request["_links"]["vnfInstance"]["href"])
        need(vnf is not None, f"A&AI knows no selflink {request['_links']['vnfInstance']['href']}")
        self.grants.append(request)
        name = {"INSTANTIATE": "addResources", "TERMINATE": "removeResources"}.get(request["operation"])
        answer = {
            "id": f"grant-{len(self.grants)}",
            "vnfInstanceId": request["vnfInstanceId"],
            "vnfLcmOpOccId": request["vnfLcmOpOccId"],
            "vimConnections": [dict(self.connection)],
        }
        if name is not None:
            need(name in request, f"NullPointerException: {name}")
            answer[name] = [
                {"resourceDefinitionId": one["id"], "vimConnectionId": self.connection["id"]}
                for one in request[name]
            ]
        return 201, answer

    def _notice(self, body: Mapping[str, Any]) -> Reply:
        """Looks at the VNF before it answers."""
        need("timeStamp" not in body, "Gson: no adapter for OffsetDateTime")
        bind(body["notificationType"], {**body, "timeStamp": "2026-01-02T03:04:05Z"})
        self.notifications.append(body)
        selflink = body["_links"]["vnfInstance"]["href"]
        state = (body["operation"], body["operationState"])
        if state == ("INSTANTIATE", "COMPLETED"):
            self._on_instantiated(self._known(selflink), body, self._read(selflink))
        elif body["operation"] == "TERMINATE" and body["operationState"] in {
            "COMPLETED",
            "FAILED",
            "ROLLED_BACK",
        }:
            self._read(selflink)
            if body["operationState"] == "COMPLETED":
                self._on_terminated(self._known(selflink), body)
        return 204, None

    def _known(self, selflink: str) -> Vnf:
        need(selflink in self.vnfs, f"A&AI knows no selflink {selflink}")
        return self.vnfs[selflink]

    def _read(self, selflink: str) -> Mapping[str, Any]:
        answer = self.call("GET", selflink)
        need(answer.status_code == 200, f"GET {selflink}: {answer.status_code}")
        found: Mapping[str, Any] = answer.json()
        bind("VnfInstance", found)
        return found

    def _on_instantiated(self, vnf: Vnf, body: Mapping[str, Any], instance: Mapping[str, Any]) -> None:
        connections = {one["id"]: one for one in instance["vimConnectionInfo"]}
        need("affectedVnfcs" in body, "NullPointerException: affectedVnfcs")
        for vnfc in body["affectedVnfcs"]:
            if vnfc["changeType"] == "ADDED":
                handle = vnfc["computeResource"]
                connection = connections[handle["vimConnectionId"]]
                owner, _, region = connection["vimId"].partition("_")
                need(bool(owner and region), "vimId has no owner and region")
                vnf.tenant = connection["accessInfo"]["projectId"]
                vnf.vservers[handle["resourceId"]] = vnfc["id"]
        vnf.status = "Created"

    def _on_terminated(self, vnf: Vnf, body: Mapping[str, Any]) -> None:
        gone = {
            vnfc["computeResource"]["resourceId"]
            for vnfc in body["affectedVnfcs"]
            if vnfc["changeType"] == "REMOVED"
        }
        need(gone == set(vnf.vservers), f"A&AI has vservers {set(vnf.vservers)}, gone are {gone}")
        vnf.vservers.clear()

        def delete() -> None:
            vnf.deletion = self.call("DELETE", vnf.selflink).status_code

        threading.Thread(target=delete).start()

    # What it sends.

    def create(self, root: str, vnfd_id: str, name: str) -> str:
        """POST vnf_instances; the self link, which A&AI keeps."""
        body = {"vnfdId": vnfd_id, "vnfInstanceName": name, "vnfInstanceDescription": "a vnf-id"}
        answer = self.call("POST", f"{root}/vnf_instances", json=body)
        need(answer.status_code in {200, 201}, f"create: {answer.status_code} {answer.text}")
        bind("VnfInstance", answer.json())
        selflink = str(answer.json()["_links"]["self"]["href"])
        self.vnfs[selflink] = Vnf(selflink)
        self._subscribe(root, answer.json()["id"])
        return selflink

    def _subscribe(self, root: str, instance_id: str) -> None:
        """One per VNF; all kinds of authentication at once."""
        body = {
            "filter": {
                "vnfInstanceSubscriptionFilter": {"vnfInstanceIds": [instance_id]},
                "notificationTypes": ["VnfLcmOperationOccurrenceNotification"],
            },
            "callbackUri": f"{self.url}{BASE}/lcn/VnfLcmOperationOccurrenceNotification",
            "authentication": {
                "authType": ["OAUTH2_CLIENT_CREDENTIALS", "BASIC", "TLS_CERT"],
                "paramsOauth2ClientCredentials": {
                    "clientId": USER,
                    "clientPassword": PASSWORD,
                    "tokenEndpoint": f"{self.url}{BASE}/oauth/token",
                },
                "paramsBasic": {"userName": USER, "password": PASSWORD},
            },
        }
        answer = self.call("POST", f"{root}/subscriptions", json=body)
        need(answer.status_code == 201, f"subscribe: {answer.status_code} {answer.text}")
        bind("LccnSubscription", answer.json())

    def instantiate(self, selflink: str, flavour: str, networks: list[Mapping[str, Any]]) -> str:
        """POST instantiate; the id of the operation: what follows the last slash of the Location."""
        body = {
            "flavourId": flavour,
            "vimConnectionInfo": [dict(self.connection)],
            "additionalParams": {},
            "extVirtualLinks": networks,
        }
        return self._begin(self.call("POST", f"{selflink}/instantiate", json=body))

    def terminate(self, selflink: str) -> str | None:
        """POST terminate. None if there is nothing to terminate: then the VNF is deleted at once."""
        answer = self.call("POST", f"{selflink}/terminate", json={"terminationType": "FORCEFUL"})
        if answer.status_code != 409:
            return self._begin(answer)
        need(self._read(selflink)["instantiationState"] == "NOT_INSTANTIATED", f"terminate: {answer.text}")
        self._known(selflink).deletion = self.call("DELETE", selflink).status_code
        return None

    def _begin(self, answer: httpx.Response) -> str:
        need(answer.status_code == 202, f"{answer.status_code} {answer.text}")
        return answer.headers["Location"].rpartition("/")[2]

    def poll(self, root: str, operation_id: str) -> str:
        """The state of an operation; its times must have an offset."""
        answer = self.call("GET", f"{root}/vnf_lcm_op_occs/{operation_id}")
        need(answer.status_code == 200, f"poll: {answer.status_code}")
        found = answer.json()
        bind("VnfLcmOpOcc", found)
        for name in ("startTime", "stateEnteredTime"):
            need(datetime.fromisoformat(found[name]).tzinfo is not None, f"{name} has no offset")
        need(all(found.get(name) for name in ("id", "operation", "vnfInstanceId")), "something is null")
        return str(found["operationState"])


@contextmanager
def serving(onap: Onap) -> Iterator[Onap]:
    """The adapter, served while the block lasts."""
    with listening() as (sock, url):
        onap.url = url
        config = uvicorn.Config(onap, log_level="critical", access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        while not server.started:
            threading.Event().wait(0.01)
        try:
            yield onap
        finally:
            server.should_exit = True
            thread.join(10)
