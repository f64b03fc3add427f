"""What request and VNFD ask for and an operation does not give: said in the occurrence's warnings."""

from __future__ import annotations

from collections.abc import Collection

from vnfm.domain import neglect, opening, reservation, securitygroup, standing
from vnfm.domain.operation import OperationType, StepState
from vnfm.domain.vnfd import Flavour
from vnfm.lcm.context import Context

#: A step of each operation after which the VNF is of a flavour that it was not of before.
_STEPS = {
    OperationType.INSTANTIATE: "deploy_vnfc",
    OperationType.CHANGE_FLAVOUR: "finalise_reshape",
    OperationType.CHANGE_VNFPKG: "finalise_reshape",
}
#: Scopes in which all VNFCs of a VNF are together anyway.
_ONE_ZONE = frozenset({"zone", "zone_group", "nfvi_pop"})


def of(ctx: Context) -> list[str]:
    """Sentences for people; none before it is certain that the operation can be carried out."""
    if not any(e.name == "check_plan" and e.state is StepState.DONE for e in ctx.op.steps):
        return []
    return [*neglect.of_links(ctx.op.params.get("extVirtualLinks") or []), *_of_flavour(ctx)]


def _of_flavour(ctx: Context) -> list[str]:
    """Rule by rule, where the VNF is of a flavour that it was not of before."""
    if all(entry.name != _STEPS.get(ctx.op.type) for entry in ctx.op.steps):
        return []
    flavour = ctx.deployment.flavour
    own = [link.key for link in ctx.deployment.links if link.managed is None]
    groups = _groups(ctx)
    guarded = [vdu for vdu, why in groups.items() if why is None]
    said = [*reservation.without_effect(flavour), *_placement(flavour)]
    said += securitygroup.too_wide(flavour, guarded)
    if ctx.op.type is OperationType.INSTANTIATE:
        return [*said, *opening.without_effect(flavour, own, groups)]
    fresh = _fresh_points(ctx, own)
    unfiltered = opening.without_effect(flavour, own, groups, fresh)
    return [*said, *unfiltered, *opening.late(ctx.former_flavour, flavour, fresh)]


def _placement(flavour: Flavour) -> list[str]:
    """Placement rules that neither a group nor the one zone of a VNF sees to."""
    return [
        f"{'anti-affinity' if rule.anti else 'affinity'} rule {rule.id} is not enforced: CloudStack groups "
        f"by hosts, and a VNF is in one zone; its scope is {rule.scope}"
        for rule in flavour.affinity_rules
        if (rule.anti or rule.scope.lower() not in _ONE_ZONE) and rule.scope.lower() != "nfvi_node"
    ]


def _fresh_points(ctx: Context, own: Collection[str]) -> set[str]:
    """Connection points whose security rules a change sets: those on its new networks, and those of VDUs
    that the VNF did not have, unless on a network of the VNF that stands."""
    flavour, stand = ctx.deployment.flavour, standing.count(ctx.instance)
    points = [cp for vdu in flavour.vdus.values() for cp in vdu.connection_points]
    held = {item["target"] for item in ctx.instance.resources if item["kind"] == "NETWORK"} - set(own)
    return {
        cp.id
        for cp in points
        if cp.virtual_link in own or (not stand.get(cp.vdu) and cp.virtual_link not in held)
    }


def _groups(ctx: Context) -> dict[str, str | None]:
    """By VDU, why it has no security group; None if it has one, or may yet get one."""
    made = [entry for entry in ctx.op.steps if entry.name == "create_security_group"]
    return {entry.target: entry.result.get("why") for entry in made}
