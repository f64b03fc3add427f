"""The ASGI application: which path leads to what, and what every request must bring (SOL013)."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from vnfm.domain.vnfd import Vnfd
from vnfm.sandbox.nfvo import http
from vnfm.sandbox.nfvo.control import Control
from vnfm.sandbox.nfvo.faults import Fault, Faults
from vnfm.sandbox.nfvo.grants import Grants
from vnfm.sandbox.nfvo.http import Refusal, Reply, Request
from vnfm.sandbox.nfvo.inbox import Inbox
from vnfm.sandbox.nfvo.packages import Packages

_VERSION = re.compile(r"^(\d+\.\d+\.\d+)(-impl:\S+)?$")
_TOKEN_LIFE = 3600

Handler = Callable[[Request, Mapping[str, str], Fault | None], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One resource. ``api`` and ``version`` are None where SOL013 asks for no Version header."""

    pattern: re.Pattern[str]
    door: str | None
    methods: Mapping[str, Handler]
    version: str | None = None
    needs_token: bool = True


@dataclass(slots=True)
class Nfvo:
    """The whole emulator. ``clients`` maps client id → secret for the token endpoint."""

    clients: Mapping[str, str]
    parse: Callable[[bytes], Vnfd]
    #: Bearer token of the control door; None leaves it open.
    control_token: str | None = None
    faults: Faults = field(default_factory=Faults)
    inbox: Inbox = field(default_factory=Inbox)
    packages: Packages = field(init=False)
    grants: Grants = field(init=False)
    _tokens: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _routes: tuple[Route, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.packages = Packages(self.parse)
        self.grants = Grants(self.faults, self.packages.image_ids)
        control = Control(self)
        package, grant = "2.2.0", "1.5.0"
        self._routes = (
            _route("/token", "token", {"POST": self._token}, needs_token=False),
            _route("/grant/v1/grants", "grants", {"POST": self._ask}, grant),
            _route("/grant/v1/grants/(?P<id>[^/]+)", "grant", {"GET": self._look}, grant),
            _route("/vnfpkgm/v2/(vnf|onboarded_vnf)_packages", "packages", {"GET": self._list}, package),
            _route("/vnfpkgm/v2/vnf_packages/(?P<id>[^/]+)(/(?P<rest>.+))?", "packages", {"GET": self._by_id},
                   package),
            _route("/vnfpkgm/v2/onboarded_vnf_packages/(?P<id>[^/]+)(/(?P<rest>.+))?", "packages",
                   {"GET": self._by_vnfd}, package),
            _route("/grant(/v1)?/api_versions", None, {"GET": _versions("/grant/v1", grant)}),
            _route("/vnfpkgm(/v2)?/api_versions", None, {"GET": _versions("/vnfpkgm/v2", package)}),
            _route("/notifications(/.*)?", "notifications", {"GET": self._test_inbox, "POST": self._notify},
                   needs_token=False),
            _route("/control/(?P<rest>.+)", None, dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"),
                   control.serve), needs_token=False),
        )  # fmt: skip

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """ASGI entry: one HTTP request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            request = await http.read_request(scope, receive)
        except Refusal as refusal:
            await http.send_reply(send, Reply.problem(refusal))
            return
        reply, cut, pause = await asyncio.to_thread(self._serve, request)
        await asyncio.sleep(pause)
        await http.send_reply(send, reply, cut)

    def _serve(self, request: Request) -> tuple[Reply, bool, float]:
        version: str | None = None
        fault: Fault | None = None
        try:
            route, found = self._find(request)
            version = route.version
            fault = self.faults.fire(route.door) if route.door else None
            if fault and fault.kind == "unavailable":
                raise Refusal(
                    503, "overloaded", {"Retry-After": f"{fault.seconds:g}"} if fault.seconds else None
                )
            self._check(request, route)
            reply = route.methods[request.method](request, found, fault)
        except Refusal as refusal:
            self.faults.count(f"refused.{refusal.status}")
            reply = Reply.problem(refusal)
        if version is not None:
            reply.headers["Version"] = version
        cut = fault is not None and fault.kind == "drop"
        return reply, cut, fault.seconds if fault and fault.kind == "stall" else 0.0

    def _find(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match is None:
                continue
            if request.method not in route.methods:
                allowed = ", ".join(route.methods)
                raise Refusal(405, f"{request.method} is not served here", {"Allow": allowed})
            return route, {name: unquote(value or "") for name, value in match.groupdict().items()}
        raise Refusal(404, f"there is nothing at {request.path}")

    def _check(self, request: Request, route: Route) -> None:
        if route.needs_token:
            self._check_token(request)
        if route.version is None:
            return
        asked = _VERSION.match(request.headers.get("version", ""))
        if asked is None:
            raise Refusal(400, "the Version header is missing or malformed")
        if asked[1] != route.version:
            raise Refusal(406, f"version {asked[1]} is not supported; {route.version} is")
        if "accept" not in request.headers:
            raise Refusal(400, "the Accept header is missing")

    def _check_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, 0) < time.monotonic():
            raise Refusal(401, "a valid bearer token is needed", {"WWW-Authenticate": 'Bearer realm="nfvo"'})

    def revoke_tokens(self) -> None:
        """Make every token given out so far invalid."""
        self._tokens.clear()

    def _token(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if kind != "application/x-www-form-urlencoded" or form.get("grant_type") != "client_credentials":
            return Reply.of(400, {"error": "unsupported_grant_type"})
        name, secret = _basic(request.headers.get("authorization", ""))
        if not secret or not secrets.compare_digest(self.clients.get(name, "").encode(), secret.encode()):
            return Reply.of(401, {"error": "invalid_client"}, {"WWW-Authenticate": 'Basic realm="nfvo"'})
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = time.monotonic() + _TOKEN_LIFE
        self.faults.count("tokens.issued")
        answer = {"access_token": token, "token_type": "bearer", "expires_in": _TOKEN_LIFE}
        return Reply.of(200, answer, {"Cache-Control": "no-store"})

    def _ask(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        return self.grants.ask(request, fault)

    def _look(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        return self.grants.look(found["id"], request)

    def _list(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        return self.packages.list(request)

    def _by_id(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        return self.packages.serve(self.packages.require(found["id"]), found["rest"], request)

    def _by_vnfd(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        package = self.packages.find_vnfd(found["id"])
        if package is None:
            raise Refusal(404, f"there is no VNF package with the VNFD {found['id']}")
        return self.packages.serve(package, found["rest"], request)

    def _test_inbox(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        self.faults.count("notifications.tested")
        return Reply(204)

    def _notify(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        return self.inbox.take(request)


def _route(
    path: str,
    door: str | None,
    methods: Mapping[str, Handler],
    version: str | None = None,
    needs_token: bool = True,
) -> Route:
    return Route(re.compile(path), door, methods, version, needs_token)


def _versions(prefix: str, version: str) -> Handler:
    def answer(request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        known: list[dict[str, Any]] = [{"version": version, "isDeprecated": False}]
        return Reply.of(200, {"uriPrefix": prefix, "apiVersions": known})

    return answer


def _basic(header: str) -> tuple[str, str]:
    scheme, _, word = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(word, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (unquote(name), unquote(secret)) if scheme.lower() == "basic" else ("", "")


async def _live(receive: http.Receive, send: http.Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
