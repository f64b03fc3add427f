"""The recordings: one file per section, one element per exchange or remark."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "transcripts"
# replayed in this order, each in a world of its own
SECTIONS = (
    "wire",
    "discovery",
    "network",
    "vm",
    "limits",
    "volumes",
    "vnf",
    "tags",
    "leftovers",
    "affinity",
    "keys",
    "restart",
    "guards",
    "nics",
    "scale",
    "vmsnapshots",
    "snapscale",
    "nat",
    "projects",
    "faults",
    "events",
)


@dataclass(frozen=True)
class Element:
    index: int
    who: str
    note: str
    method: str = ""
    params: dict[str, str] = field(default_factory=dict)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    exception: str | None = None

    @property
    def remark(self) -> bool:
        """Not an exchange: the kill of the server, a refused connection."""
        return not self.params

    @property
    def command(self) -> str:
        return self.params.get("command", "")

    @property
    def content(self) -> Any:
        """What lies under the envelope's one key."""
        return next(iter(self.body.values())) if isinstance(self.body, dict) else None

    @property
    def pending_poll(self) -> bool:
        content = self.content
        return (
            self.command == "queryAsyncJobResult"
            and isinstance(content, dict)
            and content.get("jobstatus") == 0
        )

    @property
    def ended_poll(self) -> bool:
        content = self.content
        return (
            self.command == "queryAsyncJobResult"
            and isinstance(content, dict)
            and content.get("jobstatus", 0) > 0
        )


def read(section: str) -> list[Element]:
    raw = json.loads((HERE / f"{section}.json").read_text())
    return [build(index, entry) for index, entry in enumerate(raw)]


def build(index: int, entry: dict[str, Any]) -> Element:
    return Element(
        index=index,
        who=entry.get("who", ""),
        note=entry.get("note") or "",
        method=entry.get("method", ""),
        params={name: str(value) for name, value in entry.get("params", {}).items()},
        status=entry.get("status", 0),
        headers=entry.get("headers", {}),
        body=entry.get("json"),
        text=entry.get("text"),
        exception=entry.get("exception"),
    )
