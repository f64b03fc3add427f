"""Ways that VNFDs declare from one VNFD to another (SOL001 VnfPackageChange).

Part of ``domain.vnfd``, which other rooms import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackageSelector:
    """Between which VNFDs, and from which flavour, a package change applies."""

    source_descriptor_id: str
    destination_descriptor_id: str
    source_flavour_id: str


@dataclass(frozen=True, slots=True)
class ComponentMapping:
    """``type`` is vdu, cp, virtual_link, virtual_storage, instantiation_level or scaling_aspect.

    Up to 3.6.1 it may also be deployment_flavour.
    """

    type: str
    source_id: str
    destination_id: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A way from one VNFD to another (VnfPackageChange). ``qualifier`` is up or down."""

    id: str
    selectors: tuple[PackageSelector, ...]
    qualifier: str
    destination_flavour_id: str
    component_mappings: tuple[ComponentMapping, ...] = ()
    description: str = ""
    actions: tuple[str, ...] = ()

    def applies(self, source_vnfd: str, destination_vnfd: str, source_flavour: str) -> bool:
        """True if a selector names this change."""
        return PackageSelector(source_vnfd, destination_vnfd, source_flavour) in self.selectors

    def renamed(self, component: str) -> Mapping[str, str]:
        """Ids of the old VNFD to those of the new one, for one type of component."""
        return {
            item.source_id: item.destination_id for item in self.component_mappings if item.type == component
        }
