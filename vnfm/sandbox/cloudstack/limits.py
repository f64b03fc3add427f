"""Account limits: what counts, and the refusal when one is reached."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Refusal
from vnfm.sandbox.cloudstack.world import RESOURCES, World

UNCOUNTED = frozenset({"Destroyed", "Expunging", "Error"})
GIB = 1 << 30


def usage(world: World, account: model.Account) -> dict[int, int]:
    """What the account uses, by resource number."""
    vms = [vm for vm in world.vms if vm.owner is account and vm.state not in UNCOUNTED]
    volumes = [volume for volume in world.volumes if volume.owner is account]
    return {
        0: len(vms),
        1: sum(address.owner is account for address in world.addresses),
        2: len(volumes),
        3: sum(snapshot.owner is account for snapshot in world.snapshots),
        4: sum(template.owner is account for template in world.templates),
        6: sum(network.owner is account for network in world.networks),
        8: sum(vm.cpunumber for vm in vms),
        9: sum(vm.memory for vm in vms),
        10: sum(volume.size for volume in volumes) // GIB,
    }


def need_room(world: World, account: model.Account, wanted: dict[int, int]) -> None:
    """535 with the text in clear when a limit would be passed."""
    if account.kind in ("admin", "system"):
        return
    if all(world.limit(account, resource) < 0 for resource in wanted):
        return
    have = usage(world, account)
    for resource, more in wanted.items():
        limit = world.limit(account, resource)
        if 0 <= limit < have.get(resource, 0) + more:
            raise Refusal(535, told(account, resource, limit, have.get(resource, 0), more))


def told(account: model.Account, resource: int, limit: int, used: int, more: int) -> str:
    return (
        f"Maximum amount of resources of Type = '{RESOURCES[resource][1]}', tag = 'null'"
        f" for Account Name = {account.name} in Domain Id = {account.domain.serial} is exceeded:"
        f" Account Resource Limit = {limit}, Current Account Resource Amount = {used},"
        f" Current Account Resource Reservation = 0, Requested Resource Amount = {more}."
    )
