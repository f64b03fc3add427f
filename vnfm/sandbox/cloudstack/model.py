"""The objects of the emulated cloud. Plain data: who may do what with them is decided elsewhere."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from functools import cache

from vnfm.sandbox.cloudstack.refusal import Json


@cache
def mask_of(cidr: str) -> str:
    return str(ipaddress.IPv4Network(cidr).netmask)


@dataclass(eq=False, kw_only=True)
class Row:
    """Anything with a UUID and a database number."""

    id: str
    serial: int
    created: float
    removed: bool = False


@dataclass(eq=False, kw_only=True)
class Domain(Row):
    name: str
    path: str

    def holds(self, other: Domain) -> bool:
        return other.path == self.path or other.path.startswith(self.path + "/")


@dataclass(eq=False, kw_only=True)
class Account(Row):
    """An owner. A project owns through an account of kind `project`, as in CloudStack."""

    name: str
    domain: Domain
    kind: str
    dated: bool = True
    limits: dict[int, int] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    project: Project | None = None


@dataclass(eq=False, kw_only=True)
class User(Row):
    username: str
    account: Account
    apikey: str = ""
    secret: str = ""
    names: Json = field(default_factory=dict)
    state: str = "enabled"


@dataclass(eq=False, kw_only=True)
class Project(Row):
    name: str
    displaytext: str
    account: Account
    members: set[str] = field(default_factory=set)  # account ids
    admin: Account | None = None


@dataclass(eq=False, kw_only=True)
class Owned(Row):
    owner: Account


@dataclass(eq=False, kw_only=True)
class Zone(Row):
    name: str
    facts: Json
    physical: str
    public_network: str
    vlans: tuple[int, int]
    public: tuple[str, str]


@dataclass(eq=False, kw_only=True)
class Host(Row):
    name: str
    zone: Zone
    facts: Json
    cpunumber: int
    cpuspeed: int
    memory: int
    vms: set[VM] = field(default_factory=set)
    systemvm: str | None = None


@dataclass(eq=False, kw_only=True)
class ServiceOffering(Row):
    name: str
    displaytext: str
    cpunumber: int | None
    cpuspeed: int | None
    memory: int | None
    disk_id: str
    bounds: dict[str, int] = field(default_factory=dict)
    storagetags: str | None = None
    domain: Domain | None = None
    fresh: bool = False  # made by createServiceOffering, whose answer shows `gpudisplay`

    @property
    def customized(self) -> bool:
        return self.cpunumber is None


@dataclass(eq=False, kw_only=True)
class DiskOffering(Row):
    name: str
    displaytext: str
    disksize: int
    customized: bool
    tags: str | None = None


@dataclass(eq=False, kw_only=True)
class NetworkOffering(Row):
    name: str
    displaytext: str
    guestiptype: str
    availability: str
    specifyvlan: bool
    specifyipranges: bool
    forvpc: bool
    fortungsten: bool
    services: list[Json]
    network_services: list[Json]

    def serves(self, name: str) -> bool:
        return any(service["name"] == name for service in self.network_services)


@dataclass(eq=False, kw_only=True)
class OsType(Row):
    name: str
    category: str
    category_name: str


@dataclass(eq=False, kw_only=True)
class Template(Owned):
    name: str
    displaytext: str
    zone: Zone
    os: OsType
    format: str
    kind: str
    public: bool
    featured: bool
    size: int
    url: str
    crosszones: bool = False
    hypervisor: str = "Simulator"
    checksum: str | None = None
    stores: list[Json] = field(default_factory=list)
    scalable: bool = False
    hvm: bool = False
    vnfnics: list[Json] = field(default_factory=list)
    vnfdetails: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False, kw_only=True)
class Network(Owned):
    name: str
    displaytext: str
    zone: Zone
    offering: NetworkOffering
    state: str
    gateway: str | None = None
    cidr: str | None = None
    first: str | None = None  # shared networks: the range addresses come from
    last: str | None = None
    vlan: int | None = None
    fixed_vlan: bool = False
    shared: bool = False
    idle_since: float | None = None
    nics: list[Nic] = field(default_factory=list)
    macs: int = 0

    @property
    def type(self) -> str:
        return self.offering.guestiptype

    @property
    def netmask(self) -> str:
        return mask_of(self.cidr or "0.0.0.0/0")


@dataclass(eq=False, kw_only=True)
class Nic(Row):
    vm: VM
    network: Network
    device: int
    default: bool
    mac: str
    address: str | None
    uri: str | None = None
    secondaries: list[SecondaryAddress] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class SecondaryAddress(Row):
    nic: Nic
    address: str


@dataclass(eq=False, kw_only=True)
class VM(Owned):
    name: str
    displayname: str
    user: User
    zone: Zone
    template: Template
    offering: ServiceOffering
    state: str
    cpunumber: int
    cpuspeed: int
    memory: int
    details: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)  # details no answer shows
    resource_details: dict[str, str] = field(default_factory=dict)
    updated: float | None = None
    started: float | None = None
    stopped_once: bool = False
    doomed: bool = False  # destroyed while it starts: the start will fail
    measured: bool = False
    rooted: bool = False
    host: Host | None = None
    scalable: bool = False
    nics: list[Nic] = field(default_factory=list)
    groups: list[AffinityGroup] = field(default_factory=list)
    keypairs: str | None = None
    userdata: str | None = None
    registered: UserData | None = None
    userdata_details: dict[str, str] = field(default_factory=dict)
    disk: DiskOffering | None = None
    group: str | None = None

    @property
    def instance(self) -> str:
        return f"i-{self.owner.serial}-{self.serial}-VM"

    def described(self) -> str:
        """How error texts name a VM."""
        return (
            f'VM instance {{"id":{self.serial},"instanceName":"{self.instance}",'
            f'"state":"{self.state}","type":"User","uuid":"{self.id}"}}'
        )


@dataclass(eq=False, kw_only=True)
class VMSnapshot(Owned):
    """A snapshot of a whole VM; while one exists much is refused."""

    vm: VM
    name: str
    displayname: str
    memory: bool
    state: str
    description: str | None = None
    quiesced: bool = False
    parent: VMSnapshot | None = None
    current: bool | None = None  # absent from one that failed


@dataclass(eq=False, kw_only=True)
class Volume(Owned):
    name: str
    zone: Zone
    kind: str
    size: int
    state: str
    vm: VM | None = None
    device: int | None = None
    attached: float | None = None
    offering: DiskOffering | None = None
    snapshot: Snapshot | None = None


@dataclass(eq=False, kw_only=True)
class Snapshot(Owned):
    name: str
    volume: Volume
    state: str
    size: int


@dataclass(eq=False, kw_only=True)
class Address(Owned):
    address: str
    zone: Zone
    network: Network
    source_nat: bool
    state: str = "Allocated"
    nic: Nic | None = None  # static NAT


@dataclass(eq=False, kw_only=True)
class FirewallRule(Owned):
    address: Address | None
    network: Network
    protocol: str
    first: int | None
    last: int | None
    cidrs: str
    destinations: str = ""
    icmp: tuple[int, int] | None = None  # type, code
    egress: bool = False


@dataclass(eq=False, kw_only=True)
class AffinityGroup(Owned):
    name: str
    type: str
    description: str | None
    vms: list[VM] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class KeyPair(Owned):
    name: str
    public: str
    fingerprint: str


@dataclass(eq=False, kw_only=True)
class UserData(Owned):
    name: str
    data: str
    params: str | None


@dataclass(eq=False, kw_only=True)
class Tag(Owned):
    key: str
    value: str
    resource_type: str
    resource: Row


@dataclass(eq=False, kw_only=True)
class Event(Owned):
    type: str
    state: str
    text: str
    username: str
    resource: Row
    resource_type: str
    resource_name: str
    parent: str | None = None
    level: str = "INFO"


@dataclass(eq=False, kw_only=True)
class Job(Owned):
    """An asynchronous job. `status` 0 pending, 1 succeeded, 2 failed."""

    user: User
    java: str
    kind: str | None
    row: Row | None
    status: int = 0
    code: int = 0
    result: Json | None = None
    completed: float | None = None
    cut_off: bool = False
    shows_row: bool = True
