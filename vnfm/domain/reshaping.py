"""What must happen to a standing VNF that is to become another flavour, or another version: pure comparison.

A VDU that is in both keeps its VNFCs: they are resized or get another image. What cannot be changed under a
VNFC that stays (its connection points, fewer bytes on a disk) is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnfm.domain import scaling, standing
from vnfm.domain.deployment import DeploymentError
from vnfm.domain.instance import Instance
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import ConnectionPoint, Flavour, Vdu


@dataclass(frozen=True, slots=True)
class Reshape:
    """``added`` are VNFC keys, ``grown`` data disks as key/storage; ``dropped_*`` are VIM ids."""

    added: Sequence[str]
    removed: Sequence[StandingVnfc]
    resized: Sequence[StandingVnfc]
    upgraded: Sequence[StandingVnfc]
    grown: Sequence[str]
    new_links: Sequence[str]
    new_groups: Sequence[str]
    dropped_networks: Sequence[str]
    dropped_groups: Sequence[str]


def compare(
    instance: Instance, old: Flavour, new: Flavour, levels: Mapping[str, int], numbers: Mapping[str, int]
) -> Reshape:
    """From flavour ``old`` to ``new`` at these scale levels; ScalingError or DeploymentError say why not.

    ``numbers`` are the VNFCs of VDUs that no aspect scales.
    """
    fixed = {vdu: number for vdu, number in numbers.items() if vdu in new.vdus}
    scaling.check_levels(new, levels, fixed)
    wanted = scaling.vnfcs_at(new, levels, fixed)
    present = standing.count(instance)
    added: list[str] = []
    removed: list[StandingVnfc] = []
    for vdu in sorted({*present, *wanted}):
        change = wanted.get(vdu, 0) - present.get(vdu, 0)
        added += standing.next_keys(instance, vdu, max(change, 0))
        removed += standing.youngest(instance, vdu, max(-change, 0))
    stay = [vnfc for vnfc in standing.vnfcs(instance) if vnfc not in removed]
    for vdu in sorted({vnfc.vdu for vnfc in stay}):
        _check_vdu(old, new, vdu)
    links = standing.networks(instance)
    groups = standing.groups(instance)
    rules = {
        rule.id
        for rule in new.affinity_rules
        if rule.scope.lower() == "nfvi_node" and any(target in new.vdus for target in rule.targets)
    }
    made = {item["id"] for item in instance.resources if item["kind"] == "NETWORK"}
    return Reshape(
        added=added,
        removed=removed,
        resized=[vnfc for vnfc in stay if _size(old.vdus[vnfc.vdu]) != _size(new.vdus[vnfc.vdu])],
        upgraded=[vnfc for vnfc in stay if _has_other_image(old, new, vnfc.vdu)],
        grown=[
            f"{vnfc.key}/{name}"
            for vnfc in stay
            for name in sorted(vnfc.volumes)
            if new.storages[name].size > old.storages[name].size
        ],
        new_links=sorted(name for name in new.virtual_links if name not in links),
        new_groups=sorted(rules - groups.keys()),
        dropped_networks=[
            link["resourceId"]
            for name, link in sorted(links.items())
            if name not in new.virtual_links and link["resourceId"] in made
        ],
        dropped_groups=[group for name, group in sorted(groups.items()) if name not in rules],
    )


def _size(vdu: Vdu) -> tuple[int, int]:
    return vdu.cpus, vdu.memory


def _has_other_image(old: Flavour, new: Flavour, vdu: str) -> bool:
    """A rebuild is due when what is to run is another software; where the image lies does not matter."""
    before, after = old.boot_image(vdu), new.boot_image(vdu)
    if before is None or after is None:
        return before is not after
    return (before.name, before.version, before.checksum_hash) != (
        after.name,
        after.version,
        after.checksum_hash,
    )


def _check_vdu(old: Flavour, new: Flavour, name: str) -> None:
    """Nothing may differ that cannot be changed under a VNFC that stays."""
    before, after = old.vdus[name], new.vdus[name]
    legs = [_leg(cp) for cp in before.connection_points], [_leg(cp) for cp in after.connection_points]
    if sorted(legs[0]) != sorted(legs[1]):
        raise DeploymentError(
            f"VDU {name!r} has other connection points in flavour {new.id} than in {old.id}: its VNFCs "
            "cannot stay; the VNFD must give it another name"
        )
    disks = _disks(old, before), _disks(new, after)
    if disks[0].keys() != disks[1].keys():
        raise DeploymentError(f"VDU {name!r} has other data disks in flavour {new.id} than in {old.id}")
    smaller = [disk for disk in disks[0] if disks[1][disk] < disks[0][disk]]
    if smaller:
        raise DeploymentError(f"storage {smaller[0]!r} would shrink, and lose data: a disk can only grow")
    if (old.root_disk(before) or 0) > (new.root_disk(after) or old.root_disk(before) or 0):
        raise DeploymentError(f"the root disk of VDU {name!r} would shrink: a disk can only grow")


def _leg(cp: ConnectionPoint) -> tuple[int, str, str, str]:
    return cp.order, cp.id, cp.virtual_link or "", cp.external_cpd or ""


def _disks(flavour: Flavour, vdu: Vdu) -> Mapping[str, int]:
    return {n: flavour.storages[n].size for n in vdu.storages if flavour.storages[n].image is None}


def merged_links(
    instance: Instance, new: Flavour, given: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """External virtual links in force after the change: the request's, and for CPs it does not name those in
    force now; CPs that ``new`` does not have fall away."""
    named = {cp["cpdId"] for link in given for cp in link.get("extCps") or []}
    known = new.external_cps()
    kept = [
        {**link, "extCps": [cp for cp in link["extCps"] if cp["cpdId"] in known and cp["cpdId"] not in named]}
        for link in standing.ext_virtual_links(instance)
    ]
    by_id: dict[str, Mapping[str, Any]] = {link["id"]: link for link in kept if link["extCps"]}
    for link in given:
        before = by_id.get(link["id"], {"extCps": []})
        by_id[link["id"]] = {**link, "extCps": [*before["extCps"], *(link.get("extCps") or [])]}
    return list(by_id.values())


def check_links(instance: Instance, given: Sequence[Mapping[str, Any]], stay: Sequence[str]) -> None:
    """``given`` may not move a CP whose VDU (``stay``: cpdIds) keeps its VNFCs to another network."""
    now = {
        cp["cpdId"]: link["resourceId"]
        for link in standing.ext_virtual_links(instance)
        for cp in link["extCps"]
    }
    for link in given:
        for cp in link.get("extCps") or []:
            if cp["cpdId"] in stay and now.get(cp["cpdId"]) not in {None, link["resourceId"]}:
                raise DeploymentError(
                    f"extVirtualLinks: external CP {cp['cpdId']!r} belongs to VNFCs that stay; use "
                    "change_ext_conn to move it to another network"
                )
