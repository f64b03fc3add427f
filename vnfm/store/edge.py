"""The one place where pymongo's exceptions become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from vnfm.errors import Permanent, Temporary


@contextmanager
def translated() -> Iterator[None]:
    """Run database calls; connection trouble is ``Temporary``. A duplicate key is the caller's to judge."""
    try:
        yield
    except DuplicateKeyError:
        raise
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as exc:
        raise Temporary(f"the database does not answer: {type(exc).__name__}", delay=2.0) from exc
    except PyMongoError as exc:
        raise Permanent(f"the database refused a call: {type(exc).__name__}: {_told(exc)}") from exc


def _told(error: PyMongoError) -> str:
    """What the server said, without all that came with it."""
    details = error.details if isinstance(error, OperationFailure) else None
    return str((details or {}).get("errmsg") or error)
