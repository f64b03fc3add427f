"""Every command the emulator serves, by name."""

from __future__ import annotations

from vnfm.sandbox.cloudstack.commands import (
    accounts,
    addresses,
    affinity,
    appliances,
    jobqueries,
    keys,
    machine_changes,
    machine_lists,
    machines,
    networks,
    nic_changes,
    offerings,
    places,
    server,
    snapshots,
    tags,
    templates,
    vmsnapshots,
    volumes,
)
from vnfm.sandbox.cloudstack.jobs import Handlers

HANDLERS: Handlers = {
    **accounts.HANDLERS,
    **addresses.HANDLERS,
    **affinity.HANDLERS,
    **appliances.HANDLERS,
    **jobqueries.HANDLERS,
    **keys.HANDLERS,
    **machine_changes.HANDLERS,
    **machine_lists.HANDLERS,
    **machines.HANDLERS,
    **networks.HANDLERS,
    **nic_changes.HANDLERS,
    **offerings.HANDLERS,
    **places.HANDLERS,
    **server.HANDLERS,
    **snapshots.HANDLERS,
    **tags.HANDLERS,
    **templates.HANDLERS,
    **vmsnapshots.HANDLERS,
    **volumes.HANDLERS,
}
