"""From what must change to the steps that change it: shared by CHANGE_FLAVOUR and CHANGE_VNFPKG.

What is new comes first, then what stays is changed, VNFC after VNFC (``additionalParams.batchSize`` side by
side), then disks grow, and what is not wanted any more goes last: up to the disks all can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain import reshaping, securitygroup, standing
from vnfm.domain.deployment import Deployment
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.outside import DeploymentError, Outside
from vnfm.domain.replugging import plug
from vnfm.domain.reshaping import Reshape
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import Flavour
from vnfm.lcm import looking, reservations
from vnfm.lcm.scale import remove_vnfcs
from vnfm.vim.port import Kind

#: Steps that change one VNFC that stays, in this order; the field of ``Reshape`` that says which need it.
_CHANGES: Mapping[str, str] = {
    "replug_vnfc": "replugged",
    "regroup_vnfc": "regrouped",
    "resize_vnfc": "resized",
    "upgrade_vnfc": "upgraded",
}


def plan(
    operation_id: str,
    instance: Instance,
    old: Flavour,
    new: Flavour,
    levels: Mapping[str, int],
    numbers: Mapping[str, int],
    params: Mapping[str, Any],
) -> list[StepEntry]:
    """All steps; ``numbers`` are the VNFCs of VDUs no aspect scales. Instance and ``old`` are under the names
    of ``new``."""
    reservations.check_same(old, new)
    change = reshaping.compare(instance, old, new, levels, numbers)
    given = params.get("extVirtualLinks") or []
    stay = {vnfc.vdu for vnfc in standing.vnfcs(instance) if vnfc not in change.removed}
    points = [cp.external_cpd for vdu in stay for cp in new.vdus[vdu].connection_points if cp.external_cpd]
    reshaping.check_links(instance, given, points)
    deployment = lay_out(operation_id, instance, new, change, params)
    _check_plugs(operation_id, instance, (old, new), change, deployment, params)
    disks = [*(disk for v in deployment.vnfcs for disk in v.storages), *deployment.disks]
    steps = [
        *_looks(change, deployment),
        *(StepEntry("create_network", link, 3) for link in change.new_links if _is_ours(deployment, link)),
        *(StepEntry("create_group", group, 3) for group in change.new_groups),
        *(StepEntry("create_security_group", vdu, 3) for vdu in _guarded(instance, deployment)),
        *(StepEntry("deploy_vnfc", v.key, 4) for v in deployment.vnfcs if v.has_fixed_address),
        *(StepEntry("deploy_vnfc", v.key, 5) for v in deployment.vnfcs if not v.has_fixed_address),
        *(StepEntry("add_volume", disk.key, 6) for disk in disks),
        *(StepEntry("open_egress", opening.target, 6) for opening in deployment.openings),
    ]
    batches = _batches(change.changed, params, new)
    for number, batch in enumerate(batches):
        stage = 7 + number * len(_CHANGES)
        for position, (step, field) in enumerate(_CHANGES.items()):
            steps += [StepEntry(step, v.key, stage + position) for v in batch if v in getattr(change, field)]
    stage = max(entry.stage for entry in steps) + 1
    for number, batch in enumerate(batches):
        steps += [StepEntry("grow_root", v.key, stage + number) for v in batch if v in change.deepened]
    stage = max(stage, max(entry.stage for entry in steps) + 1)
    return [
        *steps,
        *(StepEntry("grow_volume", disk, stage) for disk in change.grown),
        *remove_vnfcs(list(change.removed), stage + 1),
        *reservations.moves(instance, new, change.removed, stage + 3),
        *(StepEntry("remove", f"{Kind.VOLUME}/{one}", stage + 3) for one in change.dropped_disks),
        *(StepEntry("remove", f"{Kind.NETWORK}/{one}", stage + 4) for one in change.dropped_networks),
        *(StepEntry("remove", f"{Kind.AFFINITY_GROUP}/{one}", stage + 4) for one in change.dropped_groups),
        *(
            StepEntry("remove", f"{Kind.SECURITY_GROUP}/{group}", stage + 4)
            for vdu, group in sorted(standing.security_groups(instance).items())
            if vdu not in new.vdus
        ),
        StepEntry("finalise_reshape", _spell(new, levels), stage + 5),
    ]


def _guarded(instance: Instance, deployment: Deployment) -> list[str]:
    """VDUs that the VNF did not have, and whose servers may have a security group."""
    stand = {vnfc.vdu for vnfc in standing.vnfcs(instance)} | standing.security_groups(instance).keys()
    own = [link.key for link in deployment.links if link.managed is None]
    fresh = {vnfc.vdu.id for vnfc in deployment.vnfcs} - stand
    return [vdu for vdu in securitygroup.guardable(deployment.flavour, own) if vdu in fresh]


def _looks(change: Reshape, deployment: Deployment) -> list[StepEntry]:
    """Grant and checks."""
    chosen = [v.vdu.id for v in deployment.vnfcs] + [v.vdu for v in [*change.resized, *change.upgraded]]
    looks = looking.begin(chosen)
    if not chosen:  # what is made or grows without any compute is looked at all the same
        looks += [StepEntry("check_networks", "", 1), StepEntry("check_room", "", 2)]
    touched = bool(change.changed or change.grown or change.new_disks or change.dropped_disks)
    return looks + ([StepEntry("check_standing", "", 2)] if touched else [])


def _batches(
    changed: Sequence[StandingVnfc], params: Mapping[str, Any], new: Flavour
) -> list[Sequence[StandingVnfc]]:
    """Which VNFCs change side by side, batch after batch: one at a time and VDU by VDU in the order of their
    names, unless ``additionalParams`` (batchSize, vduOrder) want it otherwise. DeploymentError if they ask
    for what is not there."""
    policy = params.get("additionalParams") or {}
    size, first = policy.get("batchSize", 1), policy.get("vduOrder", [])
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise DeploymentError(f"additionalParams.batchSize: {size!r} is no number of VNFCs")
    if not isinstance(first, list) or any(vdu not in new.vdus for vdu in first):
        known = ", ".join(sorted(new.vdus))
        raise DeploymentError(f"additionalParams.vduOrder: {first!r} is no list of VDUs; there are: {known}")
    rank = {vdu: position for position, vdu in reversed(list(enumerate(first)))}
    ordered = sorted(changed, key=lambda vnfc: rank.get(vnfc.vdu, len(rank)))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _check_plugs(
    operation_id: str,
    instance: Instance,
    flavours: tuple[Flavour, Flavour],
    change: Reshape,
    deployment: Deployment,
    params: Mapping[str, Any],
) -> None:
    """DeploymentError names VDU and CP where CloudStack cannot re-plug a VNFC that stays. The networks that
    this operation is to make have no ids yet."""
    ext_links = _ext_links(instance, flavours[1], params)
    outside = Outside(flavours[1], ext_links, final=True)
    networks = {("external", link["id"]): str(link["resourceId"]) for link in ext_links}
    for link in deployment.links:
        known = link.managed["resourceId"] if link.managed else f"of link {link.key!r}, yet to be made"
        networks["internal", link.key] = known
    for vnfc in change.replugged:
        plug(operation_id, instance, flavours, vnfc, outside, lambda cp: networks[cp.network])


def _ext_links(instance: Instance, new: Flavour, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return reshaping.merged_links(instance, new, params.get("extVirtualLinks") or [])


def _is_ours(deployment: Deployment, link: str) -> bool:
    return deployment.link(link).managed is None


def _spell(flavour: Flavour, levels: Mapping[str, int]) -> str:
    return f"{flavour.id}?" + "&".join(f"{aspect}={level}" for aspect, level in sorted(levels.items()))


def read_target(target: str) -> tuple[str, Mapping[str, int]]:
    """Flavour and scale levels out of ``finalise_reshape``'s target."""
    flavour, _, levels = target.partition("?")
    pairs = (part.partition("=") for part in levels.split("&") if part)
    return flavour, {aspect: int(level) for aspect, _, level in pairs}


def lay_out(
    operation_id: str,
    instance: Instance,
    new: Flavour,
    change: Reshape,
    params: Mapping[str, Any],
) -> Deployment:
    """What is made: VNFCs, and the links and groups they need."""
    return standing.grow_into(
        operation_id,
        instance,
        new,
        change.added,
        instance.name or "vnf",
        ext_links=_ext_links(instance, new, params),
        managed={one["vnfVirtualLinkDescId"]: one for one in params.get("extManagedVirtualLinks") or []},
        new_links=change.new_links,
        new_groups=change.new_groups,
        new_disks=change.new_disks,
    )
