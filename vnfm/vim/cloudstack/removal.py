"""Removes what we made. The proof that a thing is gone is that removing it again is refused as unknown;
an empty list is no proof: it also comes for things this user merely cannot see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import errors, jobs, server, storage
from vnfm.vim.cloudstack.client import Value
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Finished, Kind, Lingering, Outcome, Resource, Started

_PURGE = "the server is Destroyed, and its name and addresses stay taken until CloudStack purges it"

#: Command by the first word of a rule's name, ``firewall:…`` and so on.
RULES: Mapping[str, str] = {
    "firewall": "deleteFirewallRule",
    "egress": "deleteEgressFirewallRule",
    "portforwarding": "deletePortForwardingRule",
    "loadbalancer": "deleteLoadBalancerRule",
}


def remove(site: Site, resource: Resource) -> Outcome:
    """Begin to remove it; repeat until ``Finished``."""
    return REMOVERS[resource.kind](site, resource)


def _server(site: Site, resource: Resource) -> Outcome:
    """Data disks are kept and detached: they are resources of their own."""
    expunge = site.rights().may_expunge
    state = server.state(site, resource.id)
    if not expunge and state in ("Destroyed", "Expunging"):
        return Lingering(_PURGE)
    params: dict[str, Value] = {"id": resource.id, "expunge": True if expunge else None}
    outcome = _delete(site, "destroyVirtualMachine", params, resource.id)
    if isinstance(outcome, Started) and not expunge and state is None:
        # A user does not see his own Destroyed servers; the job does nothing to one.
        return Lingering(_PURGE)
    return outcome


def _network(site: Site, resource: Resource) -> Outcome:
    """Fails in the job, without a reason, while any server that is not expunged has a NIC there."""
    return _delete(site, "deleteNetwork", {"id": resource.id}, resource.id)


def _volume(site: Site, resource: Resource) -> Outcome:
    row = storage.read(site, resource.id)
    if row is not None and row.get("virtualmachineid"):
        return _delete(site, "detachVolume", {"id": resource.id}, resource.id)
    return _delete(site, "deleteVolume", {"id": resource.id}, resource.id)


def _group(site: Site, resource: Resource) -> Outcome:
    """A group with members is deleted without objection: remove the servers first."""
    params: dict[str, Value] = {"id": resource.id, "projectid": site.place().project_id}
    return _delete(site, "deleteAffinityGroup", params, resource.id)


def _security_group(site: Site, resource: Resource) -> Outcome:
    """Refused while a server that is not expunged is a member."""
    params: dict[str, Value] = {"id": resource.id, "projectid": site.place().project_id}
    return _delete(site, "deleteSecurityGroup", params, resource.id)


def _address(site: Site, resource: Resource) -> Outcome:
    """Releasing a released address is a 530 whose text is hidden, so the list of ours must decide."""
    try:
        return _delete(site, "disassociateIpAddress", {"id": resource.id}, resource.id)
    except errors.Refused as exc:
        if exc.code != errors.INTERNAL:
            raise
        if _held(site, resource.id):
            return errors.failed(exc.command, exc.code, exc.text)
        return Finished(resource.id)


def _held(site: Site, address_id: str) -> bool:
    rows = site.listed("listPublicIpAddresses", "publicipaddress", id=address_id)
    return any(row.get("state") != "Free" for row in rows)


def _nic_address(site: Site, resource: Resource) -> Outcome:
    """It goes with its NIC too, and is as unknown then as after its own removal."""
    return _delete(site, "removeIpFromNic", {"id": resource.id}, resource.id)


def _rule(site: Site, resource: Resource) -> Outcome:
    kind = resource.name.partition(":")[0]
    if kind == "staticnat":
        return _static_nat(site, resource)
    if kind not in RULES:
        raise Permanent(f"The rule {resource.id} does not say of what kind it is ('{resource.name}')")
    return _delete(site, RULES[kind], {"id": resource.id}, resource.id)


def _egress_rule(site: Site, resource: Resource) -> Outcome:
    """It goes with its network too."""
    return _delete(site, RULES["egress"], {"id": resource.id}, resource.id)


def _static_nat(site: Site, resource: Resource) -> Outcome:
    """Its id is that of the address; it goes with the address too."""
    rows = site.client.rows(
        "listPublicIpAddresses", "publicipaddress", id=resource.id, listall=True, **site.place().owner
    )
    if not any(row.get("isstaticnat") for row in rows):
        return Finished(resource.id)
    return _delete(site, "disableStaticNat", {"ipaddressid": resource.id}, resource.id)


def _snapshot(site: Site, resource: Resource) -> Outcome:
    """A failed one, too. The parent of others goes without them."""
    return _delete(site, "deleteVMSnapshot", {"vmsnapshotid": resource.id}, resource.id)


def _volume_snapshot(site: Site, resource: Resource) -> Outcome:
    return _delete(site, "deleteSnapshot", {"id": resource.id}, resource.id)


def _delete(site: Site, command: str, params: Mapping[str, Value], resource_id: str) -> Outcome:
    """Submit; 431 for an unknown object is the proof that it is gone, any other 431 and 536 are refusals."""
    try:
        return jobs.submit(site.client, command, params, resource_id)
    except errors.Refused as exc:
        if exc.gone:
            return Finished(resource_id)
        if exc.code not in (errors.PARAMETER, errors.IN_USE):
            raise
        return errors.failed(command, exc.code, exc.text)


REMOVERS: Mapping[Kind, Callable[[Site, Resource], Outcome]] = {
    Kind.SERVER: _server,
    Kind.VOLUME: _volume,
    Kind.NETWORK: _network,
    Kind.AFFINITY_GROUP: _group,
    Kind.SECURITY_GROUP: _security_group,
    Kind.ADDRESS: _address,
    Kind.NIC_ADDRESS: _nic_address,
    Kind.RULE: _rule,
    Kind.EGRESS_RULE: _egress_rule,
    Kind.SNAPSHOT: _snapshot,
    Kind.VOLUME_SNAPSHOT: _volume_snapshot,
}
