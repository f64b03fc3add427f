"""One deployment flavour out of one topology."""

from __future__ import annotations

from vnfm.domain.vnfd import Flavour, VnfProfile
from vnfm.vnfd import (
    compute,
    indicators,
    interfaces,
    links,
    operations,
    placement,
    points,
    scaling,
    security,
    virtualips,
)
from vnfm.vnfd.archive import Files
from vnfm.vnfd.exposure import Exposure
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Topology
from vnfm.vnfd.vnf import Vnf


def read(
    topology: Topology, files: Files, vnf: Vnf, flavour_id: str, description: str, flavours: int
) -> Flavour:
    """The complete topology of a flavour, consistent in itself; ``flavours`` is how many the VNFD has."""
    compute.refuse_unsupported(topology)
    found = links.read(topology)
    exposure = Exposure(topology, found)
    nics = points.read(topology, found, exposure)
    virtual_ips = virtualips.read(topology, found, exposure)
    exposure.check_used()
    storages = compute.read_storages(topology)
    vdus = compute.read_vdus(topology, storages, nics, files)
    if not vdus:
        raise topology.root.fail("no-vdu", f"the flavour '{flavour_id}' has no VDU")
    numbers = scaling.read(topology, vdus)
    return Flavour(
        id=flavour_id,
        description=description,
        vdus=vdus,
        virtual_links={name: link for name, link in found.items() if name not in exposure.replaced_links},
        storages=storages,
        aspects=numbers.aspects,
        levels=numbers.levels,
        default_level=numbers.default_level,
        affinity_rules=placement.read(topology, {*vdus, *found}),
        initial_vnfcs=numbers.initial,
        operations=operations.read(topology, vnf, numbers, flavours),
        scripts=interfaces.scripts(topology, vnf),
        security_rules=security.read(
            topology, [nic for group in nics.values() for nic in group], virtual_ips
        ),
        virtual_ips=virtual_ips,
        indicators=indicators.read(topology, vnf),
        profile=_profile(vnf.facts.get("vnf_profile")),
    )


def _profile(stated: Node | None) -> VnfProfile | None:
    if stated is None:
        return None
    least = stated.need("min_number_of_instances").integer()
    most = stated.need("max_number_of_instances").integer()
    if least > most:
        raise stated.fail(
            "instances", f"min_number_of_instances {least} is above max_number_of_instances {most}"
        )
    availability = stated.get("service_availability_level")
    return VnfProfile(
        min_instances=least,
        max_instances=most,
        instantiation_level=stated.optional_text("instantiation_level"),
        service_availability_level=availability.integer(1) if availability is not None else None,
    )
