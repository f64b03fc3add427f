"""What of one VNFD is what of the next: component mappings of a package change (SOL001 VnfPackageChange).

A change of package is planned and carried out under the names of the VNFD it leads to. The record of the
instance and the flavour it is in are read as if they had always had those names; what is not mapped keeps its
own. The stored record gets the new names with the last step, and a rollback never sees anything else than the
old ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vnfm.domain.deployment import pick_flavour
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import AffinityRule, ConnectionPoint, Flavour, PackageChange, Vdu, Vnfd

#: Attributes of instantiatedVnfInfo that name a component of the VNFD, at whatever depth, and its type.
_NAMED: Mapping[str, str] = {
    "vduId": "vdu",
    "cpdId": "cp",
    "vnfVirtualLinkDescId": "virtual_link",
    "virtualStorageDescId": "virtual_storage",
    "aspectId": "scaling_aspect",
}


@dataclass(frozen=True, slots=True)
class Renaming:
    """``names``: by type of component (SOL001 component_type), old ids to new ones."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> str:
        """The new id of a component."""
        return self.names.get(kind, {}).get(name, name)

    def reversed(self) -> Renaming:
        """From the new names to the old ones."""
        turned = {kind: {new: old for old, new in pairs.items()} for kind, pairs in self.names.items()}
        return Renaming(turned)

    def instance(self, instance: Instance) -> Instance:
        """The instance under the new names; its attributes outside record and inventory stay."""
        info = instance.instantiated_vnf_info
        return replace(
            instance,
            instantiated_vnf_info=None if info is None else self.record(info),
            resources=self.resources(instance.resources),
        )

    def record(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """An instantiatedVnfInfo under the new names."""
        renamed: dict[str, Any] = self._walk(info)
        return renamed

    def resources(self, inventory: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """An inventory under the new names."""
        return [{**item, "target": self._target(item["kind"], item["target"])} for item in inventory]

    def flavour(self, flavour: Flavour) -> Flavour:
        """VDUs, CPs, links, storages and placement rules under the new names: what comparing needs."""
        return replace(
            flavour,
            vdus={self.of("vdu", name): self._vdu(vdu) for name, vdu in flavour.vdus.items()},
            virtual_links={
                self.of("virtual_link", name): replace(link, id=self.of("virtual_link", name))
                for name, link in flavour.virtual_links.items()
            },
            storages={
                self.of("virtual_storage", name): replace(disk, id=self.of("virtual_storage", name))
                for name, disk in flavour.storages.items()
            },
            affinity_rules=tuple(self._rule(rule) for rule in flavour.affinity_rules),
        )

    def vnfc_key(self, key: str) -> str:
        """A VNFC's key, VDU and index."""
        vdu, _, index = key.rpartition("-")
        return f"{self.of('vdu', vdu)}-{index}"

    def _walk(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._attribute(name, item) for name, item in value.items()}
        return [self._walk(item) for item in value] if isinstance(value, list) else value

    def _attribute(self, name: str, value: Any) -> Any:
        if name in _NAMED and isinstance(value, str):
            return self.of(_NAMED[name], value)
        return self.vnfc_key(value) if name == "vnfcKey" else self._walk(value)

    def _target(self, kind: str, target: str) -> str:
        if kind == "NETWORK":
            return self.of("virtual_link", target)
        if kind == "SECURITY_GROUP":
            return self.of("vdu", target)
        if kind == "SERVER":
            return self.vnfc_key(target)
        if kind == "VOLUME":
            key, _, storage = target.partition("/")
            return f"{self.vnfc_key(key)}/{self.of('virtual_storage', storage)}"
        return target

    def _vdu(self, vdu: Vdu) -> Vdu:
        return replace(
            vdu,
            id=self.of("vdu", vdu.id),
            connection_points=tuple(self._cp(cp) for cp in vdu.connection_points),
            storages=tuple(self.of("virtual_storage", name) for name in vdu.storages),
        )

    def _cp(self, cp: ConnectionPoint) -> ConnectionPoint:
        return replace(
            cp,
            id=self.of("cp", cp.id),
            vdu=self.of("vdu", cp.vdu),
            virtual_link=cp.virtual_link and self.of("virtual_link", cp.virtual_link),
            external_cpd=cp.external_cpd and self.of("cp", cp.external_cpd),
        )

    def _rule(self, rule: AffinityRule) -> AffinityRule:
        targets = (self.of("virtual_link", self.of("vdu", name)) for name in rule.targets)
        return replace(rule, targets=tuple(targets))


@dataclass(frozen=True, slots=True)
class Way:
    """How an instance gets from one VNFD to another: the flavour it will be in, and what is called how."""

    flavour: Flavour
    renaming: Renaming
    change: PackageChange | None = None


def find_way(vnfd: Vnfd, destination: Vnfd, flavour: Flavour) -> Way:
    """The way the VNFDs declare from ``flavour``; DeploymentError if there is none, or it cannot be meant.

    None declared by the new VNFD, or from the old one: same flavour and same names are taken for granted.
    """
    ways = ((one, {s.source_descriptor_id for s in one.selectors}) for one in vnfd.package_changes)
    away = [one for one, sources in ways if vnfd.id in sources]
    declared = [*destination.package_changes, *away]
    change = next((one for one in declared if one.applies(vnfd.id, destination.id, flavour.id)), None)
    if change is None and declared:
        raise DeploymentError(
            f"vnfdId: no package change leads from VNFD {vnfd.id}, flavour {flavour.id}, to {destination.id}"
        )
    new = pick_flavour(destination, change.destination_flavour_id if change else flavour.id)
    return Way(new, _read(change, flavour, new) if change else Renaming(), change)


def _read(change: PackageChange, old: Flavour, new: Flavour) -> Renaming:
    before, after = _components(old), _components(new)
    for one in change.component_mappings:
        if one.type not in before:
            continue  # instantiation levels and flavours: no record names them
        for name, known, which in (
            (one.source_id, before[one.type], f"flavour {old.id} of the present VNFD"),
            (one.destination_id, after[one.type], f"flavour {new.id} of the new VNFD"),
        ):
            if name not in known:
                raise DeploymentError(
                    f"vnfdId: package change {change.id!r} maps the {one.type} {name!r}, which is not in "
                    f"{which}; that has: {', '.join(sorted(known)) or 'none'}"
                )
    renaming = Renaming({kind: change.renamed(kind) for kind in before})
    for kind, names in before.items():
        goals = Counter(renaming.of(kind, name) for name in names)
        twice = sorted(goal for goal, number in goals.items() if number > 1)
        if twice:
            raise DeploymentError(
                f"vnfdId: package change {change.id!r} makes one {kind}, {twice[0]!r}, of several; which of "
                "them is to stay cannot be told"
            )
    return renaming


def _components(flavour: Flavour) -> Mapping[str, set[str]]:
    cps = [cp for vdu in flavour.vdus.values() for cp in vdu.connection_points]
    names = {cp.id for cp in cps} | set(flavour.virtual_ips)
    shown = {*flavour.external_cps(), *flavour.external_virtual_ips()}
    return {
        "vdu": set(flavour.vdus),
        "cp": names | shown,
        "virtual_link": set(flavour.virtual_links),
        "virtual_storage": set(flavour.storages),
        "scaling_aspect": set(flavour.aspects),
    }
