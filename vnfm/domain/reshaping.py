"""What must happen to a standing VNF that is to become another flavour, or another version: pure comparison.

A VDU that is in both keeps its VNFCs: they are re-plugged, re-grouped, resized, get another image, more disks
or fewer. What nothing can do under a VNFC that stays (fewer bytes on a disk) is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vnfm.domain import replugging, scaling, standing
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import AffinityRule, Flavour, Vdu


@dataclass(frozen=True, slots=True)
class Reshape:
    """``added`` are VNFC keys, ``new_disks`` and ``grown`` data disks as key/storage, of VNFCs that stay.

    ``deepened`` get a larger root disk under the image they have; ``dropped_*`` are VIM ids.
    """

    added: Sequence[str]
    removed: Sequence[StandingVnfc]
    replugged: Sequence[StandingVnfc]
    regrouped: Sequence[StandingVnfc]
    resized: Sequence[StandingVnfc]
    upgraded: Sequence[StandingVnfc]
    deepened: Sequence[StandingVnfc]
    grown: Sequence[str]
    new_disks: Sequence[str]
    new_links: Sequence[str]
    new_groups: Sequence[str]
    dropped_disks: Sequence[str]
    dropped_networks: Sequence[str]
    dropped_groups: Sequence[str]

    @property
    def changed(self) -> Sequence[StandingVnfc]:
        """VNFCs that stay and are not the same afterwards, disks aside; in the order of VDU and index."""
        found = [*self.replugged, *self.regrouped, *self.resized, *self.upgraded, *self.deepened]
        return sorted({vnfc.key: vnfc for vnfc in found}.values(), key=lambda one: (one.vdu, one.index))


def compare(
    instance: Instance, old: Flavour, new: Flavour, levels: Mapping[str, int], numbers: Mapping[str, int]
) -> Reshape:
    """From flavour ``old`` to ``new`` at these scale levels; ScalingError or DeploymentError say why not.

    ``numbers`` are the VNFCs of VDUs that no aspect scales. Instance and ``old`` are named as ``new`` is.
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
    _check_rules(old, new, groups)
    rules = {rule.id for rule in _on_hosts(new) if any(target in new.vdus for target in rule.targets)}
    made = {item["id"] for item in instance.resources if item["kind"] == "NETWORK"}
    upgraded = [vnfc for vnfc in stay if has_other_image(old, new, vnfc.vdu)]
    both = [(vnfc, old.vdus[vnfc.vdu], new.vdus[vnfc.vdu]) for vnfc in stay]
    return Reshape(
        added=added,
        removed=removed,
        replugged=[vnfc for vnfc, was, now in both if replugging.legs(was) != replugging.legs(now)],
        regrouped=[vnfc for vnfc in stay if _moves(old, new, vnfc.vdu, groups)],
        resized=[vnfc for vnfc, was, now in both if _size(was) != _size(now)],
        upgraded=upgraded,
        deepened=[v for v, was, now in both if v not in upgraded and _is_deeper(old, was, new, now)],
        grown=[
            f"{vnfc.key}/{name}"
            for vnfc in stay
            for name in sorted(vnfc.volumes)
            if name in disks(new, vnfc.vdu) and new.storages[name].size > old.storages[name].size
        ],
        new_disks=[
            f"{vnfc.key}/{name}" for vnfc in stay for name in disks(new, vnfc.vdu) if name not in vnfc.volumes
        ],
        new_links=sorted(name for name in new.virtual_links if name not in links),
        new_groups=sorted(rules - groups.keys()),
        dropped_disks=[
            volume
            for vnfc in stay
            for name, volume in sorted(vnfc.volumes.items())
            if name not in disks(new, vnfc.vdu)
        ],
        dropped_networks=[
            link["resourceId"]
            for name, link in sorted(links.items())
            if name not in new.virtual_links and link["resourceId"] in made
        ],
        dropped_groups=[group for name, group in sorted(groups.items()) if name not in rules],
    )


def rules_of(flavour: Flavour, vdu: str) -> list[str]:
    """The placement rules whose groups a VNFC of that VDU belongs to."""
    return [rule.id for rule in _on_hosts(flavour) if vdu in rule.targets]


def _on_hosts(flavour: Flavour) -> list[AffinityRule]:
    """Those that CloudStack has groups for."""
    return [rule for rule in flavour.affinity_rules if rule.scope.lower() == "nfvi_node"]


def _check_rules(old: Flavour, new: Flavour, groups: Mapping[str, str]) -> None:
    before = {rule.id: rule.anti for rule in _on_hosts(old)}
    for rule in _on_hosts(new):
        if rule.id in groups and before.get(rule.id, rule.anti) != rule.anti:
            raise DeploymentError(
                f"placement rule {rule.id!r} would turn from affinity to anti-affinity or back; CloudStack's "
                "groups keep their type: give the rule another name"
            )


def _moves(old: Flavour, new: Flavour, vdu: str, groups: Mapping[str, str]) -> bool:
    """Whether a VNFC joins a group, or leaves one that stays; one that is removed is left by that alone."""
    before = {rule for rule in rules_of(old, vdu) if rule in groups}
    after = set(rules_of(new, vdu))
    kept = {rule.id for rule in new.affinity_rules}
    return bool(after - before) or bool((before - after) & kept)


def _size(vdu: Vdu) -> tuple[int, int]:
    return vdu.cpus, vdu.memory


def _is_deeper(old: Flavour, was: Vdu, new: Flavour, now: Vdu) -> bool:
    """A root disk that had the size of its image is left alone: how large that is, no VNFD tells."""
    before, after = old.root_disk(was), new.root_disk(now)
    return before is not None and after is not None and after > before


def has_same_size(old: Flavour, new: Flavour, vdu: str) -> bool:
    """Whether the VIM flavour of a VDU may stay."""
    return _size(old.vdus[vdu]) == _size(new.vdus[vdu])


def has_other_image(old: Flavour, new: Flavour, vdu: str) -> bool:
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
    kept = [disk for disk in disks(old, name) if disk in disks(new, name)]
    smaller = [disk for disk in kept if new.storages[disk].size < old.storages[disk].size]
    if smaller:
        raise DeploymentError(
            f"storage {smaller[0]!r} of VDU {name!r} would shrink, and lose data: a disk can only grow"
        )
    if (old.root_disk(before) or 0) > (new.root_disk(after) or old.root_disk(before) or 0):
        raise DeploymentError(f"the root disk of VDU {name!r} would shrink: a disk can only grow")


def disks(flavour: Flavour, vdu: str) -> list[str]:
    """The data disks of a VDU, in the order of the VNFD."""
    return [name for name in flavour.vdus[vdu].storages if flavour.storages[name].image is None]


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
