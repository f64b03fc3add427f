"""Which connection points the configurations of a version 1 request are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vnfm.domain.instance import Instance
from vnfm.domain.operation import OperationType
from vnfm.errors import BadRequest
from vnfm.wire.screen import Document

#: Gets the VNF instance, where it is needed.
Fetch = Callable[[], Instance]


class Names:
    """cpConfigIds for the array items of a request.

    ``cpInstanceId`` names an external CP that is there (VnfExtCpInfo.id): its configuration is meant. At an
    INSTANTIATE there are none, and the caller's word is kept. Items without one are numbered.
    """

    def __init__(self, kind: OperationType, links: Sequence[Mapping[str, Any]], fetch: Fetch) -> None:
        self._known: dict[str, str] = {}
        self._shared: set[str] = set()
        self._strict = kind is OperationType.CHANGE_EXT_CONN
        points = [cp for link in links for cp in link.get("extCps") or []]
        asked = any(config.get("cpInstanceId") for cp in points for config in cp.get("cpConfig") or [])
        if kind is not OperationType.INSTANTIATE and asked:
            self._learn(fetch())
        self._taken: set[str] = {
            str(config["cpInstanceId"])
            for cp in points
            for config in cp.get("cpConfig") or []
            if config.get("cpInstanceId")
        } | set(self._known.values())

    def _learn(self, instance: Instance) -> None:
        for cp in (instance.instantiated_vnf_info or {}).get("extCpInfo") or []:
            if cp["cpConfigId"] in self._known.values():
                self._shared.add(cp["cpConfigId"])
            self._known[cp["id"]] = cp["cpConfigId"]

    def configs_named(self, point: Document) -> Document:
        """VnfExtCpData with its configurations by id."""
        if point.get("cpConfig") is None:
            return point
        named: Document = {}
        for config in point["cpConfig"]:
            rest = dict(config)
            name = self._name(point["cpdId"], rest.pop("cpInstanceId", None))
            if name in named:
                raise BadRequest(f"extVirtualLinks.extCps.cpConfig: {name!r} is configured twice")
            named[name] = rest
        return {**point, "cpConfig": named}

    def _name(self, cpd: str, cp_instance: str | None) -> str:
        if cp_instance is None:
            return self._number(cpd)
        config = self._known.get(cp_instance, cp_instance)
        if cp_instance in self._known and config in self._shared:
            raise BadRequest(
                f"extVirtualLinks.extCps.cpConfig.cpInstanceId: {cp_instance!r} shares its configuration "
                f"{config!r} with other CPs of {cpd!r}, and version 1 cannot name them apart; use version 2"
            )
        if self._strict and config not in self._known.values():
            raise BadRequest(
                f"extVirtualLinks.extCps.cpConfig.cpInstanceId: there is no external CP {cp_instance!r}; "
                f"this VNF has: {', '.join(sorted(self._known)) or 'none'}"
            )
        return config

    def _number(self, cpd: str) -> str:
        """Names that sort as they were given: that is how configurations are dealt out."""
        position = 0
        while f"{cpd}-{position:04d}" in self._taken:
            position += 1
        self._taken.add(f"{cpd}-{position:04d}")
        return f"{cpd}-{position:04d}"
