"""Vdu.Compute and VirtualBlockStorage node templates into domain VDUs and storages (SOL001 6.8.3, 6.8.4)."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm.domain.vnfd import ConnectionPoint, Vdu, VirtualStorage
from vnfm.vnfd import bootdata, images, scalars
from vnfm.vnfd.archive import Files
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import BLOCK_STORAGE, COMPUTE

#: Node types without which a VNF would not work, and which a virtual machine cloud cannot provide.
_REFUSED = {
    "tosca.nodes.nfv.Vdu.OsContainer": "containers are",
    "tosca.nodes.nfv.Vdu.OsContainerDeployableUnit": "containers are",
    "tosca.nodes.nfv.Mciop": "container packages are",
    "tosca.nodes.nfv.Vdu.VirtualObjectStorage": "object storage is",
    "tosca.nodes.nfv.Vdu.VirtualFileStorage": "file storage is",
}


def refuse_unsupported(topology: Topology) -> None:
    """Say so now rather than deploy half a VNF."""
    for kind, what in _REFUSED.items():
        for template in topology.of_type(kind):
            raise template.node.fail(
                "unsupported-type", f"'{template.name}': {what} not supported on this VIM"
            )


def read_storages(topology: Topology) -> dict[str, VirtualStorage]:
    """Every virtual block storage."""
    return {template.name: _storage(template, topology) for template in topology.of_type(BLOCK_STORAGE)}


def _storage(template: Template, topology: Topology) -> VirtualStorage:
    shared = template.properties.get("per_vnfc_instance")
    if shared is not None and not shared.is_null and not shared.flag():
        raise shared.fail(
            "unsupported-type", "a storage shared by several VNFCs is not supported on this VIM"
        )
    data = template.body.need("virtual_block_storage_data")
    carried = images.read(template, topology)
    rdma = data.get("rdma_enabled")
    return VirtualStorage(
        id=template.name,
        size=scalars.size(data.need("size_of_storage")),
        image=carried[0] if carried else None,
        requirements=_requirements(data),
        rdma=rdma is not None and rdma.flag(),
        more_images=carried[1:],
    )


def _requirements(data: Node) -> dict[str, str]:
    stated = data.get("vdu_storage_requirements")
    return stated.text_map() if stated is not None else {}


def read_vdus(
    topology: Topology,
    storages: Mapping[str, VirtualStorage],
    points: Mapping[str, tuple[ConnectionPoint, ...]],
    files: Files,
) -> dict[str, Vdu]:
    """Every VDU with its NICs and storages."""
    return {
        template.name: _vdu(template, topology, storages, points.get(template.name, ()), files)
        for template in topology.of_type(COMPUTE)
    }


def _vdu(
    template: Template,
    topology: Topology,
    storages: Mapping[str, VirtualStorage],
    points: tuple[ConnectionPoint, ...],
    files: Files,
) -> Vdu:
    capability = _capability(template)
    least, most = _profile(template)
    bound = _bound_storages(template, storages)
    disks = _local_disks(capability)
    carried = images.read(template, topology)
    if not carried and not any(storages[name].image for name in bound):
        raise template.node.fail(
            "vdu-without-image", f"'{template.name}' has no software image, nor has its storage"
        )
    return Vdu(
        id=template.name,
        name=template.body.optional_text("name") or template.name,
        description=template.body.optional_text("description") or "",
        cpus=capability.need("virtual_cpu").need("num_virtual_cpu").integer(1),
        memory=_memory(capability),
        image=carried[0] if carried else None,
        connection_points=points,
        storages=bound,
        # The sum: a CloudStack machine has one root disk of its own.
        local_disk=sum(scalars.size(disk.need("size_of_storage")) for disk in disks) or None,
        user_data=bootdata.read(template, topology, files),
        min_instances=least,
        max_instances=most,
        nfvi_constraints=_constraints(template),
        more_images=carried[1:],
        local_disk_requirements={key: value for disk in disks for key, value in _requirements(disk).items()},
    )


def _capability(template: Template) -> Node:
    """The properties of the virtual_compute capability."""
    found = template.node.get("capabilities", "virtual_compute", "properties")
    if found is None:
        raise template.node.fail(
            "missing-key", f"'{template.name}' has no virtual_compute capability with properties"
        )
    return found


def _memory(capability: Node) -> int:
    node = capability.need("virtual_memory").need("virtual_mem_size")
    value = scalars.size(node)
    if value == 0:
        raise node.fail("out-of-range", "a VDU needs memory")
    return value


def _local_disks(capability: Node) -> list[Node]:
    stated = capability.get("virtual_local_storage")
    if stated is None:
        return []
    return stated.items() if stated.is_list else [stated]


def _profile(template: Template) -> tuple[int, int]:
    profile = template.properties.get("vdu_profile")
    if profile is None or profile.is_null:
        return 1, 1
    least = profile.need("min_number_of_instances").integer()
    most = profile.need("max_number_of_instances").integer()
    if least > most:
        raise profile.fail(
            "instances", f"min_number_of_instances {least} is above max_number_of_instances {most}"
        )
    return least, most


def _bound_storages(template: Template, storages: Mapping[str, VirtualStorage]) -> tuple[str, ...]:
    """Storages in the order of the requirements, or of boot_order where 2.x lists names in it."""
    bound: list[str] = []
    for requirement in template.targets("virtual_storage"):
        if requirement.target is None or requirement.target not in storages:
            raise requirement.at.fail(
                "unknown-node", f"'{requirement.target}' is no virtual block storage here"
            )
        if requirement.target in bound:
            raise requirement.at.fail("duplicate-storage", f"'{requirement.target}' is bound twice")
        bound.append(requirement.target)
    first = template.properties.get("boot_order")
    if first is not None and first.is_list:
        for name in reversed(first.texts()):
            if name not in bound:
                raise first.fail("unknown-node", f"boot_order names '{name}', which is not bound to this VDU")
            bound.remove(name)
            bound.insert(0, name)
    return tuple(bound)


def _constraints(template: Template) -> dict[str, str]:
    """A map, or in 2.5.1 and 2.6.1 a list of texts, each kept under itself."""
    stated = template.properties.get("nfvi_constraints")
    if stated is None or stated.is_null:
        return {}
    if stated.is_mapping:
        return stated.text_map()
    return {text: text for text in stated.texts()}
