"""From what must change to the steps that change it: shared by CHANGE_FLAVOUR and CHANGE_VNFPKG.

What is new comes first, then what stays is changed, VNFC after VNFC, and what is not wanted any more goes
last: up to there everything can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vnfm.domain import reshaping, standing
from vnfm.domain.deployment import Deployment
from vnfm.domain.instance import Instance
from vnfm.domain.operation import StepEntry
from vnfm.domain.reshaping import Reshape
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import Flavour
from vnfm.lcm import looking
from vnfm.lcm.scale import remove_vnfcs
from vnfm.vim.port import Kind


def plan(
    operation_id: str,
    instance: Instance,
    old: Flavour,
    new: Flavour,
    levels: Mapping[str, int],
    numbers: Mapping[str, int],
    params: Mapping[str, Any],
    *,
    batch: int = 1,
) -> list[StepEntry]:
    """All steps; ``numbers`` are the VNFCs of VDUs no aspect scales, ``batch`` VNFCs change side by side."""
    change = reshaping.compare(instance, old, new, levels, numbers)
    given = params.get("extVirtualLinks") or []
    stay = {vnfc.vdu for vnfc in standing.vnfcs(instance) if vnfc not in change.removed}
    points = [cp.external_cpd for vdu in stay for cp in new.vdus[vdu].connection_points if cp.external_cpd]
    reshaping.check_links(instance, given, points)
    deployment = lay_out(operation_id, instance, new, change, params)
    chosen = {key.rpartition("-")[0] for key in change.added} | {v.vdu for v in _changed(change)}
    steps = [
        *looking.begin(chosen),
        *(StepEntry("create_network", link, 2) for link in change.new_links if _is_ours(deployment, link)),
        *(StepEntry("create_group", group, 2) for group in change.new_groups),
        *(StepEntry("deploy_vnfc", v.key, 3) for v in deployment.vnfcs if v.has_fixed_address),
        *(StepEntry("deploy_vnfc", v.key, 4) for v in deployment.vnfcs if not v.has_fixed_address),
        *(StepEntry("add_volume", disk.key, 5) for v in deployment.vnfcs for disk in v.storages),
    ]
    stage = 6
    for position, vnfc in enumerate(_changed(change)):
        at = stage + 2 * (position // batch)
        steps += [StepEntry("resize_vnfc", vnfc.key, at)] if vnfc in change.resized else []
        steps += [StepEntry("upgrade_vnfc", vnfc.key, at + 1)] if vnfc in change.upgraded else []
    stage = max(entry.stage for entry in steps) + 1
    return [
        *steps,
        *(StepEntry("grow_volume", disk, stage) for disk in change.grown),
        *remove_vnfcs(list(change.removed), stage + 1),
        *(StepEntry("remove", f"{Kind.NETWORK}/{one}", stage + 4) for one in change.dropped_networks),
        *(StepEntry("remove", f"{Kind.AFFINITY_GROUP}/{one}", stage + 4) for one in change.dropped_groups),
        StepEntry("finalise_reshape", _spell(new, levels), stage + 5),
    ]


def _changed(change: Reshape) -> Sequence[StandingVnfc]:
    return [*change.resized, *(vnfc for vnfc in change.upgraded if vnfc not in change.resized)]


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
        ext_links=reshaping.merged_links(instance, new, params.get("extVirtualLinks") or []),
        managed={one["vnfVirtualLinkDescId"]: one for one in params.get("extManagedVirtualLinks") or []},
        new_links=change.new_links,
        new_groups=change.new_groups,
    )
