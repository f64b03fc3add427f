"""Which host takes a VM: room, strict groups, chance."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Refusal
from vnfm.sandbox.cloudstack.world import World

ANTI = "host anti-affinity"
TOGETHER = "host affinity"


def place(world: World, vm: model.VM) -> model.Host:
    """A host with room that the groups allow, or 533. Soft groups only order the candidates."""
    hosts = [host for host in world.hosts if host.zone is vm.zone and has_room(world, host, vm)]
    allowed = [host for host in hosts if fits_groups(host, vm)]
    if not allowed:
        text = f"No destination found for a deployment for {vm.described()}"
        if vm.groups:
            text += (
                ", Please check the affinity groups provided, there may not be sufficient capacity for them"
            )
        raise Refusal(533, text, 4335)
    best = min(reluctance(host, vm) for host in allowed)
    return world.chance.choice([host for host in allowed if reluctance(host, vm) == best])


def has_room(world: World, host: model.Host, vm: model.VM) -> bool:
    if host.systemvm or world.settings.flag("sandbox.hosts.full"):
        return False
    megahertz, memory = used(host)
    fits_cpu = vm.cpunumber <= host.cpunumber and vm.cpuspeed <= host.cpuspeed
    free = host.cpunumber * host.cpuspeed - megahertz
    return fits_cpu and vm.cpunumber * vm.cpuspeed <= free and vm.memory << 20 <= host.memory - memory


def used(host: model.Host) -> tuple[int, int]:
    """Megahertz and bytes taken on a host."""
    return sum(vm.cpunumber * vm.cpuspeed for vm in host.vms), sum(vm.memory << 20 for vm in host.vms)


def fits_groups(host: model.Host, vm: model.VM) -> bool:
    for group in vm.groups:
        others = {member.host for member in group.vms if member is not vm and member.host}
        if group.type == ANTI and host in others:
            return False
        if group.type == TOGETHER and others and host not in others:
            return False
    return True


def reluctance(host: model.Host, vm: model.VM) -> int:
    """How many soft wishes the host would break."""
    broken = 0
    for group in vm.groups:
        others = {member.host for member in group.vms if member is not vm and member.host}
        broken += group.type == f"non-strict {ANTI}" and host in others
        broken += group.type == f"non-strict {TOGETHER}" and bool(others) and host not in others
    return broken


def occupy(vm: model.VM, host: model.Host) -> None:
    vm.host = host
    host.vms.add(vm)


def leave(vm: model.VM) -> None:
    if vm.host is not None:
        vm.host.vms.discard(vm)
        vm.host = None
