"""Which host names are taken. The guard looks at the NICs of a network, and at nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import invalid
from vnfm.sandbox.cloudstack.view_network import domain_of
from vnfm.sandbox.cloudstack.world import World


def holder(name: str, networks: Iterable[model.Network], but: model.VM | None = None) -> model.Network | None:
    """A network in which a VM of any state carries the name. A VM without NIC holds none."""
    for network in networks:
        for nic in network.nics:
            if nic.vm is not but and nic.vm.name.lower() == name.lower():
                return network
    return None


def need_free(world: World, name: str, networks: Iterable[model.Network]) -> None:
    network = holder(name, networks)
    if network is not None:
        raise invalid(
            f"The vm with hostName {name} already exists in the network domain:"
            f" {domain_of(world, network)}; network={network.name}"
        )
