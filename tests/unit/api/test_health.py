"""Health says what it finds and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from vnfm.api import gateway_v1
from vnfm.api.call import Call


@pytest.mark.parametrize(
    ("answers", "status", "word", "retry"), [(True, 200, "UP", None), (False, 503, "DOWN", b"5")]
)
def test_health(answers: bool, status: int, word: str, retry: bytes | None) -> None:
    gateway: Any = SimpleNamespace(deps=SimpleNamespace(database_answers=lambda: answers))
    answer = gateway_v1.get_health(gateway, Call("r", "GET", "/gateway/v1/health", {}))
    assert (answer.status, orjson.loads(answer.body)) == (status, {"status": word, "database": word})
    assert dict(answer.headers).get(b"retry-after") == retry
