"""NICs and guest addresses: given, fixed, refused, released; networks implemented and shut down."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.nat import leave_nic
from vnfm.sandbox.cloudstack.refusal import Refusal, broken, invalid
from vnfm.sandbox.cloudstack.world import World

MAC = re.compile(r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")


@dataclass(frozen=True)
class Wish:
    """One NIC as a deploy asks for it."""

    network: model.Network
    address: str | None = None
    mac: str | None = None


def check_wish(world: World, wish: Wish) -> None:
    """What is refused before any row is written."""
    if wish.address is not None and not is_address(wish.address):
        raise invalid(f"Invalid specified IPv4 address {wish.address}")
    if wish.mac is None:
        return
    mac = wish.mac.lower()
    if not MAC.match(mac):
        raise invalid(f"Mac address is not valid: {wish.mac}")
    if int(mac[:2], 16) & 1:
        raise invalid(f"Mac address is not unicast: {wish.mac}")
    if any(nic.mac == mac for nic in wish.network.nics):
        raise invalid(f"The requested Mac address is already taken! {wish.mac}")


def is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def give_nics(world: World, vm: model.VM, wishes: Sequence[Wish]) -> None:
    """All or none: an address taken or outside is 530 with nothing given."""
    taken: list[tuple[Wish, str | None]] = []
    for wish in wishes:
        twins = {address for other, address in taken if other.network is wish.network}
        taken.append((wish, pick_address(world, wish, twins)))
    for wish, address in taken:
        give_nic(world, vm, wish, address)


def give_nic(world: World, vm: model.VM, wish: Wish, address: str | None) -> model.Nic:
    """The lowest free device id: a gap left by a removed NIC is filled."""
    network = wish.network
    used = {nic.device for nic in vm.nics}
    device = next(number for number in range(len(used) + 1) if number not in used)
    nic = model.Nic(
        **vars(world.birth(world.nics)),
        vm=vm,
        network=network,
        device=device,
        default=not vm.nics,
        mac=(wish.mac or next_mac(network)).lower(),
        address=address,
        uri=uri_of(network),
    )
    vm.nics.append(nic)
    network.nics.append(nic)
    return world.nics.add(nic)


def next_mac(network: model.Network) -> str:
    network.macs += 1
    return f"02:01:00:{network.serial % 256:02x}:{network.macs >> 8 & 255:02x}:{network.macs & 255:02x}"


def uri_of(network: model.Network) -> str | None:
    return f"vlan://{network.vlan}" if network.vlan is not None else None


def taken_in(network: model.Network) -> set[str | None]:
    """Guest addresses nobody else can have: of the gateway, of NICs, and their secondary ones."""
    secondaries = {row.address for nic in network.nics for row in nic.secondaries}
    return {nic.address for nic in network.nics} | secondaries | {network.gateway}


def pick_address(world: World, wish: Wish, twins: Collection[str | None] = ()) -> str | None:
    network = wish.network
    if network.cidr is None:
        return wish.address  # L2: the server keeps what it is told and gives nothing
    used = taken_in(network) | set(twins)
    first, last = address_range(network)
    if wish.address is not None:
        number = int(ipaddress.IPv4Address(wish.address))
        if wish.address in used or not first <= number <= last:
            raise broken(f"Unable to acquire Guest IP address {wish.address} for network {network.name}", 0)
        return wish.address
    for _ in range(64 if world.settings.text("sandbox.addresses") == "random" else 0):
        candidate = str(ipaddress.IPv4Address(world.chance.randint(first, last)))
        if candidate not in used:
            return candidate
    for number in range(first, last + 1):
        candidate = str(ipaddress.IPv4Address(number))
        if candidate not in used:
            return candidate
    raise Refusal(533, f"Insufficient address capacity in network {network.name}", 4320)


def address_range(network: model.Network) -> tuple[int, int]:
    if network.first and network.last:
        return int(ipaddress.IPv4Address(network.first)), int(ipaddress.IPv4Address(network.last))
    net = ipaddress.IPv4Network(network.cidr or "0.0.0.0/32")
    return int(net.network_address) + 2, int(net.broadcast_address) - 1


def implement(world: World, network: model.Network) -> None:
    """The first VM that starts brings an isolated or L2 network up: a VLAN, a source NAT address."""
    network.idle_since = None
    if network.state != "Allocated":
        return
    network.state = "Implemented"
    network.vlan = free_vlan(world, network.zone)
    if network.offering.serves("SourceNat"):
        need_source_nat(world, network)


def need_source_nat(world: World, network: model.Network) -> None:
    if not any(a.network is network and a.source_nat for a in world.addresses):
        world.addresses.add(take_address(world, network, source_nat=True))


def free_vlan(world: World, zone: model.Zone) -> int:
    used = {network.vlan for network in world.networks if network.zone is zone}
    free = [vlan for vlan in range(zone.vlans[0], zone.vlans[1] + 1) if vlan not in used]
    if not free:
        raise Refusal(533, "Unable to allocate vnet as a part of network implement", 4331)
    return world.chance.choice(free)


def take_address(
    world: World, network: model.Network, *, source_nat: bool, wanted: str | None = None
) -> model.Address:
    """The lowest free public address of the zone, or the one wanted."""
    zone = network.zone
    used = {address.address for address in world.addresses}
    low, high = (int(ipaddress.IPv4Address(end)) for end in zone.public)
    for number in range(low, high + 1):
        text = str(ipaddress.IPv4Address(number))
        if text not in used and wanted in (None, text):
            return model.Address(
                **vars(world.birth(world.addresses)),
                owner=network.owner,
                address=text,
                zone=zone,
                network=network,
                source_nat=source_nat,
            )
    raise Refusal(533, "Insufficient address capacity in the zone", 4320)


def release_nics(world: World, vm: model.VM) -> None:
    """The VM is gone: its NICs, its static NAT and the rules of those addresses go, the addresses stay."""
    for nic in tuple(vm.nics):
        release_nic(world, nic)


def release_nic(world: World, nic: model.Nic) -> None:
    for secondary in nic.secondaries:
        world.secondaries.remove(secondary)
    world.nics.remove(nic)
    nic.vm.nics.remove(nic)
    nic.network.nics.remove(nic)
    leave_nic(world, nic)


def note_idle(world: World, network: model.Network) -> None:
    """Start the idle time of a network whose last running VM has gone."""
    if not any(nic.vm.state in ("Running", "Starting", "Stopping") for nic in network.nics):
        network.idle_since = world.clock.now()


def shut_down(network: model.Network) -> None:
    network.state = "Allocated"
    network.idle_since = None
    if not network.fixed_vlan:
        network.vlan = None
