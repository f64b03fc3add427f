"""INSTANTIATE (SOL003 5.4.4): from a deployment to the steps that bring it about."""

from __future__ import annotations

from vnfm.domain import securitygroup
from vnfm.domain.deployment import Deployment
from vnfm.domain.operation import StepEntry
from vnfm.lcm import looking, reservations

#: Raised whenever the meaning of a journal written by an older release would change.
VERSION = 1


def plan(deployment: Deployment) -> list[StepEntry]:
    """The steps; those of one stage run side by side.

    VNFCs with fixed addresses come first: the VIM might give a sibling just that address.
    """
    own = [link.key for link in deployment.links if link.managed is None]
    return [
        *looking.begin(vnfc.vdu.id for vnfc in deployment.vnfcs),
        *(StepEntry("create_network", link, 3) for link in own),
        *(StepEntry("create_group", group.key, 3) for group in deployment.groups),
        *(
            StepEntry("create_security_group", vdu, 3)
            for vdu in securitygroup.guardable(deployment.flavour, own)
        ),
        *(StepEntry("deploy_vnfc", vnfc.key, 4) for vnfc in deployment.vnfcs if vnfc.has_fixed_address),
        *(StepEntry("deploy_vnfc", vnfc.key, 5) for vnfc in deployment.vnfcs if not vnfc.has_fixed_address),
        *(StepEntry("add_volume", disk.key, 6) for vnfc in deployment.vnfcs for disk in vnfc.storages),
        *reservations.steps(deployment.reserved, 6),
        *(StepEntry("open_egress", opening.target, 6) for opening in deployment.openings),
        StepEntry("finalise_instantiate", "", 7),
    ]
