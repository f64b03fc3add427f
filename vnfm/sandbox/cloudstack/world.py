"""The whole state of one emulated cloud, and the counters it hands out."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import TypeVar

from vnfm.sandbox.cloudstack import model, traffic
from vnfm.sandbox.cloudstack.clock import Clock
from vnfm.sandbox.cloudstack.settings import Settings
from vnfm.sandbox.cloudstack.simulator import Simulator
from vnfm.sandbox.cloudstack.tables import Table

R = TypeVar("R", bound=model.Row)

KEPT_EVENTS = 500

# resource types that have a limit: number, name, what a user account gets by default
RESOURCES: tuple[tuple[int, str, int], ...] = (
    (0, "user_vm", 20),
    (1, "public_ip", 20),
    (2, "volume", 20),
    (3, "snapshot", 20),
    (4, "template", 20),
    (5, "project", 10),
    (6, "network", 20),
    (7, "vpc", 20),
    (8, "cpu", 40),
    (9, "memory", 40960),
    (10, "primary_storage", 200),
    (11, "secondary_storage", 400),
    (12, "backup", 20),
    (13, "backup_storage", 400),
    (14, "bucket", 20),
    (15, "object_storage", 400),
    (16, "gpu", 20),
)


@dataclass(frozen=True)
class Birth:
    """What every new row gets."""

    id: str
    serial: int
    created: float


class World:
    """Tables and the few things that are not rows."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.settings = Settings()
        self.simulator = Simulator()
        self.chance = random.Random()  # noqa: S311 - placement and addresses, nothing secret
        self.server_id = str(uuid.uuid4())
        self.booted = self.clock.now()
        self.hosts_back = 0.0  # when the hosts have connected again after a restart
        self.domains: Table[model.Domain] = Table("Domain")
        self.accounts: Table[model.Account] = Table("Account")
        self.users: Table[model.User] = Table("User")
        self.projects: Table[model.Project] = Table("Project")
        self.zones: Table[model.Zone] = Table("DataCenter")
        self.physicalnetworks: Table[model.Row] = Table("PhysicalNetwork")
        self.hosts: Table[model.Host] = Table("Host")
        self.serviceofferings: Table[model.ServiceOffering] = Table("ServiceOffering")
        self.diskofferings: Table[model.DiskOffering] = Table("DiskOffering")
        self.networkofferings: Table[model.NetworkOffering] = Table("NetworkOffering")
        self.ostypes: Table[model.OsType] = Table("GuestOS")
        self.templates: Table[model.Template] = Table("VirtualMachineTemplate")
        self.networks: Table[model.Network] = Table("Network")
        self.nics: Table[model.Nic] = Table("Nic")
        self.secondaries: Table[model.SecondaryAddress] = Table("NicSecondaryIp")
        self.vms: Table[model.VM] = Table("VirtualMachine")
        self.vmsnapshots: Table[model.VMSnapshot] = Table("VMSnapshot")
        self.volumes: Table[model.Volume] = Table("Volume")
        self.snapshots: Table[model.Snapshot] = Table("Snapshot")
        self.addresses: Table[model.Address] = Table("IpAddress")
        self.firewallrules: Table[model.FirewallRule] = Table("FirewallRule", forgets=True)
        self.forwardings: Table[traffic.Forwarding] = Table("PortForwardingRule", forgets=True)
        self.balancers: Table[traffic.Balancer] = Table("LoadBalancer", forgets=True)
        self.securitygroups: Table[traffic.SecurityGroup] = Table("SecurityGroup", forgets=True)
        self.securityrules: Table[traffic.SecurityRule] = Table("SecurityGroupRule", forgets=True)
        self.groups: Table[model.AffinityGroup] = Table("AffinityGroup", forgets=True)
        self.keypairs: Table[model.KeyPair] = Table("SSHKeyPair")
        self.userdata: Table[model.UserData] = Table("UserData")
        self.tags: Table[model.Tag] = Table("ResourceTag", forgets=True)
        self.events: Table[model.Event] = Table("Event")
        self.jobs: Table[model.Job] = Table("AsyncJob", forgets=True)
        self.tagged: dict[model.Row, list[model.Tag]] = {}
        self.static_nat: dict[model.Nic, model.Address] = {}
        self.pending: dict[model.Row, model.Job] = {}  # the last pending job of an object
        self.by_key: dict[str, model.User] = {}
        self.custom_ids: set[str] = set()  # used up for ever, whatever became of the VM
        self.issued: dict[str, tuple[float, int]] = {}  # account id → window start, calls

    def birth(self, table: Table[R], wanted: str | None = None) -> Birth:
        return Birth(wanted or str(uuid.uuid4()), table.number(), self.clock.now())

    def index(self) -> dict[str, Table[model.Row]]:
        """The tables a uuid parameter can look into, by the name the catalogue uses."""
        return {name: table for name, table in vars(self).items() if isinstance(table, Table)}

    def limit(self, account: model.Account, resource: int) -> int:
        if resource in account.limits:
            return account.limits[resource]
        return -1 if account.kind in ("admin", "system") else RESOURCES[resource][2]

    def tags_of(self, row: model.Row) -> list[model.Tag]:
        return self.tagged.get(row, [])

    def put_tag(self, tag: model.Tag) -> None:
        self.tags.add(tag)
        self.tagged.setdefault(tag.resource, []).append(tag)

    def drop_tag(self, tag: model.Tag) -> None:
        self.tags.remove(tag)
        self.tagged[tag.resource].remove(tag)

    def root(self) -> model.Account:
        return next(account for account in self.accounts if account.kind == "admin")

    def record(
        self,
        user: model.User,
        kind: str,
        state: str,
        resource: model.Row,
        resource_type: str,
        resource_name: str,
        owner: model.Account,
        parent: model.Event | None = None,
        level: str = "INFO",
    ) -> model.Event:
        """Write an event; only the newest few hundred are kept."""
        event = model.Event(
            **vars(self.birth(self.events)),
            owner=owner,
            type=kind,
            state=state,
            text=f"{state}: {kind} {resource_type} {resource.id}",
            username=user.username,
            resource=resource,
            resource_type=resource_type,
            resource_name=resource_name,
            parent=parent.id if parent else None,
            level=level,
        )
        self.events.add(event)
        if len(self.events) > KEPT_EVENTS:
            del self.events.rows[next(iter(self.events.rows))]
        return event
