"""A Grant in the shapes of SOL003 3.5.1, whatever release its NFVO speaks.

Up to 2.8.1 ``vimConnections`` and ``cpConfig`` are arrays; NFVOs of that time send them, ONAP among
them. Nothing of the older shape stays, so that whoever keeps a Grant without its secrets need not know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def renewed(grant: Mapping[str, Any]) -> dict[str, Any]:
    """The Grant, with maps by id where it had arrays."""
    new = {name: value for name, value in grant.items() if name != "vimConnections"}
    older = grant.get("vimConnections")
    if isinstance(older, list):
        named = {one["id"]: _without(one, "id") for one in older if isinstance(one, Mapping) and "id" in one}
        new["vimConnectionInfo"] = {**named, **(grant.get("vimConnectionInfo") or {})}
    if isinstance(grant.get("extVirtualLinks"), list):
        new["extVirtualLinks"] = [_link(link) for link in grant["extVirtualLinks"]]
    return new


def _without(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != name}


def _link(link: Any) -> Any:
    if not isinstance(link, Mapping) or not isinstance(link.get("extCps"), list):
        return link
    return {**link, "extCps": [_point(cp) for cp in link["extCps"]]}


def _point(cp: Any) -> Any:
    """A configuration without a name is named by its place, so that they stay in order."""
    if not isinstance(cp, Mapping) or not isinstance(cp.get("cpConfig"), list):
        return cp
    configs = {
        config.get("cpInstanceId") or f"{cp.get('cpdId')}-{place:04d}": _without(config, "cpInstanceId")
        for place, config in enumerate(cp["cpConfig"])
    }
    return {**cp, "cpConfig": configs}
