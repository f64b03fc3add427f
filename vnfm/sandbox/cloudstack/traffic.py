"""What leads from public addresses to VMs: port forwardings, load balancers; and security groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from vnfm.sandbox.cloudstack.model import VM, Address, FirewallRule, Nic, Owned


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
class SecurityRule(Owned):
    """What may pass; `ports` hold type and code for ICMP, None for all protocols."""

    group: SecurityGroup
    egress: bool
    protocol: str
    ports: tuple[int, int] | None
    cidr: str

    @property
    def signature(self) -> tuple[bool, str, tuple[int, int] | None, str]:
        return self.egress, self.protocol, self.ports, self.cidr


@dataclass(eq=False, kw_only=True)
class SecurityGroup(Owned):
    name: str
    description: str | None
    rules: list[SecurityRule] = field(default_factory=list)
    members: list[VM] = field(default_factory=list)
