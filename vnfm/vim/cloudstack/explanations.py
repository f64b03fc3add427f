"""What CloudStack's texts leave out: why it refused, and what to do about it.

For people only, and only in addition to the text: no decision rests on these patterns. The wording is that of
4.22; where it changes the explanation is missing, not wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NICS_FROZEN = (
    r"VM Snapshots",
    "CloudStack changes no NIC of a server while a snapshot of it exists: remove its snapshots first",
)
_DISKS_FROZEN = (
    r"VM Snapshots?",
    "CloudStack changes no disk of a server while a snapshot of it exists: remove its snapshots first",
)
_BACK_AND_FORTH = (
    r"revert not allowed",
    "a running server goes back only to a snapshot with memory, a stopped one only to one without: stop or "
    "start it first, or choose another snapshot",
)

#: By command: a pattern in the text, and what it means.
EXPLANATIONS: Mapping[str, Sequence[tuple[str, str]]] = {
    "addNicToVirtualMachine": (
        _NICS_FROZEN,
        (
            r"NIC already exists",
            "the server is in that network already; CloudStack plugs no second NIC into it, only a deploy "
            "can make two",
        ),
        (r"Unable to acquire Guest IP", "the address is taken or not in the range of the network"),
        (
            r"PlugNic",
            "the hypervisor could not plug the NIC into the running server; nothing is left of it. Some "
            "hypervisors plug into a stopped server only",
        ),
    ),
    "removeNicFromVirtualMachine": (
        _NICS_FROZEN,
        (r"nic is default", "the default NIC cannot be removed: make another one the default first"),
        (
            r"static ?nat|port ?forwarding|load ?balanc",
            "public addresses or rules lead to this NIC: remove them first",
        ),
    ),
    "updateDefaultNicForVirtualMachine": (
        _NICS_FROZEN,
        (r"already the default", "it is the default NIC already; an earlier try took effect"),
    ),
    "updateVmNicIp": (
        (r"not Stopped", "the address of a NIC changes only while the server is stopped: stop it first"),
        (r"Allocating ip|not valid|taken", "the address is taken or not in the range of the network"),
    ),
    "attachVolume": (_DISKS_FROZEN,),
    "detachVolume": (
        _DISKS_FROZEN,
        (r"Root volume", "a root disk cannot be taken from a server that is not stopped"),
    ),
    "resizeVolume": (
        _DISKS_FROZEN,
        (
            r"shrink",
            "a disk can only grow, because shrinking loses data; the code 432 has nothing to do with the "
            "role of the user here",
        ),
        (
            r"must be customizable|customi[sz]",
            "the disk's offering fixes its size: data disks that are to grow need an offering of free size "
            "(diskOffering of the VIM connection)",
        ),
    ),
    "restoreVirtualMachine": (
        (
            r"VM snapshots",
            "CloudStack rebuilds no server while a snapshot of it exists: remove its snapshots first",
        ),
    ),
    "rebootVirtualMachine": (
        (
            r"RebootAnswer",
            "the hypervisor did not carry it out; the server may be up, down or hanging: look at it",
        ),
        (r"running|state", "only a running server can be rebooted: start it instead"),
    ),
    "scaleVirtualMachine": (
        (
            r"does not have tools|disabled for this zone|dynamic scaling enabled flag|Fixed Offering",
            "it cannot be resized while it runs, because the template, the service offerings, the hypervisor "
            "or the zone (enable.dynamic.scale.vm) do not have it: stop it, resize it, start it",
        ),
        (
            r"only scall?ing up",
            "a running server only grows, and in no dimension (CPU, speed, memory) may it shrink: stop it, "
            "resize it, start it",
        ),
        (r"already has the requested", "it has that service offering already; an earlier try took effect"),
        (r"insufficient resources", "its host and cluster have no room to let it grow while it runs"),
    ),
    "createVMSnapshot": (
        (
            r"snapshot memory when VM is not in Running",
            "only a running server has memory to save: start it, or take the snapshot without memory",
        ),
        (
            r"cannot be cast|Failed to create vm snapshot",
            "the hypervisor did not make it; what is left of it blocks changes of NICs and disks until it is "
            "removed",
        ),
        (r"already exists", "a snapshot of this name exists; an earlier try may have made it"),
    ),
    "revertToVMSnapshot": (_BACK_AND_FORTH,),
    "revertSnapshot": (
        (r"not in the shutdown state", "a disk goes back only while its server is stopped: stop it first"),
    ),
    "enableStaticNat": (
        (
            r"already associated with another public",
            "the server's address has a public address already: this one, if an earlier try took effect, or "
            "another",
        ),
        (r"sourceNat ip", "the network's router uses this address itself: acquire another"),
    ),
    "createFirewallRule": (
        (r"conflicts with rule", "these ports are open already; an earlier try may have done it"),
        (r"no new provider", "the address is of a VPC, which takes items of an ACL, not firewall rules"),
    ),
    "disassociateIpAddress": (
        (r"source ?nat", "the network's router uses this address itself; it goes with the network"),
    ),
}


def explain(command: str, text: str) -> str:
    """What the text means beyond what it says; empty if nothing is known."""
    for pattern, meaning in EXPLANATIONS.get(command, ()):
        if re.search(pattern, text, re.IGNORECASE):
            return meaning
    return ""
