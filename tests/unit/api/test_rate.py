"""Token buckets, with a clock that stands still until told."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from vnfm.api.rate import Buckets


def waits(buckets: Buckets, client: str) -> str | None:
    try:
        buckets.take(client)
    except HTTPException as exc:
        return f"{exc.status_code} {(exc.headers or {})['Retry-After']}"
    return None


def test_a_burst_then_the_rate() -> None:
    now = [0.0]
    buckets = Buckets(2.0, lambda: now[0])
    assert [waits(buckets, "a") for _ in range(3)] == [None, None, "429 1"]
    assert waits(buckets, "b") is None
    now[0] = 0.5
    assert [waits(buckets, "a") for _ in range(2)] == [None, "429 1"]
    now[0] = 60.0
    assert [waits(buckets, "a") for _ in range(3)] == [None, None, "429 1"]


def test_less_than_one_a_second() -> None:
    now = [0.0]
    buckets = Buckets(0.1, lambda: now[0])
    assert [waits(buckets, "a") for _ in range(2)] == [None, "429 10"]
    now[0] = 4.0
    assert waits(buckets, "a") == "429 6"


def test_no_limit() -> None:
    buckets = Buckets(0.0, lambda: 0.0)
    assert {waits(buckets, "a") for _ in range(1000)} == {None}
