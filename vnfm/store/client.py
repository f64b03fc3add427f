"""The connection, with the promises the engine relies on: majority, journalled, read from the primary."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from vnfm.store.edge import translated

Document = dict[str, Any]
Db = Database[Document]


def connect(uri: str, name: str) -> Db:
    """A database handle whose acknowledged writes survive a failover (w: majority, j: true).

    Needs a replica set; one node is enough. No call waits longer than its time-out.
    """
    # At DEBUG, pymongo writes every command and its answer: secrets, too.
    logging.getLogger("pymongo").setLevel(logging.WARNING)
    client: MongoClient[Document] = MongoClient(
        uri,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=3_000,
        socketTimeoutMS=30_000,
        retryWrites=True,
        retryReads=True,
        appname="vnfm",
    )
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern(w="majority", j=True),
        read_concern=ReadConcern("majority"),
    )


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
