"""accessInfo of a VIM connection: which of it is no secret.

A list of what may be shown, never of what may not: a name that nobody thought of stays hidden. ONAP reads
``projectId`` back and goes no further without it (its VNFM adapter binds a VM to its tenant by it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Where in the VIM, not how to get in.
SHOWN = ("projectId", "projectName", "domainId", "domainName")


def tell(access: Any) -> dict[str, Any]:
    """The part of an accessInfo, or of a merge patch of one, that may be shown; {} if there is none."""
    told = access if isinstance(access, Mapping) else {}
    return {name: told[name] for name in SHOWN if name in told and isinstance(told[name], str | None)}


def without_secrets(info: Mapping[str, Any]) -> dict[str, Any]:
    """A VimConnectionInfo as it may be kept and shown."""
    rest = {name: value for name, value in info.items() if name != "accessInfo"}
    told = tell(info.get("accessInfo"))
    return {**rest, "accessInfo": told} if told else rest
