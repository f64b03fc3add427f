"""What leads from public addresses to VMs: port forwardings, load balancers; and security groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from vnfm.sandbox.cloudstack.model import Address, FirewallRule, Nic, Owned


@dataclass(frozen=True)
class Ports:
    first: int
    last: int

    def meets(self, other: Ports) -> bool:
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(eq=False, kw_only=True)
class Entrance(Owned):
    """Public ports of an address; `opened` is the firewall rule made along with it."""

    address: Address
    protocol: str
    public: Ports
    cidrs: str = ""
    opened: FirewallRule | None = None


@dataclass(eq=False, kw_only=True)
class Forwarding(Entrance):
    private: Ports
    nic: Nic
    guest: str | None = None  # a secondary address; else the NIC's own, whatever it becomes

    @property
    def target(self) -> str | None:
        return self.guest or self.nic.address


@dataclass(eq=False, kw_only=True)
class Balancer(Entrance):
    name: str
    description: str | None
    private: int
    algorithm: str
    state: str = "Add"
    nics: list[Nic] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class SecurityGroup(Owned):
    name: str
    description: str | None
