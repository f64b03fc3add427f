"""The VNF descriptor as this VNFM understands it, whatever TOSCA dialect it was written in (SOL001).

Identifiers equal the node template names of the VNFD: ``vduId``, ``cpdId``, ``vnfVirtualLinkDescId``,
``virtualStorageDescId``, ``aspectId``, ``instantiationLevelId``, ``flavourId``. Sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


@dataclass(frozen=True, slots=True)
class VirtualStorage:
    """A virtual block storage; ``image`` is set where it is the boot volume."""

    id: str
    size: int
    image: SoftwareImage | None = None
    requirements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionPoint:
    """A VduCp: one NIC. ``virtual_link`` None means it is open to the outside (external CP).

    ``external_cpd`` is the cpdId under which the outside knows it: its own id, or that of a VnfExtCp
    re-exposing an internal one. ``fixed_addresses`` come from the VNFD's address data.
    """

    id: str
    vdu: str
    order: int
    virtual_link: str | None
    external_cpd: str | None = None
    layer_protocols: tuple[str, ...] = ()
    vnic_type: str = "normal"
    mac_address: str | None = None
    fixed_addresses: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class VirtualLink:
    """An internal virtual link (VnfVirtualLink) with what its protocol data says of layer 3.

    ``cidr`` None and ``dhcp`` False together mean a pure layer-2 link.
    """

    id: str
    description: str = ""
    layer_protocols: tuple[str, ...] = ()
    ip_version: str | None = None
    cidr: str | None = None
    gateway: str | None = None
    dhcp: bool = False
    allocation_pools: tuple[tuple[str, str], ...] = ()
    mtu: int | None = None
    segmentation_id: str | None = None

    @property
    def is_layer2(self) -> bool:
        """True when nobody hands out addresses on this link."""
        return self.cidr is None and not self.dhcp and self.ip_version is None


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

    def boot_image(self, vdu_id: str) -> SoftwareImage | None:
        """The image a VDU boots from: its own, or that of its first storage that carries one."""
        vdu = self.vdus[vdu_id]
        bound = (self.storages[name].image for name in vdu.storages)
        return vdu.image or next((image for image in bound if image is not None), None)

    def root_disk(self, vdu: Vdu) -> int | None:
        """Bytes of the root disk the VNFD asks for; None leaves it to the VIM."""
        boot = next((self.storages[name].size for name in vdu.storages if self.storages[name].image), None)
        return boot or vdu.local_disk

    def external_cps(self) -> Mapping[str, ConnectionPoint]:
        """External connection points by the cpdId the outside uses."""
        return {
            cp.external_cpd: cp
            for vdu in self.vdus.values()
            for cp in vdu.connection_points
            if cp.external_cpd is not None
        }


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
