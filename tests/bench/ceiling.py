"""The ceiling: what Python, Starlette and MongoDB cost without a gateway. ``python -m tests.bench.ceiling``

No specification, no validation, no tokens, no log, no domain. The documents lie in the database as they
leave, the writes are as durable as the gateway's, and uvicorn runs with the same settings.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from uuid import uuid4

import orjson
import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vnfm.store.client import Db, connect

COLLECTION = "ceiling"
READER, WRITER = "reader", "writer"
LIST_LIMIT = 1000
#: What SOL003 5.4.2.3.2 leaves out of a list.
LEFT_OUT = {
    "_id": 0, "tenant": 0, "vnfConfigurableProperties": 0, "vimConnectionInfo": 0, "instantiatedVnfInfo": 0,
    "metadata": 0, "extensions": 0,
}  # fmt: skip


class Ceiling:
    """The three calls that are measured."""

    def __init__(self, db: Db) -> None:
        self._docs = db[COLLECTION]
        self._model: dict[str, Any] = self._docs.find_one({"tenant": WRITER}) or {}

    def get(self, request: Request) -> Response:
        document = self._docs.find_one({"_id": request.path_params["id"]})
        if document is None:
            return Response(status_code=404)
        del document["_id"], document["tenant"]
        return Response(orjson.dumps(document), 200, {"ETag": '"0"'}, "application/json")

    def list_all(self, _request: Request) -> Response:
        found = list(self._docs.find({"tenant": READER}, LEFT_OUT).sort("_id").limit(LIST_LIMIT + 1))
        return Response(orjson.dumps(found), 200, None, "application/json")

    async def create(self, request: Request) -> Response:
        return await to_thread.run_sync(self._create, await request.body())

    def _create(self, raw: bytes) -> Response:
        body, new = orjson.loads(raw), str(uuid4())
        here = f"http://127.0.0.1/vnflcm/v2/vnf_instances/{new}"
        document = {
            **self._model,
            "_id": new,
            "id": new,
            "vnfInstanceName": body["vnfInstanceName"],
            "vnfInstanceDescription": body["vnfInstanceDescription"],
            "metadata": body["metadata"],
            "_links": {"self": {"href": here}, "instantiate": {"href": f"{here}/instantiate"}},
        }
        self._docs.insert_one(document)
        del document["_id"], document["tenant"]
        headers = {"Location": here, "ETag": '"0"'}
        return Response(orjson.dumps(document), 201, headers, "application/json")


def create_app(db: Db) -> Starlette:
    """The application; its paths are the gateway's."""
    ceiling = Ceiling(db)
    base = "/vnflcm/v2/vnf_instances"
    return Starlette(
        routes=[
            Route(base, ceiling.list_all, methods=["GET"]),
            Route(base, ceiling.create, methods=["POST"]),
            Route(base + "/{id}", ceiling.get, methods=["GET"]),
        ]
    )


def main() -> None:
    """Serve until SIGTERM. Arguments: port, database; the database's address as the gateway gets it."""
    port, database = sys.argv[1:]
    uvicorn.run(
        create_app(connect(os.environ["VNFM_MONGO_URI"], database)),
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
