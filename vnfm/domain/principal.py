"""Who asks: every request has one, every stored document belongs to a tenant of one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. ``tenant`` bounds everything it can see; roles say what it may do there."""

    client: str
    tenant: str
    roles: frozenset[str] = frozenset()
