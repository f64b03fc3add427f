"""How networks and public addresses look from outside."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.nat import has_rules
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.view_vm import ownership, show_nic, tags_on
from vnfm.sandbox.cloudstack.world import World


def show_network(world: World, network: model.Network, *, root: bool) -> Json:
    offering = network.offering
    shown: Json = {"id": network.id, "name": network.name, "displaytext": network.displaytext}
    shown |= {"broadcastdomaintype": "Vlan", "traffictype": "Guest"}
    if network.cidr is not None:
        shown |= {"gateway": network.gateway, "netmask": network.netmask, "cidr": network.cidr}
        shown["networkdomain"] = domain_of(world, network)
    shown |= {"zoneid": network.zone.id, "zonename": network.zone.name}
    shown |= {"networkofferingid": offering.id, "networkofferingname": offering.name}
    shown |= {"networkofferingdisplaytext": offering.displaytext, "networkofferingconservemode": True}
    shown |= {"networkofferingavailability": offering.availability, "issystem": False, "state": network.state}
    shown |= {"related": network.id, "dns1": network.zone.facts["dns1"], "type": network.type}
    shown |= owner_part(network)
    shown |= {"service": offering.network_services, "physicalnetworkid": network.zone.physical}
    shown |= {"restartrequired": False, "specifyvlan": offering.specifyvlan}
    shown |= {"specifyipranges": offering.specifyipranges, "canusefordeploy": True, "ispersistent": False}
    shown |= {"tags": network_tags(world, network), "strechedl2subnet": False}
    shown |= {"redundantrouter": False, "supportsvmautoscaling": offering.serves("Lb")}
    shown |= {"created": stamp(network.created), "receivedbytes": 0, "sentbytes": 0}
    if network.type == "Isolated":
        shown["egressdefaultpolicy"] = False
    shown |= {"publicmtu": 1500, "privatemtu": 1500, "hasannotations": False}
    return shown | root_part(network, root)


def network_tags(world: World, network: model.Network) -> list[Json]:
    """Inside a network a tag is its key and value, no more."""
    return [{"key": tag.key, "value": tag.value} for tag in world.tags_of(network)]


def owner_part(network: model.Network) -> Json:
    shown: Json = {"acltype": "Account", **ownership(network.owner)}
    if network.shared:
        shown.pop("account", None)
        shown |= {"acltype": "Domain", "subdomainaccess": True}
    return shown


def root_part(network: model.Network, root: bool) -> Json:
    """Only root sees VLANs, and may see the details (which are empty)."""
    if not root:
        return {}
    shown: Json = {"details": {}, "displaynetwork": True}
    if network.vlan is not None:
        shown |= {"vlan": str(network.vlan), "broadcasturi": f"vlan://{network.vlan}"}
    return shown


def domain_of(world: World, network: model.Network) -> str:
    suffix = world.settings.text("guest.domain.suffix")
    number = 1 if network.shared else network.owner.serial
    return f"cs{number:x}{suffix}"


def show_bare_nic(world: World, nic: model.Nic) -> Json:
    """A NIC as listNics shows it: with its VM, without empty secondary addresses."""
    shown = show_nic(world, nic)
    if not nic.secondaries:
        del shown["secondaryip"]
    return shown | {"virtualmachineid": nic.vm.id}


def show_address(world: World, address: model.Address) -> Json:
    shown: Json = {"id": address.id, "ipaddress": address.address, "allocated": stamp(address.created)}
    shown |= {"zoneid": address.zone.id, "zonename": address.zone.name, "issourcenat": address.source_nat}
    shown |= ownership(address.owner)
    shown |= {"forvirtualnetwork": True, "isstaticnat": address.nic is not None, "issystem": False}
    if address.nic is not None:
        vm = address.nic.vm
        shown |= {"virtualmachineid": vm.id, "virtualmachinetype": "User", "vmipaddress": address.nic.address}
        shown |= {"virtualmachinename": vm.name, "virtualmachinedisplayname": vm.displayname}
    shown |= {"associatednetworkid": address.network.id, "associatednetworkname": address.network.name}
    shown |= {"networkid": address.zone.public_network, "state": address.state}
    shown |= {"physicalnetworkid": address.zone.physical}
    shown |= {"tags": tags_on(world, address), "isportable": False}
    return shown | {
        "hasrules": has_rules(world, address),
        "forsystemvms": False,
        "forprovider": False,
        "hasannotations": False,
    }
