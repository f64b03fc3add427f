"""Finds the operation of a request by its path and method.

The method is looked at before anything else is: a path that exists answers every method, and one it does
not have gets 405 with all those it has (SOL013 6.4). HEAD is had by everything that has GET; OPTIONS by none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connexion.middleware.abstract import ROUTING_CONTEXT, SpecMiddleware
from connexion.spec import Specification
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from vnfm.api.call import SCOPE_KEY

#: Longer ones are 414. A filter over a hundred ids has four thousand characters.
MAX_URI = 16 * 1024
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")


@dataclass(slots=True)
class _Node:
    """One segment of the path tree. ``any`` takes a segment that no entry of ``named`` takes."""

    named: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    #: Names of the variable segments on the way here; they may differ by path, never by method.
    variables: tuple[str, ...] = ()
    #: Method → what connexion's middlewares want to find in the scope.
    operations: dict[str, dict[str, str]] = field(default_factory=dict)
    allow: str = ""


class Routes(SpecMiddleware):
    """Takes the place of connexion's routing, which walks a list of regular expressions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._root = _Node()

    def add_api(self, specification: Specification, **options: Any) -> None:
        """Enter all paths of ``specification``."""
        base = specification.base_path if options.get("base_path") is None else options["base_path"]
        for path, item in specification["paths"].items():
            node = self._enter(base + path)
            for method in METHODS:
                if method.lower() in item:
                    operation_id = item[method.lower()]["operationId"]
                    node.operations[method] = {"api_base_path": base, "operation_id": operation_id}
            if "GET" in node.operations:
                node.operations["HEAD"] = node.operations["GET"]
            node.allow = ", ".join(node.operations)

    def _enter(self, path: str) -> _Node:
        node, variables = self._root, []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                variables.append(segment[1:-1])
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.named.setdefault(segment, _Node())
        node.variables = tuple(variables)
        return node

    def _find(self, path: str) -> tuple[_Node, list[str]] | None:
        node, values = self._root, []
        for segment in path[1:].split("/"):
            following = node.named.get(segment)
            if following is None:
                if node.any is None or not segment:
                    return None
                following = node.any
                values.append(segment)
            node = following
        return (node, values) if node.operations else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the operation and the path parameters, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        raw = scope.get("raw_path") or b""
        if len(raw) + len(scope["query_string"]) > MAX_URI:
            raise HTTPException(414, f"an address may have {MAX_URI} characters")
        # A slash that is written as %2F is part of a segment, and no segment of ours has one.
        found = None if b"%2f" in raw.lower() else self._find(scope["path"])
        if found is None:
            raise HTTPException(404, f"there is no resource {scope['path']}")
        node, values = found
        operation = node.operations.get(scope["method"])
        if operation is None:
            detail = f"{scope['path']} does not have the method {scope['method']}"
            raise HTTPException(405, detail, headers={"Allow": node.allow})
        scope.setdefault("extensions", {})[ROUTING_CONTEXT] = operation
        scope[SCOPE_KEY].params = dict(zip(node.variables, values, strict=True))
        await self._app(scope, receive, send)
