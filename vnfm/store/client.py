"""The connection, with the promises the engine relies on: majority, journalled, read from the primary."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import InvalidName, PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern

from vnfm.errors import Permanent, Temporary
from vnfm.store.edge import translated

Document = dict[str, Any]
Db = Database[Document]


def connect(uri: str, name: str) -> Db:
    """A database handle whose acknowledged writes survive a failover (w: majority, j: true).

    Needs a replica set; one node is enough. No call waits longer than its time-out. Permanent if it cannot be
    meant: what pymongo says of that may quote the password, so it is the cause only.
    """
    # At DEBUG, pymongo writes every command and its answer: secrets, too.
    logging.getLogger("pymongo").setLevel(logging.WARNING)
    try:
        client: MongoClient[Document] = MongoClient(
            uri,
            serverSelectionTimeoutMS=5_000,
            connectTimeoutMS=3_000,
            socketTimeoutMS=30_000,
            retryWrites=True,
            retryReads=True,
            appname="vnfm",
        )
    except (PyMongoError, ValueError) as exc:
        raise Permanent(
            "not a connection string for MongoDB, or its hosts cannot be looked up "
            f"({type(exc).__name__}); user name and password must be percent-encoded"
        ) from exc
    try:
        return client.get_database(
            name,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern(w="majority", j=True),
            read_concern=ReadConcern("majority"),
        )
    except InvalidName as exc:
        client.close()
        raise Permanent(f"no name for a database: {name!r}") from exc


def require_replica_set(db: Db) -> None:
    """Permanent if the database lives on a server of its own, which cannot promise to keep what it has
    acknowledged; Temporary, with what each server said, if there is no primary to ask."""
    try:
        with translated():
            hello = db.command("hello", read_preference=ReadPreference.PRIMARY)
    except Temporary as exc:
        if not isinstance(exc.__cause__, ServerSelectionTimeoutError):
            raise
        raise Temporary(f"no primary answers: {_seen(db)}") from exc
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Permanent("a replica set is needed (one node is enough); this is a server of its own")


def _seen(db: Db) -> str:
    """Each server that was tried, with why it does not serve. Nothing here holds credentials."""
    servers = db.client.topology_description.server_descriptions().items()
    seen = [str(one.error or f"{host}:{port}: {one.server_type_name}") for (host, port), one in servers]
    return "; ".join(seen) or "no server belongs to the replica set of this name"


def time_of(db: Db) -> datetime:
    """The database server's clock: what ``$$NOW`` is to its queries."""
    with translated():
        answer = db.command("hello", read_preference=ReadPreference.PRIMARY)
    now: datetime = answer["localTime"]
    return now if now.tzinfo else now.replace(tzinfo=UTC)


def answers(db: Db) -> bool:
    """True if the database answers a ping now."""
    try:
        db.command("ping")
    except PyMongoError:
        return False
    return True
