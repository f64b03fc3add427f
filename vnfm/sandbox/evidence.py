"""What the demo shows as proof: the gateway's words, each checked against CloudStack's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vnfm.errors import Permanent
from vnfm.sandbox.cloud import Cloud

_GOING = frozenset({"Destroyed", "Expunging", "Expunged", "Destroy", "Expunge"})
Say = Callable[[str], None]


def show_deployed(cloud: Cloud, instance: Mapping[str, Any], say: Say) -> None:
    """VMs, networks and volumes of an instantiated VNF; ``Permanent`` if CloudStack tells otherwise."""
    if instance.get("instantiationState") != "INSTANTIATED":
        raise Permanent(f"the VNF instance is {instance.get('instantiationState')}, not INSTANTIATED")
    info = instance.get("instantiatedVnfInfo") or {}
    vnfcs = info.get("vnfcResourceInfo") or []
    if not vnfcs:
        raise Permanent("the gateway says the VNF is instantiated, but names no VNFC")
    for vnfc in vnfcs:
        _show_vnfc(cloud, vnfc, say)
    for link in info.get("vnfVirtualLinkResourceInfo") or []:
        network_id = link["networkResource"]["resourceId"]
        if not cloud.network_exists(network_id):
            raise Permanent(f"the gateway says network {network_id}, but CloudStack does not show it")
        say(f"internal network {link['vnfVirtualLinkDescId']} ({network_id})")
    for disk in info.get("virtualStorageResourceInfo") or []:
        say(f"volume {disk['virtualStorageDescId']} ({disk['storageResource']['resourceId']})")


def _show_vnfc(cloud: Cloud, vnfc: Mapping[str, Any], say: Say) -> None:
    server_id = vnfc["computeResource"]["resourceId"]
    row = cloud.virtual_machine(server_id)
    if row is None:
        raise Permanent(f"the gateway says VM {server_id}, but CloudStack does not show it")
    if row.get("state") != "Running":
        raise Permanent(f"VM {row.get('name')} is {row.get('state')} in CloudStack, not Running")
    say(f"VM {row.get('name')} ({vnfc['vduId']}) {row.get('state')}, {row.get('serviceofferingname')}")
    told = {address for cp in vnfc.get("vnfcCpInfo") or [] for address in _addresses(cp)}
    for nic in row.get("nic") or []:
        address = nic.get("ipaddress")
        say(f"   {nic.get('networkname')}: {address or 'no address'}, {nic.get('macaddress')}")
        if address and told and address not in told:
            raise Permanent(f"VM {row.get('name')} has {address}; the gateway says {', '.join(sorted(told))}")


def _addresses(cp: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for protocol in cp.get("cpProtocolInfo") or []:
        for ip in (protocol.get("ipOverEthernet") or {}).get("ipAddresses") or []:
            found += ip.get("addresses") or []
    return found


def show_left(cloud: Cloud, word: str, networks: Sequence[str], patience: float, say: Say) -> None:
    """Remove the demo's networks; ``Permanent`` if anything of name ``word`` lives on without excuse."""
    reasons = cloud.remove_networks(networks, patience, say)
    left = cloud.leftovers(word)
    for item in left:
        reason = reasons.get(item.id)
        say(f"left: {item}" + (f": {reason}" if reason else ""))
    if not left:
        say("CloudStack shows nothing of this VNF any more")
        return
    # What hangs on a destroyed VM lives as long as that does; a VM itself has no such excuse.
    may = cloud.place.may_expunge
    alive = [item for item in left if item.state not in _GOING and (may or item.kind == "VM")]
    if alive:
        raise Permanent(f"{len(alive)} thing(s) are still in CloudStack after the VNF was terminated")
    say("This key may not expunge, so the destroyed VMs hold their disks and networks until CloudStack")
    say("purges them (settings expunge.delay and expunge.interval). Remove the networks afterwards.")


#: So long the last notification may be on its way.
_PATIENCE = 15.0


def show_told(inbox: Callable[[], Sequence[Mapping[str, Any]]], say: Say) -> None:
    """What the NFVO was told about the VNF's life; ``Permanent`` if it found anything wrong with that, or if
    the end of it does not come."""
    deadline = time.monotonic() + _PATIENCE
    entries = inbox()
    while not any(_kind(entry) == "VnfIdentifierDeletion" for entry in entries):
        if time.monotonic() > deadline:
            raise Permanent("the NFVO was not told that the VNF instance is gone")
        time.sleep(0.1)
        entries = inbox()
    wrong = [remark for entry in entries for remark in entry["wrong"]]
    if wrong:
        raise Permanent(f"the NFVO found notifications wrong: {'; '.join(wrong)}")
    told: dict[str, list[str]] = {}
    for entry in entries:
        body = entry["body"]
        told.setdefault(body.get("operation", _kind(entry)), []).append(body.get("operationState", ""))
    for about, states in told.items():
        say(f"{about}: {', '.join(states)}" if any(states) else about)


def _kind(entry: Mapping[str, Any]) -> str:
    return str(entry["body"]["notificationType"]).removesuffix("Notification")
