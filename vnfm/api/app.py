"""Joins specifications, handlers and middlewares to one ASGI application.

connexion's ``AsyncApp`` is its ``ConnexionMiddleware`` around an application that prepares parameters, body
and answer anew for each request. Here the same middleware wraps ``Endpoints``, which prepares once per
operation, and has no Swagger UI. connexion loads and resolves the specifications, finds the handlers, hands
exceptions to ``problem`` and, where switched on, validates answers.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

from anyio import CapacityLimiter, to_thread
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.main import ConnexionMiddleware
from connexion.middleware.response_validation import ResponseValidationMiddleware
from connexion.resolver import Resolver
from starlette.types import ASGIApp

from vnfm.api import gateway_v1, oauth, problem, specs, vnflcm
from vnfm.api.call import Gateway, Handler
from vnfm.api.edge import Edge
from vnfm.api.endpoint import Endpoints, Regime
from vnfm.api.rate import Buckets
from vnfm.api.routing import Routes
from vnfm.api.tokens import Tokens
from vnfm.services import clients
from vnfm.services.deps import Deps
from vnfm.settings import Settings

#: operationId → handler, over all specifications. An operation without one stops the start-up.
HANDLERS: Mapping[str, Handler] = {**vnflcm.HANDLERS, **gateway_v1.HANDLERS, **oauth.HANDLERS}


def create_app(deps: Deps, settings: Settings) -> ASGIApp:
    """The API as an ASGI application. Nothing is read from the database before the first request.

    ``deps`` are the application's from now on: when the server stops it, it closes them.
    """

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        await to_thread.run_sync(deps.close)

    tokens = Tokens(
        fetch_key=lambda: clients.signing_key(deps),
        now=lambda: deps.clock().timestamp(),
        lifetime=settings.token_lifetime,
    )
    gateway = Gateway(deps=deps, base_url=settings.external_url.rstrip("/"), tokens=tokens)
    regime = Regime(
        threads=CapacityLimiter(settings.api_threads),
        buckets=Buckets(settings.rate_limit, time.monotonic),
        strict=settings.strict,
    )
    endpoints = Endpoints(gateway, regime)
    validation = [ResponseValidationMiddleware] if settings.validate_responses else []
    # Any: connexion takes middleware classes but declares their instances.
    layers: list[Any] = [Edge, ExceptionMiddleware, Routes, *validation, LifespanMiddleware]
    app = ConnexionMiddleware(
        endpoints,
        import_name=__name__,
        lifespan=lifespan,
        middlewares=layers,
        resolver=Resolver(HANDLERS.__getitem__),
        validate_responses=settings.validate_responses,
    )
    for specification in specs.load_all().values():
        app.add_api(deepcopy(specification))  # connexion resolves references in place
    for kind, handler in problem.HANDLERS.items():
        app.add_error_handler(kind, handler)
    return app
