"""What the life cycle asks of any VIM. Values in and out; every call returns at once.

A call that starts something long answers ``Started`` with a job; the step journals it, yields, and comes
back with ``poll``. Nothing here waits. Errors: ``Permanent`` (the VIM refused), ``Temporary`` (not
reachable, throttled, breaker open; reads only, or a call that surely had no effect), ``Unknown`` (a call with
effect whose answer was lost). All carry the facts ``vimCommand``, ``vimErrorCode``, ``vimErrorText``.

Creating calls are never repeated blindly: before a second try, and before a verdict of failure, the step asks
``survey_*`` what an earlier try left behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """Kinds of resources this VNFM makes in a VIM and must remove again."""

    SERVER = "SERVER"
    VOLUME = "VOLUME"
    NETWORK = "NETWORK"
    AFFINITY_GROUP = "AFFINITY_GROUP"
    ADDRESS = "ADDRESS"
    RULE = "RULE"


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
    """An (anti-)affinity group to be made; ``strict`` False asks for the best-effort type."""

    name: str
    display_name: str
    anti: bool
    strict: bool = True


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
    #: False leaves it stopped, so that twins can be found before one runs; then ``start_server``.
    start: bool = True


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A data disk to be made and attached. ``size`` in bytes, rounded up by the VIM's unit."""

    name: str
    size: int
    offering: str | None = None


@dataclass(frozen=True, slots=True)
class Nic:
    """A NIC as the VIM reports it."""

    id: str
    network_id: str
    network_name: str
    mac_address: str | None
    address: str | None
    is_default: bool


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


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing that exists in the VIM because we made it."""

    kind: Kind
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The VIM accepted and works on it: journal ``job``, come back with ``poll``."""

    job: str
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """It is done. ``resource_id`` is set where something was made."""

    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended badly. ``interrupted``: cut off without a verdict: only a look at the object tells."""

    code: int
    text: str
    command: str
    interrupted: bool = False


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


class Vim(Protocol):
    """One connection to one VIM, bound to one scope. Thread-safe."""

    def check(self) -> VimFacts:
        """Prove that endpoint, credentials, zone and project are good; read-only."""
        ...

    def choose_compute(self, need: ComputeNeed) -> ComputeChoice:
        """Find flavour and image for a VDU; ``Permanent`` names what was missing and what there was."""
        ...

    def check_network(self, network_id: str) -> str:
        """Return the name of an existing network, or ``Permanent`` if it cannot be used here."""
        ...

    def create_network(self, spec: NetworkSpec) -> Outcome:
        """Make an internal network."""
        ...

    def find_networks(self, name: str) -> Sequence[str]:
        """Ids of networks that carry our deterministic name, oldest first."""
        ...

    def create_group(self, spec: GroupSpec) -> Outcome:
        """Make an affinity group."""
        ...

    def find_groups(self, name: str) -> Sequence[str]:
        """Ids of affinity groups of our name."""
        ...

    def create_server(self, spec: ServerSpec) -> Outcome:
        """Make and start a server; never retried inside."""
        ...

    def start_server(self, server_id: str) -> Outcome:
        """Start a stopped server."""
        ...

    def stop_server(self, server_id: str, *, force: bool) -> Outcome:
        """Stop a server; ``force`` does not ask the guest."""
        ...

    def survey_server(self, spec: ServerSpec, recorded_id: str | None) -> Survey:
        """Look for everything an earlier try of this spec left, in every state, several included."""
        ...

    def read_server(self, server_id: str) -> Server | None:
        """The server, or None if this caller cannot see it (no proof that it is gone)."""
        ...

    def create_volume(self, spec: VolumeSpec) -> Outcome:
        """Make a data disk (not yet attached)."""
        ...

    def find_volumes(self, name: str) -> Sequence[str]:
        """Ids of volumes of our name."""
        ...

    def attach_volume(self, volume_id: str, server_id: str) -> Outcome:
        """Attach a data disk; ``Finished`` at once if it is attached there already."""
        ...

    def list_volumes(self, server_id: str) -> Sequence[str]:
        """Ids of the data disks attached to a server, by device id (the root disk left out)."""
        ...

    def poll(self, job: str) -> Outcome:
        """How a started job stands: ``Started`` (still running), ``Finished`` or ``Failed``."""
        ...

    def remove(self, resource: Resource) -> Outcome:
        """Begin to remove it. ``Finished`` means *proven gone* or never there; idempotent, so the caller
        repeats ``remove`` after each ended job until it says ``Finished``. ``Lingering``: wait for the
        VIM's own purge, then repeat."""
        ...
