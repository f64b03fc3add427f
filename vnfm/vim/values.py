"""Values that go in and out of a VIM port. No behaviour; other rooms import them from ``port``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of resources this VNFM makes in a VIM and must remove again."""

    SERVER = "SERVER"
    VOLUME = "VOLUME"
    NETWORK = "NETWORK"
    AFFINITY_GROUP = "AFFINITY_GROUP"
    ADDRESS = "ADDRESS"
    #: A further address that a NIC holds.
    NIC_ADDRESS = "NIC_ADDRESS"
    #: Of security rules; the members of an AFFINITY_GROUP are kept together or apart.
    SECURITY_GROUP = "SECURITY_GROUP"
    RULE = "RULE"
    EGRESS_RULE = "EGRESS_RULE"
    SNAPSHOT = "SNAPSHOT"
    VOLUME_SNAPSHOT = "VOLUME_SNAPSHOT"


@dataclass(frozen=True, slots=True)
class Trace:
    """What a call of ours leaves that nobody heard the answer of: something with a deterministic name.

    ``holder``: id of the server or volume that a snapshot is of, else empty.
    """

    kind: Kind
    name: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class VimConnection:
    """Where a VIM is and how to get in (SOL003 4.4.1.6 VimConnectionInfo, resolved).

    ``interface`` is interfaceInfo, ``access`` accessInfo (secret: never logged, never journalled),
    ``extra`` extra. For CloudStack see docs/reference/vim-connection.md.
    """

    id: str
    vim_type: str
    interface: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where in the VIM to work: names or ids, whatever the grant or the connection gave; None = find out."""

    zone: str | None = None
    project: str | None = None
    domain: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class VimFacts:
    """What one cheap authenticated call tells: proof that endpoint and credentials work."""

    version: str
    zone_id: str
    zone_name: str
    project_id: str | None
    may_expunge: bool
    is_root_admin: bool


@dataclass(frozen=True, slots=True)
class ComputeNeed:
    """What a VDU demands; ``flavour_asset`` and ``image_asset`` are the grant's vimAssets where given."""

    vdu: str
    cpus: int
    memory: int
    image_name: str | None
    image_version: str | None
    root_disk: int | None = None
    flavour_asset: str | None = None
    image_asset: str | None = None
    #: Tags of the storage that the root disk is to lie on.
    storage_tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ComputeChoice:
    """The VIM's answer: ids to deploy with, and the extra sizes a custom offering wants."""

    flavour_id: str
    flavour_name: str
    image_id: str
    image_name: str
    details: Mapping[str, str] = field(default_factory=dict)
    #: How many NICs the image itself demands (a CloudStack VNF template); 0 = no demand.
    required_nics: int = 0
    #: What a server of this choice really takes, memory and root disk in bytes; 0 = not known.
    cpus: int = 0
    memory: int = 0
    root_disk: int = 0


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """An internal virtual link to be made. ``name`` is deterministic; ``layer2`` picks the kind."""

    name: str
    display_name: str
    layer2: bool
    cidr: str | None = None
    gateway: str | None = None
    offering: str | None = None
    mtu: int | None = None


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """An (anti-)affinity group to be made. Whether it binds, or is a wish, the VIM connection says."""

    name: str
    display_name: str
    anti: bool


@dataclass(frozen=True, slots=True)
class NicSpec:
    """One NIC, in CP order. ``cp`` is the id of the connection point instance that it will be."""

    cp: str
    network_id: str
    address: str | None = None
    mac_address: str | None = None


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A VNFC to be made. ``name`` is deterministic (RFC 1123 label), ``custom_id`` a uuid5 of
    instance, VNFC and generation, used as the server's id where the caller may choose it."""

    name: str
    display_name: str
    custom_id: str
    compute: ComputeChoice
    nics: Sequence[NicSpec]
    root_disk: int | None = None
    user_data: str | None = None
    ssh_key_pair: str | None = None
    group_ids: Sequence[str] = ()
    security_group_ids: Sequence[str] = ()
    #: False leaves it stopped, so that twins can be found before one runs; then ``start_server``.
    start: bool = True


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A data disk to be made and attached. ``size`` in bytes, rounded up by the VIM's unit; ``tags`` of the
    storage that it is to lie on."""

    name: str
    size: int
    offering: str | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SnapshotSpec:
    """A snapshot of a whole server. ``name`` is deterministic and unique among the server's snapshots.

    ``memory`` saves the memory too (running servers only), ``quiesce`` asks the guest to flush first.
    """

    name: str
    description: str = ""
    memory: bool = False
    quiesce: bool = False


@dataclass(frozen=True, slots=True)
class PortSpec:
    """What a public address lets in. ``first`` and ``last`` are None for a protocol without ports."""

    protocol: str
    first: int | None = None
    last: int | None = None
    cidrs: Sequence[str] = ("0.0.0.0/0",)


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """All that an operation will add. ``servers`` are new ones; ``cpus`` and ``memory`` (bytes) what
    existing ones grow by; ``volumes`` the sizes of new data disks, ``disk`` what existing ones grow by."""

    servers: Sequence[ComputeChoice] = ()
    cpus: int = 0
    memory: int = 0
    volumes: Sequence[int] = ()
    disk: int = 0
    networks: int = 0
    addresses: int = 0
    volume_snapshots: int = 0


@dataclass(frozen=True, slots=True)
class NicAddress:
    """A further address that a NIC holds besides its own; nobody else in the network is given it."""

    id: str
    address: str


@dataclass(frozen=True, slots=True)
class Nic:
    """A NIC as the VIM reports it."""

    id: str
    network_id: str
    network_name: str
    mac_address: str | None
    address: str | None
    is_default: bool
    more: Sequence[NicAddress] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A server as the VIM reports it; ``state`` in the VIM's own word, ``nics`` in device order.

    ``in_service`` is False while it has never completed a start.
    """

    id: str
    name: str
    state: str
    in_service: bool
    nics: Sequence[Nic] = ()
    flavour_id: str | None = None
    image_id: str | None = None
    root_volume_id: str | None = None
    group_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a server or a volume as the VIM reports it; ``name`` is the one that we gave.

    ``state`` in the VIM's own word; ``ready`` means that it is whole. ``memory`` and ``current`` (the last
    one taken or reverted to) are for snapshots of servers.
    """

    id: str
    name: str
    state: str
    ready: bool
    memory: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A public address we hold on a network. ``mapped_server_id`` and ``mapped_address`` tell where a
    one-to-one mapping leads; ``is_router`` marks the one that the network's router took for itself."""

    id: str
    address: str
    network_id: str | None
    is_router: bool
    mapped_server_id: str | None = None
    mapped_address: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing that exists in the VIM because we made it."""

    kind: Kind
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The VIM accepted and works on it: journal ``job``, come back with ``poll``.

    ``vim_job`` is the job's id as the VIM itself shows it, for people.
    """

    job: str
    resource_id: str | None = None
    vim_job: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """It is done. ``resource_id`` is set where something was made."""

    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended badly. ``interrupted``: cut off without a verdict: only a look at the object tells.

    ``explanation`` says what the VIM's text leaves out (cause, and what to do); empty if it says enough.
    """

    code: int
    text: str
    command: str
    interrupted: bool = False
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Lingering:
    """Only from ``remove``: we did our part, but the VIM keeps the body until its own purge. Repeat
    ``remove`` after ``delay`` seconds; until it says ``Finished`` name and addresses may stay taken."""

    text: str
    delay: float = 30.0


Outcome = Started | Finished | Failed | Lingering


@dataclass(frozen=True, slots=True)
class Survey:
    """What earlier tries of one name left: at most one worth adopting, and bodies to remove.

    ``others`` are living twins that went into service or are on their way: report them, touch none.
    """

    adopt: Server | None
    bodies: Sequence[Server] = ()
    others: Sequence[Server] = ()
