"""The VNF descriptor as this VNFM understands it, whatever TOSCA dialect it was written in (SOL001).

Identifiers equal the node template names of the VNFD: ``vduId``, ``cpdId``, ``vnfVirtualLinkDescId``,
``virtualStorageDescId``, ``aspectId``, ``instantiationLevelId``, ``flavourId``. Sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vnfm.domain.connection import ConnectionPoint, SecurityRule, VirtualIpCp, VirtualLink
from vnfm.domain.lcmrules import OPERATIONS, Attribute, OperationsConfiguration
from vnfm.domain.packagechange import ComponentMapping, PackageChange, PackageSelector

__all__ = [
    "OPERATIONS",
    "AffinityRule",
    "Attribute",
    "ComponentMapping",
    "ConnectionPoint",
    "Flavour",
    "Indicator",
    "InstantiationLevel",
    "OperationsConfiguration",
    "PackageChange",
    "PackageSelector",
    "ScalingAspect",
    "SecurityRule",
    "SoftwareImage",
    "Vdu",
    "VirtualIpCp",
    "VirtualLink",
    "VirtualStorage",
    "VnfProfile",
    "Vnfd",
]


@dataclass(frozen=True, slots=True)
class SoftwareImage:
    """What must be on the VNFC's first disk (SwImageData). ``id`` is the VDU or storage that carries it."""

    id: str
    name: str
    version: str
    provider: str | None = None
    checksum_algorithm: str | None = None
    checksum_hash: str | None = None
    container_format: str = "bare"
    disk_format: str = "qcow2"
    min_disk: int = 0
    min_ram: int = 0
    size: int = 0
    path: str | None = None
    operating_system: str | None = None
    #: Hypervisors it runs on; none named means any.
    environments: tuple[str, ...] = ()


#: Of vdu_storage_requirements, whose keys SOL001 leaves open, the one that is understood.
STORAGE_TAGS = "storage_tags"


def storage_tags(requirements: Mapping[str, str]) -> tuple[str, ...]:
    """The tags of the storage that is wanted."""
    stated = requirements.get(STORAGE_TAGS, "").split(",")
    return tuple(sorted({tag.strip() for tag in stated if tag.strip()}))


@dataclass(frozen=True, slots=True)
class VirtualStorage:
    """A virtual block storage; ``image`` is set where it is the boot volume."""

    id: str
    size: int
    image: SoftwareImage | None = None
    requirements: Mapping[str, str] = field(default_factory=dict)
    rdma: bool = False
    #: Images it carries besides, as ``Vdu.more_images``.
    more_images: tuple[SoftwareImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Vdu:
    """A Vdu.Compute: the recipe of one kind of VNFC."""

    id: str
    name: str
    description: str
    cpus: int
    memory: int
    image: SoftwareImage | None
    connection_points: tuple[ConnectionPoint, ...] = ()
    #: Names of the virtual storages bound to it, boot storage included, in the order of the VNFD.
    storages: tuple[str, ...] = ()
    local_disk: int | None = None
    user_data: str | None = None
    min_instances: int = 1
    max_instances: int = 1
    nfvi_constraints: Mapping[str, str] = field(default_factory=dict)
    #: Images it carries besides ``image``, for instance of another disk format; none of them is deployed.
    more_images: tuple[SoftwareImage, ...] = ()
    #: What its local disk must offer (vdu_storage_requirements).
    local_disk_requirements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScalingAspect:
    """``steps[i]`` maps vduId to the VNFCs that the step from level i to i+1 adds."""

    id: str
    name: str
    description: str
    max_level: int
    steps: tuple[Mapping[str, int], ...]


@dataclass(frozen=True, slots=True)
class InstantiationLevel:
    """How many VNFCs of each VDU, and the scale level of each aspect."""

    id: str
    description: str
    vnfcs: Mapping[str, int]
    scale_levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AffinityRule:
    """``targets`` are VDU or VL ids; a rule on one VDU relates its instances, on several the members."""

    id: str
    anti: bool
    scope: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A VnfIndicator. ``source`` is vnf, em or both_vnf_and_em; None where the VNFD cannot say (2.7.1).

    ``triggers`` are what the VNFD would have done on its values, as written: auto-scaling, auto-healing.
    """

    id: str
    name: str
    source: str | None = None
    triggers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VnfProfile:
    """Limits of the flavour as a whole, and the instantiation level its VNFD prefers (vnf_profile)."""

    min_instances: int
    max_instances: int
    instantiation_level: str | None = None
    service_availability_level: int | None = None


@dataclass(frozen=True, slots=True)
class Flavour:
    """One deployment flavour: a complete topology."""

    id: str
    description: str
    vdus: Mapping[str, Vdu]
    virtual_links: Mapping[str, VirtualLink]
    storages: Mapping[str, VirtualStorage]
    aspects: Mapping[str, ScalingAspect]
    levels: Mapping[str, InstantiationLevel]
    default_level: str | None
    affinity_rules: tuple[AffinityRule, ...] = ()
    #: VNFCs per VDU at scale level 0 of every aspect. A VNFD without levels gets one, "default", of these.
    initial_vnfcs: Mapping[str, int] = field(default_factory=dict)
    operations: OperationsConfiguration = field(default_factory=OperationsConfiguration)
    #: Operations of the Vnflcm interface that name an implementation, to that: noted, never run.
    scripts: Mapping[str, str] = field(default_factory=dict)
    security_rules: tuple[SecurityRule, ...] = ()
    virtual_ips: Mapping[str, VirtualIpCp] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    profile: VnfProfile | None = None

    def boot_image(self, vdu_id: str) -> SoftwareImage | None:
        """The image a VDU boots from: its own, or that of its first storage that carries one."""
        vdu = self.vdus[vdu_id]
        bound = (self.storages[name].image for name in vdu.storages)
        return vdu.image or next((image for image in bound if image is not None), None)

    def root_disk(self, vdu: Vdu) -> int | None:
        """Bytes of the root disk the VNFD asks for; None leaves it to the VIM."""
        boot = next((self.storages[name].size for name in vdu.storages if self.storages[name].image), None)
        return boot or vdu.local_disk

    def root_tags(self, vdu: Vdu) -> tuple[str, ...]:
        """Tags of the storage that the root disk is to lie on."""
        boot = next((self.storages[name] for name in vdu.storages if self.storages[name].image), None)
        return storage_tags(boot.requirements if boot else vdu.local_disk_requirements)

    def external_cps(self) -> Mapping[str, ConnectionPoint]:
        """External connection points by the cpdId the outside uses."""
        return {
            cp.external_cpd: cp
            for vdu in self.vdus.values()
            for cp in vdu.connection_points
            if cp.external_cpd is not None
        }

    def external_virtual_ips(self) -> Mapping[str, VirtualIpCp]:
        """External virtual IPs by the cpdId the outside uses; not among :meth:`external_cps`."""
        found = self.virtual_ips.values()
        return {vip.external_cpd: vip for vip in found if vip.external_cpd is not None}


@dataclass(frozen=True, slots=True)
class Vnfd:
    """One VNFD with all its flavours."""

    id: str
    version: str
    provider: str
    product_name: str
    software_version: str
    product_info_name: str | None
    description: str
    vnfm_info: tuple[str, ...]
    flavours: Mapping[str, Flavour]
    default_flavour: str | None = None
    localization_languages: tuple[str, ...] = ()
    #: Initial values of the modifiable attributes and configurable properties, SOL spelling.
    extensions: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    configurable_properties: Mapping[str, Any] = field(default_factory=dict)
    #: What may be given for these, beside the initial values above; names in SOL spelling as there.
    extension_attributes: tuple[Attribute, ...] = ()
    metadata_attributes: tuple[Attribute, ...] = ()
    configurable_attributes: tuple[Attribute, ...] = ()
    package_changes: tuple[PackageChange, ...] = ()
    #: The identifier of the package it came in, at the NFVO (VnfPkgInfo.id); not part of the VNFD itself.
    package_id: str | None = None
