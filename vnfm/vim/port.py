"""What the life cycle asks of any VIM. Values in and out (``values``); every call returns at once.

A call that starts something long answers ``Started`` with a job; the step journals it, yields, and comes
back with ``poll``. Nothing here waits. Errors: ``Permanent`` (the VIM refused), ``Temporary`` (not
reachable, throttled, breaker open; reads only, or a call that surely had no effect), ``Unknown`` (a call with
effect whose answer was lost). All carry the facts ``vimCommand``, ``vimErrorCode``, ``vimErrorText``; what
the VIM's own text leaves out is explained in the error's detail, or in ``Failed.explanation``.

Creating calls are never repeated blindly: before a second try, and before a verdict of failure, the step
asks ``survey_server`` or ``find`` what an earlier try left behind. A changing call marked *repeatable* looks
first: sent again after ``Unknown`` or a crash it answers ``Finished`` if its effect is there already. While
the job of the first try still runs, the second may end in ``Failed``: then read the object before the
verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vnfm.domain.securitygroup import GroupRule
from vnfm.vim.values import (
    Address,
    ComputeChoice,
    ComputeNeed,
    Failed,
    Finished,
    GroupSpec,
    Kind,
    Lingering,
    NetworkSpec,
    Nic,
    NicAddress,
    NicSpec,
    Outcome,
    PortSpec,
    Resource,
    RoomSpec,
    Scope,
    Server,
    ServerSpec,
    Snapshot,
    SnapshotSpec,
    Started,
    Survey,
    Trace,
    VimConnection,
    VimFacts,
    VolumeSpec,
)

__all__ = [
    "Address",
    "ComputeChoice",
    "ComputeNeed",
    "Failed",
    "Finished",
    "GroupRule",
    "GroupSpec",
    "Kind",
    "Lingering",
    "NetworkSpec",
    "Nic",
    "NicAddress",
    "NicSpec",
    "Outcome",
    "PortSpec",
    "Resource",
    "RoomSpec",
    "Scope",
    "Server",
    "ServerSpec",
    "Snapshot",
    "SnapshotSpec",
    "Started",
    "Survey",
    "Trace",
    "Vim",
    "VimConnection",
    "VimFacts",
    "VolumeSpec",
]


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

    def create_group(self, spec: GroupSpec) -> Outcome:
        """Make an affinity group."""
        ...

    def why_unguarded(self, network_ids: Sequence[str]) -> str | None:
        """Why a server in these networks can have no security groups, or None if it can. Read-only."""
        ...

    def create_security_group(self, name: str, description: str) -> Outcome:
        """Make a security group without rules; a second of its name is refused."""
        ...

    def permit(self, group_id: str, rule: GroupRule) -> Outcome:
        """Let something pass for the members of a security group. Not repeatable: a rule that is there fails,
        so look with ``find_missing`` before."""
        ...

    def find_missing(self, group_id: str, rules: Sequence[GroupRule]) -> Sequence[GroupRule]:
        """Those of the rules that the group does not have."""
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

    def reboot_server(self, server_id: str) -> Outcome:
        """Reboot a running server; again reboots again. ``Failed`` if it is not running. Repeating does no
        harm but a second reboot; nothing tells whether a lost call had taken effect."""
        ...

    def rebuild_server(self, server_id: str, image_id: str | None, root_disk: int | None) -> Outcome:
        """Put a fresh root disk under the server, from its own or another image, of ``root_disk`` bytes if
        given; what was on the old one is lost. Name, id, NICs, addresses and data disks stay; a running
        server runs afterwards. Refused while snapshots of the server exist. A finished one shows in a new
        ``Server.root_volume_id``."""
        ...

    def set_user_data(self, server_id: str, user_data: str) -> Outcome:
        """What a server is told at its next first boot (``rebuild_server``). Repeatable; done at once."""
        ...

    def resize_server(self, server_id: str, compute: ComputeChoice) -> Outcome:
        """Give the server another flavour; its image stays. Repeatable. A stopped server takes any, a running
        one only what ``can_resize_live`` admits (``Failed`` otherwise, nothing changed)."""
        ...

    def can_resize_live(self, server: Server, compute: ComputeChoice) -> str | None:
        """Why the server cannot be resized while it runs, as far as the caller can see, or None. Read-only.
        A reason means: stop, resize, start (or only resize: a stopped server gives a reason, too). None is
        no promise: the hypervisor has the last word."""
        ...

    def set_groups(self, server_id: str, group_ids: Sequence[str]) -> Outcome:
        """Make these affinity groups the server's, and no others. Repeatable. The server must be stopped; the
        next start looks for a host that suits them. ``Failed`` otherwise, nothing changed."""
        ...

    def attach_nic(self, server_id: str, nic: NicSpec) -> Outcome:
        """Plug a NIC into a running or stopped server, which takes the first free place. ``Finished`` names
        the *server*: read it to learn the NIC. Repeatable only if the spec fixes the MAC; else look for a NIC
        on that network before a second try. Refused: a network the server is in already, a taken
        address, a server with snapshots."""
        ...

    def detach_nic(self, server_id: str, nic_id: str) -> Outcome:
        """Unplug a NIC. Repeatable; ``Finished`` at once if the server has no such NIC. Refused for the
        default NIC (``make_default_nic`` first), for one with rules, while snapshots exist."""
        ...

    def make_default_nic(self, server_id: str, nic_id: str) -> Outcome:
        """Make it the default NIC, hence the first in device order: the two swap places, ids stay.
        Repeatable. The guest learns of it at its next boot or lease. Refused while snapshots exist."""
        ...

    def change_address(self, nic_id: str, address: str) -> Outcome:
        """Give a NIC another address of its network. The server must be stopped. Not repeatable: read the
        server first. ``Finished`` names nothing new; the NIC keeps its id."""
        ...

    def reserve_address(self, nic_id: str, address: str | None) -> Outcome:
        """Have a NIC hold a further address of its network, a certain one or any. ``Finished`` names the
        reservation. Not repeatable: read the server first. Refused if the address is taken, also by another
        NIC: it has one holder. It goes with the NIC, or by ``remove`` (NIC_ADDRESS)."""
        ...

    def create_snapshot(self, server_id: str, spec: SnapshotSpec) -> Outcome:
        """Take a snapshot of a server with all its disks. A try that failed can leave one that is not
        ``ready``: find it and ``remove`` it (SNAPSHOT). While any exists NICs and disks cannot change."""
        ...

    def find_snapshots(self, server_id: str, name: str | None = None) -> Sequence[Snapshot]:
        """The server's snapshots of our name, or all, oldest first, failed ones and ones in the making
        included. Empty also when the caller cannot see the server."""
        ...

    def revert_snapshot(self, snapshot_id: str) -> Outcome:
        """Take the server back. The VIM never changes the state by this: a running server goes back only to
        a snapshot with memory, a stopped one only to one without. Repeating does no further harm."""
        ...

    def create_volume(self, spec: VolumeSpec) -> Outcome:
        """Make a data disk (not yet attached)."""
        ...

    def attach_volume(self, volume_id: str, server_id: str) -> Outcome:
        """Attach a data disk; ``Finished`` at once if it is attached there already."""
        ...

    def list_volumes(self, server_id: str) -> Sequence[str]:
        """Ids of the data disks attached to a server, by device id (the root disk left out)."""
        ...

    def resize_volume(self, volume_id: str, size: int) -> Outcome:
        """Grow a disk to ``size`` bytes, rounded up by the VIM's unit. Repeatable. ``Permanent`` if that
        would shrink it: data would be lost, so it is not offered."""
        ...

    def detach_volume(self, volume_id: str) -> Outcome:
        """Detach a data disk and keep it. Repeatable. Refused while snapshots of its server exist."""
        ...

    def create_volume_snapshot(self, volume_id: str, name: str) -> Outcome:
        """Take a snapshot of one disk, under a deterministic name; the VIM admits several of one name."""
        ...

    def find_volume_snapshots(self, volume_id: str, name: str | None = None) -> Sequence[Snapshot]:
        """The volume's snapshots of our name, or all, oldest first, failed ones included."""
        ...

    def revert_volume_snapshot(self, snapshot_id: str) -> Outcome:
        """Take the disk back. Refused while the server it is attached to runs."""
        ...

    def acquire_address(self, network_id: str) -> Outcome:
        """Take a public address for a network. It carries no name: journal what ``find_addresses`` shows
        before the first try, and take the one that is new."""
        ...

    def find_addresses(self, network_id: str) -> Sequence[Address]:
        """The public addresses held on a network, oldest first, that of its router included."""
        ...

    def map_address(
        self, address_id: str, server_id: str, network_id: str | None = None, guest_address: str | None = None
    ) -> Outcome:
        """Map a public address one-to-one to a server's address on a network. Repeatable. Undone by
        ``remove`` (RULE, id of the address, name ``staticnat``), or with the address."""
        ...

    def open_port(self, address_id: str, spec: PortSpec) -> Outcome:
        """Let traffic in at a public address. A second of the same ports is refused: ``find_ports`` first.
        Undone by ``remove`` (RULE, name ``firewall:…``), or with the address."""
        ...

    def find_ports(self, address_id: str, spec: PortSpec) -> Sequence[str]:
        """Ids of openings with exactly this protocol, ports and sources."""
        ...

    def filters_egress(self, network_id: str) -> bool | None:
        """True if nothing may leave the network but what rules permit, False if everything but what they
        forbid; None if no router of its own filters there."""
        ...

    def open_egress(self, network_id: str, spec: PortSpec) -> Outcome:
        """Let traffic of the whole network out. A second of the same ports is refused: ``find_egress`` first.
        Undone by ``remove`` (EGRESS_RULE), or with the network."""
        ...

    def find_egress(self, network_id: str, spec: PortSpec) -> Sequence[str]:
        """Ids of egress rules with exactly this protocol and these ports."""
        ...

    def check_room(self, spec: RoomSpec) -> None:
        """``Permanent`` names every quota that what is wanted would break (kind, limit, used, wanted),
        before anything is touched. Silent about quotas this caller may not read; no reservation is made."""
        ...

    def check_volumes(self, volumes: Sequence[VolumeSpec]) -> None:
        """``Permanent`` if there is no offering for one of these data disks; nothing is made."""
        ...

    def poll(self, job: str) -> Outcome:
        """How a started job stands: ``Started`` (still running), ``Finished`` or ``Failed``."""
        ...

    def find(self, trace: Trace) -> Sequence[str]:
        """Ids of what is of this kind and has this name, oldest first. None found is no proof."""
        ...

    def remove(self, resource: Resource) -> Outcome:
        """Begin to remove it. ``Finished`` means *proven gone* or never there; idempotent, so the caller
        repeats ``remove`` after each ended job until it says ``Finished``. ``Lingering``: wait for the
        VIM's own purge, then repeat. The name of a RULE begins with its kind: ``staticnat``, ``firewall``."""
        ...
