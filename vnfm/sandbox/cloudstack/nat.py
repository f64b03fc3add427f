"""Rules on public addresses: which collide, and what goes when an address or a NIC goes."""

from __future__ import annotations

import ipaddress

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Refusal, broken, invalid, malformed
from vnfm.sandbox.cloudstack.traffic import Balancer, Entrance, Forwarding, Ports
from vnfm.sandbox.cloudstack.world import World

ANYWHERE = "0.0.0.0/0"
HIGHEST = 65535


def entrances(world: World, address: model.Address) -> list[Entrance]:
    rows: list[Entrance] = [*world.forwardings, *world.balancers]
    return [row for row in rows if row.address is address]


def ruled(world: World, nic: model.Nic) -> bool:
    """Whether NAT or a load balancer leads to the NIC."""
    forwarded = any(row.nic is nic for row in world.forwardings)
    return nic in world.static_nat or forwarded or any(nic in row.nics for row in world.balancers)


def has_rules(world: World, address: model.Address) -> bool:
    return any(rule.address is address for rule in world.firewallrules) or bool(entrances(world, address))


def read_ports(first: int | None, last: int | None) -> Ports | None:
    if first is None:
        return None
    ports = Ports(first, first if last is None else last)
    if not 0 < ports.first <= ports.last <= HIGHEST:
        raise invalid(f"Invalid port range {ports}")
    return ports


def check_cidrs(text: str | None) -> str | None:
    for cidr in (text or "").split(","):
        if text and not is_cidr(cidr.strip()):
            raise malformed(f"Source CIDRs formatting error {cidr}")
    return text


def is_cidr(text: str) -> bool:
    try:
        ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return False
    return True


def conflict(wanted: Ports, row: model.Row, purpose: str, ports: Ports) -> Refusal:
    told = f'{{"id":{row.serial},"purpose":"{purpose}","state":"Active","uuid":"{row.id}"}}'
    text = f"The range specified, {wanted}, conflicts with rule FirewallRule {told} which has {ports}"
    return Refusal(537, text, 4360)


def need_free_ports(world: World, address: model.Address, protocol: str, public: Ports) -> None:
    """Forwardings and load balancers share an address's ports."""
    if address.nic is not None:
        raise invalid(f"Unable to create the rule; ip {address.address} has static nat enabled")
    for row in entrances(world, address):
        if row.protocol == protocol and row.public.meets(public):
            raise conflict(public, row, purpose_of(row), row.public)


def purpose_of(row: Entrance) -> str:
    return "PortForwarding" if isinstance(row, Forwarding) else "LoadBalancing"


def open_ports(
    world: World, address: model.Address, protocol: str, ports: Ports, cidrs: str
) -> model.FirewallRule:
    return world.firewallrules.add(
        model.FirewallRule(
            **vars(world.birth(world.firewallrules)),
            owner=address.owner,
            address=address,
            network=address.network,
            protocol=protocol,
            first=ports.first,
            last=ports.last,
            cidrs=cidrs,
        )
    )


def open_for(world: World, entrance: Entrance) -> None:
    """The firewall rule that comes with a forwarding or load balancer, unless there is one."""
    public = entrance.public
    for rule in world.firewallrules:
        if rule.address is entrance.address and rule.protocol == entrance.protocol:
            if (rule.first, rule.last) == (public.first, public.last):
                return
    cidrs = entrance.cidrs or ANYWHERE
    entrance.opened = open_ports(world, entrance.address, entrance.protocol, public, cidrs)


def remove_entrance(world: World, entrance: Entrance) -> None:
    if entrance.opened is not None:
        world.firewallrules.remove(entrance.opened)
    if isinstance(entrance, Forwarding):
        world.forwardings.remove(entrance)
    if isinstance(entrance, Balancer):
        world.balancers.remove(entrance)


def drop_firewall(world: World, address: model.Address) -> None:
    for rule in world.firewallrules:
        if rule.address is address:
            world.firewallrules.remove(rule)


def drop_rules(world: World, address: model.Address) -> None:
    for entrance in entrances(world, address):
        remove_entrance(world, entrance)
    drop_firewall(world, address)


def release_address(world: World, address: model.Address) -> None:
    """All that is on it goes with it, static NAT too."""
    drop_rules(world, address)
    stop_static(world, address)
    world.addresses.remove(address)


def start_static(world: World, address: model.Address, nic: model.Nic) -> None:
    address.nic = nic
    world.static_nat[nic] = address


def stop_static(world: World, address: model.Address) -> None:
    if address.nic is not None:
        world.static_nat.pop(address.nic, None)
    address.nic = None


def need_no_source(address: model.Address) -> None:
    if address.source_nat:
        raise broken("ip address is used for source nat purposes and can not be disassociated.")


def leave_nic(world: World, nic: model.Nic) -> None:
    """The NIC goes: what led to it goes, the public addresses stay."""
    address = world.static_nat.get(nic)
    if address is not None:
        drop_rules(world, address)
        stop_static(world, address)
    for forwarding in world.forwardings:
        if forwarding.nic is nic:
            remove_entrance(world, forwarding)
    for balancer in world.balancers:
        if nic in balancer.nics:
            balancer.nics.remove(nic)
