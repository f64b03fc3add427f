"""Security groups: which ones a new VM gets, and which networks have them.

Nothing of this was recorded: no zone of the recorded server has security groups. It follows CloudStack 4.22's
source, for hypervisors other than KVM.
"""

from __future__ import annotations

from collections.abc import Sequence

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import SecurityGroup

DEFAULT = "default"
SERVICE = "SecurityGroup"


def add(call: Call, owner: model.Account, name: str, description: str | None) -> SecurityGroup:
    table = call.world.securitygroups
    birth = vars(call.world.birth(table))
    return table.add(SecurityGroup(**birth, owner=owner, name=name, description=description))


def named(call: Call, owner: model.Account) -> dict[str, SecurityGroup]:
    """Every account has the default group, made when it is first asked for."""
    groups = {group.name: group for group in call.world.securitygroups if group.owner is owner}
    if DEFAULT not in groups:
        groups[DEFAULT] = add(call, owner, DEFAULT, "Default Security Group")
    return groups


def groups_for(
    call: Call, owner: model.Account, zone: model.Zone, networks: Sequence[model.Network]
) -> list[SecurityGroup]:
    """The groups of a new VM: those asked for, or the default one where its network has groups."""
    asked = _asked(call, owner)
    if not zone.facts["securitygroups"]:
        if asked:
            raise invalid(
                "Can't create vm with security groups; security group feature is not enabled per zone"
            )
        return []
    open_ones = [network for network in networks if not network.offering.serves(SERVICE)]
    if asked and open_ones:
        raise invalid(f"Network is not security group enabled: {open_ones[0].serial}")
    if len(networks) > len(open_ones) and len(networks) > 1:
        raise invalid("Only support one network per VM if security group enabled")
    return asked or ([] if open_ones else [named(call, owner)[DEFAULT]])


def _asked(call: Call, owner: model.Account) -> list[SecurityGroup]:
    ids, names = call.words("securitygroupids"), call.words("securitygroupnames")
    if ids and names:
        raise invalid("securitygroupids parameter is mutually exclusive with securitygroupnames parameter")
    mine = named(call, owner) if ids or names else {}
    by_id = {group.id: group for group in mine.values()}
    lost = [key for key in ids if key not in by_id] + [name for name in names if name not in mine]
    if lost:
        raise invalid(f"Unable to find securitygroup by id or name {lost[0]}")
    return [by_id[key] for key in ids] + [mine[name] for name in names]
