"""What the life cycle asks of an NFVO. Values in and out; every call returns at once.

Errors: ``Temporary`` (not reachable, overloaded, or the answer was lost: the grant request names its
vnfLcmOpOccId, so the NFVO recognises a second one) and ``Permanent`` (the NFVO refused for another reason
than its own decision, or answered what cannot be understood). A refused grant is an answer, no error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Granted:
    """The Grant as the NFVO sent it (SOL003 9.5.2.3). Holds accessInfo secrets: never log it."""

    grant: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pending:
    """The NFVO is still deciding: ask ``poll_grant(href)`` after ``delay`` seconds."""

    href: str
    delay: float = 1.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """The NFVO said no (403); ``problem`` is its ProblemDetails, status and detail always set."""

    problem: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Onboarded:
    """A VNF package: its identifier at the NFVO (VnfPkgInfo.id), and the CSAR."""

    id: str | None
    content: bytes


GrantAnswer = Granted | Pending | Rejected


class Nfvo(Protocol):
    """One NFVO. Thread-safe."""

    def request_grant(self, request: Mapping[str, Any]) -> GrantAnswer:
        """Send a GrantRequest (SOL003 9.5.2.2); repeat it freely with the same vnfLcmOpOccId."""
        ...

    def poll_grant(self, href: str) -> GrantAnswer:
        """Ask how a pending grant stands; ``href`` as ``Pending`` gave it."""
        ...

    def fetch_package(self, vnfd_id: str) -> Onboarded | None:
        """The package with that VNFD; None if the NFVO has none that is ENABLED."""
        ...
