"""What a flavour asks for and this VNFM does not do: said in Package.notes rather than dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from vnfm.domain import opening, reservation
from vnfm.domain.vnfd import STORAGE_TAGS, Flavour
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.typetree import SUB_CP

_NODES = {SUB_CP: "trunk sub-port", "tosca.nodes.nfv.VirtualCp": "virtual CP"}
_POLICIES = (
    "VirtualLinkInstantiationLevels",
    "VirtualLinkBitrateInitialDelta",
    "VirtualLinkBitrateScalingAspectDeltas",
    "LcmCoordinationAction",
    "LcmCoordinationsForLcmOperation",
    "SupportedVnfInterface",
    "VnfIndicator",
)


def on(topology: Topology, flavour: Flavour) -> list[str]:
    """Sentences for the operator on a flavour's template, each beginning with the file."""
    said = [
        f"{what} '{template.name}' is not provided"
        for kind, what in _NODES.items()
        for template in topology.of_type(kind)
    ]
    said += [*_on_rules(flavour), *_on_points(flavour), *_on_images(flavour), *_on_interfaces(flavour)]
    said += _on_disks(flavour)
    return [*(f"{topology.file}: {sentence}" for sentence in said), *on_policies(topology)]


def on_policies(topology: Topology) -> list[str]:
    """Sentences on the policies of any template."""
    said = [
        f"{topology.file}: the policy '{policy.name}' ({policy.type}) is not applied"
        for kind in _POLICIES
        for policy in topology.policies(kind)
    ]
    changes = topology.policies("VnfPackageChange")
    coordinated = [policy.name for policy in changes if policy.properties.get("actions") is not None]
    return said + [
        f"{topology.file}: the coordination actions of '{name}' are not asked for" for name in coordinated
    ]


def _on_rules(flavour: Flavour) -> Iterator[str]:
    for rule in flavour.affinity_rules:
        links = [target for target in rule.targets if target not in flavour.vdus]
        if links:
            yield f"the rule '{rule.id}' is not applied to the virtual links {', '.join(links)}"


def _on_points(flavour: Flavour) -> Iterator[str]:
    """As the operation's warnings will say; there links can be the NFVO's, too."""
    yield from reservation.without_effect(flavour)
    yield from opening.without_effect(flavour, flavour.virtual_links)


def _on_images(flavour: Flavour) -> Iterator[str]:
    further = [image for vdu in flavour.vdus.values() for image in vdu.more_images]
    further += [image for storage in flavour.storages.values() for image in storage.more_images]
    for image in further:
        yield f"the further software image '{image.id}' is not used"


def _on_disks(flavour: Flavour) -> Iterator[str]:
    demands = {
        **{f"storage '{one.id}'": one.requirements for one in flavour.storages.values()},
        **{f"local disk of '{one.id}'": one.local_disk_requirements for one in flavour.vdus.values()},
    }
    for whose, stated in demands.items():
        ignored = sorted(stated.keys() - {STORAGE_TAGS})
        if ignored:
            yield f"requirements of the {whose} are not looked at: {', '.join(ignored)}"
    rdma = [storage.id for storage in flavour.storages.values() if storage.rdma]
    if rdma:
        yield f"no RDMA is provided for the storages {', '.join(rdma)}"


def _on_interfaces(flavour: Flavour) -> Iterator[str]:
    if flavour.scripts:
        yield f"the scripts of the VNF's life-cycle interfaces are not run: {', '.join(flavour.scripts)}"
    if any(indicator.source is None for indicator in flavour.indicators.values()):
        yield f"the indicators are not collected: {', '.join(flavour.indicators)}"
