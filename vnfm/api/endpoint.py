"""The end of the line: one Endpoint per operation, with everything it needs prepared at start-up.

In order: token (401, 400, 403), Version (400, 406), Accept (406), body (413, 415, 400), handler, answer. The
method has been dealt with before (``routing``); problem documents are made outside (``problem``).
"""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter, to_thread
from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations.abstract import AbstractOperation
from connexion.spec import Specification
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from vnfm.api import auth, media, versions
from vnfm.api.body import Body
from vnfm.api.call import SCOPE_KEY, Answer, Call, Gateway, Handler, Headers


def _needs_token(operation: AbstractOperation) -> bool:
    return any("bearer" in requirement for requirement in operation.security or ())


def _is_versioned(operation: AbstractOperation) -> bool:
    return any(item["in"] == "header" and item["name"] == "Version" for item in operation.parameters)


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

    def __init__(
        self, gateway: Gateway, operation: AbstractOperation, threads: CapacityLimiter, strict_version: bool
    ) -> None:
        self._gateway = gateway
        self._threads = threads
        self._strict_version = strict_version
        self._handler: Handler = operation.function
        self._needs_token = _needs_token(operation)
        self._major = operation.path.split("/")[1] if _is_versioned(operation) else None
        self._produced = _produced(operation)
        self._body = Body(operation) if operation.is_request_body_defined else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, handle, answer. Handlers are plain functions and run in the thread pool."""
        call: Call = scope[SCOPE_KEY]
        if self._needs_token:
            call.principal = await auth.identify(self._gateway.tokens, call.headers)
            auth.permit(call.principal, call.method)
        if self._major:
            versions.check(call.header(b"version"), self._major, self._strict_version)
        media.check_accept(call.header(b"accept"), self._produced)
        if self._body:
            call.body = await self._body.read(receive, call.headers)
        answer = await to_thread.run_sync(self._handler, self._gateway, call, limiter=self._threads)
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
        self,
        specification: Specification,
        *args: Any,
        gateway: Gateway,
        threads: CapacityLimiter,
        strict_version: bool,
        **options: Any,
    ) -> None:
        super().__init__(specification, *args, **options)
        self._gateway = gateway
        self._threads = threads
        self._strict_version = strict_version
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> Endpoint:
        """Called once per operation at start-up."""
        return Endpoint(self._gateway, operation, self._threads, self._strict_version)


class Endpoints(RoutedMiddleware[_EndpointApi]):
    """The application that connexion's middlewares wrap; lifespan events go to an empty router."""

    api_cls = _EndpointApi

    def __init__(self, gateway: Gateway, threads: int, strict_version: bool) -> None:
        super().__init__(Router())
        self._gateway = gateway
        self._threads = CapacityLimiter(threads)
        self._strict_version = strict_version

    def add_api(self, specification: Specification, **options: Any) -> _EndpointApi:
        """Hand our own things on to the endpoints."""
        return super().add_api(
            specification,
            gateway=self._gateway,
            threads=self._threads,
            strict_version=self._strict_version,
            **options,
        )
