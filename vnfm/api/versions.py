"""API versions: the Version header in and out, and what api_versions tells (SOL013 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException


@dataclass(frozen=True, slots=True)
class Served:
    """One major version of an API: ``version`` is answered with, ``minors`` are understood as well.

    A minor version only adds what may be left out, so an older one is understood as it is. A newer one may
    ask for what is not there, and is refused unless it is known that it does not.
    """

    version: str
    minors: frozenset[int]

    @property
    def pattern(self) -> str:
        """What a Version request header looks like, as a regular expression for a specification."""
        major = self.version.partition(".")[0]
        minors = "|".join(str(minor) for minor in sorted(self.minors))
        return rf"^{major}\.({minors})\.(0|[1-9][0-9]{{0,8}})(-impl:[!-9;-~]+:[!-9;-~]+:[!-~]+)?$"


#: NFV-SOL 2.6.1 has vnflcm 1.3.0. What 2.7.1 (1.4.0) and 2.8.1 (1.5.0) added to requests is understood.
_V1 = Served("1.3.0", frozenset(range(6)))
#: 3.3.1 has vnflcm 2.0.0, 3.5.1 has 2.1.0.
_V2 = Served("2.1.0", frozenset({0, 1}))

#: Root of an API → major version → what is served there.
SERVED: Mapping[str, Mapping[str, Served]] = {
    "vnflcm": {"v1": _V1, "v2": _V2},
    "sol002/vnflcm": {"v1": _V1, "v2": _V2},
}

_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-impl:[^:\s]+:[^:\s]+:[^\s]+)?")


def at(path: str) -> Served | None:
    """What is served at ``path``: the newest where it names no major version, None outside the SOL APIs."""
    for root, majors in SERVED.items():
        if path.startswith(f"/{root}/"):
            return majors.get(path[len(root) + 2 :].partition("/")[0], majors[max(majors)])
    return None


def stamp(path: str) -> bytes | None:
    """What the Version header of an answer for ``path`` says; None outside the SOL APIs."""
    served = at(path)
    return served.version.encode() if served else None


def check(value: str | None, served: Served, *, required: bool) -> None:
    """Refuse a Version request header that is malformed or missing (400), or of a version that is not
    understood (406). The patch number and what an implementation adds do not matter (SOL013 9.2)."""
    if value is None:
        if required:
            raise HTTPException(400, "the Version header is missing")
        return
    match = _VERSION.fullmatch(value.strip())
    if match is None:
        raise HTTPException(400, "the Version header is not MAJOR.MINOR.PATCH")
    if match[1] != served.version.partition(".")[0] or int(match[2]) not in served.minors:
        raise HTTPException(
            406, f"Version: {value.strip()} is not supported here, {served.version} is; see api_versions"
        )


def information(base_url: str, root: str, major: str | None = None) -> dict[str, Any]:
    """ApiVersionInformation of one major version, or of all that are served below ``root``."""
    majors = SERVED[root]
    chosen = [majors[major]] if major else [majors[name] for name in sorted(majors)]
    prefix = f"{base_url}/{root}/{major}/" if major else f"{base_url}/{root}/"
    return {"uriPrefix": prefix, "apiVersions": [{"version": served.version} for served in chosen]}
