"""The end of the line: one Endpoint per operation, with everything it needs prepared at start-up.

In order: token (401, 400, 403), rate (429), Version (400, 406), Accept (406), query (400), body (413, 415,
400), handler, answer. The method has been dealt with before (``routing``); problem documents are made outside
(``problem``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anyio import CapacityLimiter, to_thread
from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations.abstract import AbstractOperation
from connexion.spec import Specification
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from vnfm.api import auth, media, strictness, versions
from vnfm.api.body import Body
from vnfm.api.call import SCOPE_KEY, Answer, Call, Gateway, Handler, Headers
from vnfm.api.rate import Buckets
from vnfm.settings import Strict


@dataclass(frozen=True, slots=True)
class Regime:
    """What all endpoints share: threads to handle in, how many requests, and how sloppy they may be."""

    threads: CapacityLimiter
    buckets: Buckets
    strict: frozenset[Strict]


def _needs_token(operation: AbstractOperation) -> bool:
    return any("bearer" in requirement for requirement in operation.security or ())


def _served(operation: AbstractOperation, base: str) -> versions.Served | None:
    """The version that the Version header of a request is held against; None if it does not matter."""
    if not any(item["in"] == "header" and item["name"] == "Version" for item in operation.parameters):
        return None
    return versions.at(base + operation.path)


def _query(operation: AbstractOperation) -> frozenset[str]:
    return frozenset(item["name"] for item in operation.parameters if item["in"] == "query")


def _produced(operation: AbstractOperation) -> tuple[str, ...]:
    """Media types of successful answers."""
    return tuple(
        dict.fromkeys(
            media_type
            for code, response in operation.responses.items()
            if code.startswith("2")
            for media_type in response.get("content", {})
        )
    )


class Endpoint:
    """One operation."""

    def __init__(self, gateway: Gateway, operation: AbstractOperation, base: str, regime: Regime) -> None:
        self._gateway = gateway
        self._regime = regime
        self._handler: Handler = operation.function
        self._needs_token = _needs_token(operation)
        self._served = _served(operation, base)
        self._produced = _produced(operation)
        self._query = _query(operation)
        self._body = Body(operation, regime.strict) if operation.is_request_body_defined else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, handle, answer. Handlers are plain functions and run in the thread pool."""
        call: Call = scope[SCOPE_KEY]
        strict = self._regime.strict
        if self._needs_token:
            call.principal = await auth.identify(self._gateway.tokens, call.headers, strict)
            auth.permit(call.principal, call.method)
            self._regime.buckets.take(call.principal.client)
        if self._served:
            versions.check(call.header(b"version"), self._served, required=Strict.VERSION in strict)
        media.check_accept(call.header(b"accept"), self._produced)
        strictness.check_query(scope["query_string"], self._query, strict)
        if self._body:
            call.body = await self._body.read(receive, call.headers)
        else:
            strictness.check_bodyless(call.headers, strict)
        answer = await to_thread.run_sync(self._handler, self._gateway, call, limiter=self._regime.threads)
        await _send(answer, call.stamps, send)


async def _send(answer: Answer, stamps: Headers, send: Send) -> None:
    headers = [*answer.headers, *stamps]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


class _EndpointApi(RoutedAPI[Endpoint]):
    """The endpoints of one specification; connexion calls it for each operation."""

    def __init__(
        self, specification: Specification, *args: Any, gateway: Gateway, regime: Regime, **options: Any
    ) -> None:
        super().__init__(specification, *args, **options)
        self._gateway = gateway
        self._regime = regime
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> Endpoint:
        """Called once per operation at start-up."""
        return Endpoint(self._gateway, operation, self.base_path, self._regime)


class Endpoints(RoutedMiddleware[_EndpointApi]):
    """The application that connexion's middlewares wrap; lifespan events go to an empty router."""

    api_cls = _EndpointApi

    def __init__(self, gateway: Gateway, regime: Regime) -> None:
        super().__init__(Router())
        self._gateway = gateway
        self._regime = regime

    def add_api(self, specification: Specification, **options: Any) -> _EndpointApi:
        """Hand our own things on to the endpoints."""
        return super().add_api(specification, gateway=self._gateway, regime=self._regime, **options)
