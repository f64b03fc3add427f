"""The control door ``/control/…``: what a real NFVO has not. README.md lists what can be ordered here."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vnfm.errors import VnfmError
from vnfm.sandbox.nfvo.faults import Fault
from vnfm.sandbox.nfvo.grants import Policy
from vnfm.sandbox.nfvo.http import Refusal, Reply, Request

if TYPE_CHECKING:
    from vnfm.sandbox.nfvo.app import Nfvo


class Control:
    """Orders to one emulator."""

    def __init__(self, nfvo: Nfvo) -> None:
        self._nfvo = nfvo
        self._orders: Mapping[tuple[str, str], Callable[[Request, str], Reply]] = {
            ("GET", "health"): self._health,
            ("GET", "counters"): self._counters,
            ("PUT", "policy"): self._policy,
            ("POST", "faults"): self._fault,
            ("GET", "grants"): self._grants,
            ("GET", "notifications"): self._notifications,
            ("DELETE", "notifications"): self._forget,
            ("DELETE", "tokens"): self._revoke,
            ("POST", "packages"): self._onboard,
            ("PATCH", "packages"): self._change,
            ("POST", "reset"): self._reset,
        }

    def serve(self, request: Request, found: Mapping[str, str], fault: Fault | None) -> Reply:
        """Any method on ``/control/<noun>[/<id>]``."""
        noun, _, name = found["rest"].partition("/")
        order = self._orders.get((request.method, noun))
        if order is None:
            raise Refusal(404, f"there is no order {request.method} {noun}")
        token = self._nfvo.control_token
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if noun != "health" and token and not secrets.compare_digest(given.encode(), token.encode()):
            raise Refusal(401, "the control token is needed", {"WWW-Authenticate": "Bearer"})
        return order(request, name)

    def _health(self, request: Request, name: str) -> Reply:
        return Reply.of(200, {"status": "UP"})

    def _counters(self, request: Request, name: str) -> Reply:
        return Reply.of(200, dict(self._nfvo.faults.counters))

    def _policy(self, request: Request, name: str) -> Reply:
        self._nfvo.grants.policy = Policy.read(request.json())
        return Reply(204)

    def _fault(self, request: Request, name: str) -> Reply:
        self._nfvo.faults.arm(request.json())
        return Reply(204)

    def _grants(self, request: Request, name: str) -> Reply:
        return Reply.of(200, [dataclasses.asdict(case) for case in self._nfvo.grants.cases()])

    def _notifications(self, request: Request, name: str) -> Reply:
        return Reply.of(200, self._nfvo.inbox.entries())

    def _forget(self, request: Request, name: str) -> Reply:
        self._nfvo.inbox.clear()
        return Reply(204)

    def _revoke(self, request: Request, name: str) -> Reply:
        self._nfvo.revoke_tokens()
        return Reply(204)

    def _onboard(self, request: Request, name: str) -> Reply:
        try:
            return Reply.of(201, self._nfvo.packages.onboard(request.body).info())
        except VnfmError as exc:
            raise Refusal(422, exc.detail) from exc

    def _change(self, request: Request, name: str) -> Reply:
        return Reply.of(200, self._nfvo.packages.change(name, request.json()).info())

    def _reset(self, request: Request, name: str) -> Reply:
        self._nfvo.faults.clear()
        self._nfvo.inbox.clear()
        self._nfvo.grants.clear()
        return Reply(204)
