"""One deployment flavour out of one topology."""

from __future__ import annotations

from vnfm.domain.vnfd import Flavour
from vnfm.vnfd import compute, links, placement, points, scaling
from vnfm.vnfd.archive import Files
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.typetree import SUB_CP, VIP_CP, VNF

#: What is understood but not acted upon: said aloud in Package.notes rather than dropped in silence.
_IGNORED_NODES = {VIP_CP: "virtual IP", SUB_CP: "trunk sub-port", "tosca.nodes.nfv.VirtualCp": "virtual CP"}
_IGNORED_POLICIES = (
    "Abstract.SecurityGroupRule",
    "VirtualLinkInstantiationLevels",
    "VirtualLinkBitrateInitialDelta",
    "VirtualLinkBitrateScalingAspectDeltas",
    "LcmCoordinationAction",
    "LcmCoordinationsForLcmOperation",
    "SupportedVnfInterface",
    "VnfIndicator",
    "VnfPackageChange",
)


def read(topology: Topology, files: Files, flavour_id: str, description: str) -> Flavour:
    """The complete topology of a flavour, consistent in itself."""
    compute.refuse_unsupported(topology)
    found = links.read(topology)
    nics = points.read(topology, found)
    storages = compute.read_storages(topology)
    vdus = compute.read_vdus(topology, storages, nics.by_vdu, files)
    if not vdus:
        raise topology.root.fail("no-vdu", f"the flavour '{flavour_id}' has no VDU")
    numbers = scaling.read(topology, vdus)
    return Flavour(
        id=flavour_id,
        description=description,
        vdus=vdus,
        virtual_links={name: link for name, link in found.items() if name not in nics.replaced_links},
        storages=storages,
        aspects=numbers.aspects,
        levels=numbers.levels,
        default_level=numbers.default_level,
        affinity_rules=placement.read(topology, {*vdus, *found}),
        initial_vnfcs=numbers.initial,
    )


def notes(topology: Topology) -> list[str]:
    """What this flavour asks for that is not done."""
    said = [
        f"{topology.file}: {what} '{template.name}' is not provided"
        for kind, what in _IGNORED_NODES.items()
        for template in topology.of_type(kind)
    ]
    said += [
        f"{topology.file}: the policy '{policy.name}' ({policy.type}) is not applied"
        for kind in _IGNORED_POLICIES
        for policy in topology.policies(kind)
    ]
    said += [
        f"{node.node.file}:{node.node.line}: the scripts of the VNF's life-cycle interfaces are not run"
        for node in topology.of_type(VNF)
        if _has_scripts(node.node.get("interfaces"))
    ]
    return said


def _has_scripts(interfaces: Node | None) -> bool:
    """True if any operation of any interface names an implementation."""
    for interface in interfaces.mapping().values() if interfaces is not None else ():
        for operation in (interface.get("operations") or interface).mapping().values():
            if operation.is_mapping and operation.get("implementation") is not None:
                return True
    return False
