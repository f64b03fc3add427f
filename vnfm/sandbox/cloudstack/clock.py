"""The world's clock: real time, plus what a test has put it ahead."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """`now` is for the life of objects, `wire` for the expiry of requests; `sleep` is always real."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.skew = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def wire(self) -> float:
        return time.time() + self.skew

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def stamp(moment: float) -> str:
    """CloudStack's date: an offset without a colon."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
