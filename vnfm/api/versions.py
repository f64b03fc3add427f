"""API versions: the Version header in and out, and what api_versions tells (SOL013 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

#: API name → major version → the version served (SOL003 3.5.1 has vnflcm 2.1.0).
SERVED: Mapping[str, Mapping[str, str]] = {"vnflcm": {"v2": "2.1.0"}}

_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-impl:[^:\s]+:[^:\s]+:[^\s]+)?")


def stamp(path: str) -> bytes | None:
    """What the Version header of an answer for ``path`` says; None outside the SOL APIs."""
    name, _, rest = path[1:].partition("/")
    majors = SERVED.get(name)
    if majors is None:
        return None
    major = rest.partition("/")[0]
    return majors.get(major, max(majors.values())).encode()


def check(value: str | None, major: str, strict: bool) -> None:
    """Refuse a Version request header that is malformed (400) or of another major version (406).

    Minor and patch numbers are not compared: versions of one major number are compatible.
    """
    if value is None:
        if strict:
            raise HTTPException(400, "the Version header is missing")
        return
    match = _VERSION.fullmatch(value.strip())
    if match is None:
        raise HTTPException(400, "the Version header is not MAJOR.MINOR.PATCH")
    if f"v{match[1]}" != major:
        raise HTTPException(406, f"version {value.strip()} is not supported; see api_versions")


def information(base_url: str, name: str, major: str | None = None) -> dict[str, Any]:
    """ApiVersionInformation of one major version, or of all."""
    served = SERVED[name]
    chosen = [served[major]] if major else list(served.values())
    prefix = f"{base_url}/{name}/{major}/" if major else f"{base_url}/{name}/"
    return {"uriPrefix": prefix, "apiVersions": [{"version": version} for version in chosen]}
