"""What the VNFD asks for and an operation does not give: said in the occurrence's warnings, rule by rule."""

from __future__ import annotations

from vnfm.domain import opening, reservation, securitygroup
from vnfm.domain.operation import OperationType, StepState
from vnfm.lcm.context import Context

#: A step of each operation after which the VNF is of a flavour that it was not of before.
_STEPS = {
    OperationType.INSTANTIATE: "deploy_vnfc",
    OperationType.CHANGE_FLAVOUR: "finalise_reshape",
    OperationType.CHANGE_VNFPKG: "finalise_reshape",
}


def of(ctx: Context) -> list[str]:
    """Sentences for people; none before it is certain that the operation can be carried out."""
    planned = any(e.name == "check_plan" and e.state is StepState.DONE for e in ctx.op.steps)
    if not planned or all(entry.name != _STEPS.get(ctx.op.type) for entry in ctx.op.steps):
        return []
    flavour = ctx.deployment.flavour
    said = list(reservation.without_effect(flavour))
    if ctx.op.type is OperationType.INSTANTIATE:
        own = [link.key for link in ctx.deployment.links if link.managed is None]
        groups = _groups(ctx)
        guarded = [vdu for vdu, why in groups.items() if why is None]
        unfiltered = opening.without_effect(flavour, own, groups)
        return [*said, *unfiltered, *securitygroup.too_wide(flavour, guarded)]
    known = ctx.former_flavour.security_rules
    new = [rule for rule in flavour.security_rules if rule not in known]
    late = "security rules are set when the VNF is instantiated, and stay as they were"
    return [*said, *(f"security rule {opening.describe(rule)} is not applied: {late}" for rule in new)]


def _groups(ctx: Context) -> dict[str, str | None]:
    """By VDU, why it has no security group; None if it has one, or may yet get one."""
    made = [entry for entry in ctx.op.steps if entry.name == "create_security_group"]
    return {entry.target: entry.result.get("why") for entry in made}
