"""Where rows are kept: by id, oldest first, with the ids of removed ones remembered where CloudStack does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from vnfm.sandbox.cloudstack.model import Row

R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    def __init__(self, java: str, *, forgets: bool = False) -> None:
        self.java = java  # the type's name in error texts
        self.forgets = forgets  # rules and groups: a deleted id is like one that never was
        self.rows: dict[str, R] = {}
        self.gone: dict[str, R] = {}
        self.last = 0

    def __iter__(self) -> Iterator[R]:
        return iter(tuple(self.rows.values()))

    def __len__(self) -> int:
        return len(self.rows)

    def number(self, wanted: int | None = None) -> int:
        self.last = max(self.last + 1, wanted or 0)
        return self.last

    def add(self, row: R) -> R:
        self.rows[row.id] = row
        self.last = max(self.last, row.serial)
        return row

    def remove(self, row: R) -> None:
        row.removed = True
        self.rows.pop(row.id, None)
        if not self.forgets:
            self.gone[row.id] = row

    def get(self, key: str) -> R | None:
        return self.rows.get(key)

    def find(self, key: str) -> R | None:
        """Removed rows included: CloudStack translates their UUIDs too."""
        return self.rows.get(key) or self.gone.get(key)
