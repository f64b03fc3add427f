"""An independent look at everything there is, in every state, for tests that count orphans and duplicates."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.world import World


def show(world: World) -> Json:
    """Not the client API's view: no roles, no paging, nothing hidden."""
    return {
        "vms": [vm_facts(vm) for vm in world.vms],
        "networks": [network_facts(network) for network in world.networks],
        "volumes": [volume_facts(volume) for volume in world.volumes],
        "snapshots": [
            owned(row, name=row.name, volume=row.volume.id, state=row.state) for row in world.snapshots
        ],
        "addresses": [address_facts(address) for address in world.addresses],
        "firewallrules": [rule_facts(rule) for rule in world.firewallrules],
        "portforwardings": [
            owned(row, address=row.address.address, ports=str(row.public), vm=row.nic.vm.id)
            for row in world.forwardings
        ],
        "loadbalancers": [
            owned(row, name=row.name, address=row.address.address, vms=[nic.vm.id for nic in row.nics])
            for row in world.balancers
        ],
        "vmsnapshots": [
            owned(
                row,
                name=row.displayname,
                vm=row.vm.id,
                memory=row.memory,
                quiesced=row.quiesced,
                state=row.state,
            )
            for row in world.vmsnapshots
        ],
        "affinitygroups": [
            owned(row, name=row.name, type=row.type, vms=[vm.id for vm in row.vms]) for row in world.groups
        ],
        "securitygroups": [
            owned(
                row,
                name=row.name,
                vms=[vm.id for vm in row.members],
                rules=[[rule.egress, rule.protocol, rule.ports, rule.cidr] for rule in row.rules],
            )
            for row in world.securitygroups
        ],
        "keypairs": [owned(row, name=row.name) for row in world.keypairs],
        "userdata": [owned(row, name=row.name) for row in world.userdata],
        "tags": [
            owned(row, key=row.key, value=row.value, type=row.resource_type, resource=row.resource.id)
            for row in world.tags
        ],
        "templates": [owned(row, name=row.name, type=row.kind) for row in world.templates],
        "jobs": [
            owned(
                row,
                status=row.status,
                command=row.java.rsplit(".", 1)[-1],
                on=row.row.id if row.row else None,
            )
            for row in world.jobs
        ],
        "expunged": [{"id": key, "name": vm.name} for key, vm in world.vms.gone.items()],
    }


def owned(row: model.Owned, **facts: object) -> Json:
    return {"id": row.id, "account": row.owner.name, **facts}


def vm_facts(vm: model.VM) -> Json:
    nics: list[Json] = [
        {
            "id": nic.id,
            "network": nic.network.id,
            "address": nic.address,
            "mac": nic.mac,
            "device": nic.device,
            "secondary": [one.address for one in nic.secondaries],
        }
        for nic in vm.nics
    ]
    return owned(
        vm,
        name=vm.name,
        displayname=vm.displayname,
        state=vm.state,
        zone=vm.zone.id,
        template=vm.template.name,
        offering=vm.offering.name,
        host=vm.host.name if vm.host else None,
        group=vm.group,
        details=vm.details,
        userdata=vm.userdata,
        keypairs=vm.keypairs,
        affinitygroups=[group.name for group in vm.groups],
        nics=nics,
    )


def network_facts(network: model.Network) -> Json:
    return owned(
        network,
        name=network.name,
        displaytext=network.displaytext,
        type=network.type,
        state=network.state,
        cidr=network.cidr,
        vlan=network.vlan,
        vms=[nic.vm.id for nic in network.nics],
    )


def volume_facts(volume: model.Volume) -> Json:
    return owned(
        volume,
        name=volume.name,
        type=volume.kind,
        state=volume.state,
        size=volume.size,
        offering=volume.offering.name if volume.offering else None,
        vm=volume.vm.id if volume.vm else None,
        device=volume.device,
    )


def address_facts(address: model.Address) -> Json:
    return owned(
        address,
        address=address.address,
        network=address.network.id,
        sourcenat=address.source_nat,
        vm=address.nic.vm.id if address.nic else None,
    )


def rule_facts(rule: model.FirewallRule) -> Json:
    return owned(
        rule,
        address=rule.address.address if rule.address else None,
        network=rule.network.id,
        protocol=rule.protocol,
        ports=[rule.first, rule.last],
        cidrs=rule.cidrs,
        egress=rule.egress,
    )
