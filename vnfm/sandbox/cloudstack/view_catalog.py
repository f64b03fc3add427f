"""How zones, offerings and templates look from outside."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.view_vm import ownership, tags_on
from vnfm.sandbox.cloudstack.world import World

PRIVATE_ZONE_FACTS = ("dns1", "internaldns1", "guestcidraddress")


def show_zone(zone: model.Zone, *, root: bool) -> Json:
    shown: Json = {"id": zone.id, "name": zone.name}
    if root:
        shown |= {key: zone.facts[key] for key in PRIVATE_ZONE_FACTS}
    shown |= {
        "networktype": "Advanced",
        "securitygroupsenabled": zone.facts["securitygroups"],
        "gputotal": zone.facts["gputotal"],
        "gpuused": 0,
    }
    shown |= {"allocationstate": "Enabled", "zonetoken": zone.facts["zonetoken"]}
    shown |= {"dhcpprovider": "VirtualRouter", "localstorageenabled": False, "tags": []}
    shown |= {"allowuserspecifyvrmtu": False, "routerprivateinterfacemaxmtu": 1500}
    shown |= {"routerpublicinterfacemaxmtu": 1500, "type": "Core", "isnsxenabled": False}
    return shown | {"ismultiarch": False, "asnrange": "", "routedmodeenabled": True, "hasannotations": False}


def show_service_offering(offering: model.ServiceOffering) -> Json:
    shown: Json = {"id": offering.id, "name": offering.name, "state": "Active"}
    shown["displaytext"] = offering.displaytext
    sizes = {"cpunumber": offering.cpunumber, "cpuspeed": offering.cpuspeed, "memory": offering.memory}
    shown |= {key: value for key, value in sizes.items() if value is not None}
    shown |= {"created": stamp(offering.created), "storagetype": "shared", "provisioningtype": "thin"}
    shown |= {"offerha": False, "limitcpuuse": False, "isvolatile": False, "issystem": False}
    details = {key: str(value) for key, value in offering.bounds.items()}
    if offering.domain is not None:
        shown |= {"domainid": offering.domain.id, "domain": offering.domain.name}
        details["domainid"] = str(offering.domain.serial)
    if details:
        shown["serviceofferingdetails"] = details
    if offering.storagetags:
        shown["storagetags"] = offering.storagetags
    shown |= {"defaultuse": False, "iscustomized": offering.customized, "rootdisksize": 0}
    shown |= {"dynamicscalingenabled": True, "diskofferingstrictness": False}
    shown |= {"diskofferingid": offering.disk_id, "diskofferingname": offering.name}
    shown |= {"diskofferingdisplaytext": offering.displaytext, "encryptroot": False}
    return shown | {"hasannotations": False}


def show_disk_offering(offering: model.DiskOffering) -> Json:
    shown: Json = {"id": offering.id, "name": offering.name, "state": "Active"}
    shown |= {"displaytext": offering.displaytext, "disksize": offering.disksize}
    shown |= {"created": stamp(offering.created), "iscustomized": offering.customized}
    shown |= {"storagetype": "shared", "provisioningtype": "thin", "displayoffering": True}
    if offering.tags:
        shown["tags"] = offering.tags
    return shown | {"disksizestrictness": False, "encrypt": False, "hasannotations": False}


def show_network_offering(offering: model.NetworkOffering, router: str) -> Json:
    shown: Json = {"id": offering.id, "name": offering.name, "displaytext": offering.displaytext}
    shown |= {"created": stamp(offering.created), "traffictype": "Guest", "isdefault": True}
    shown |= {"specifyvlan": offering.specifyvlan, "conservemode": True}
    shown |= {"specifyipranges": offering.specifyipranges, "availability": offering.availability}
    shown |= {"networkrate": 200, "state": "Enabled", "guestiptype": offering.guestiptype}
    shown |= {"serviceofferingid": router, "service": offering.services, "forvpc": offering.forvpc}
    shown |= {"fornsx": False, "fortungsten": offering.fortungsten, "ispersistent": False}
    shown |= {"egressdefaultpolicy": False, "supportsstrechedl2subnet": False}
    shown |= {"supportspublicaccess": False, "supportsinternallb": False, "internetprotocol": "IPv4"}
    return shown | {"specifyasnumber": False, "hasannotations": False}


def show_template(world: World, template: model.Template, *, root: bool) -> Json:
    shown = template_core(world, template)
    shown |= {"passwordenabled": False, "zoneid": template.zone.id, "zonename": template.zone.name}
    shown |= {"size": template.size, "physicalsize": template.size, "isextractable": False}
    shown |= {
        "details": {},
        "downloaddetails": stores_of(template, root),
        "arch": "x86_64",
        "sshkeyenabled": False,
    }
    shown |= {"directdownload": False, "deployasis": False, "forcks": False, "requireshvm": template.hvm}
    if template.checksum is not None:
        shown["checksum"] = template.checksum
    if root or template.owner.kind != "system":
        shown |= {"status": "Download Complete", "url": template.url}
    return shown | {"hasannotations": False}


def stores_of(template: model.Template, root: bool) -> list[Json]:
    """Where copies of the template lie; only root sees which stores these are."""
    if root:
        return template.stores
    hidden = ("datastoreId", "datastoreRole")
    return [{key: value for key, value in store.items() if key not in hidden} for store in template.stores]


def template_core(world: World, template: model.Template) -> Json:
    """What even the answer of an update shows."""
    shown: Json = {"id": template.id, "name": template.name, "displaytext": template.displaytext}
    shown |= {"ispublic": template.public, "created": stamp(template.created), "isready": True}
    shown |= {"format": template.format, "isfeatured": template.featured, "crossZones": template.crosszones}
    shown |= {"ostypeid": template.os.id, "ostypename": template.os.name}
    shown |= ownership(template.owner)
    shown |= {"templatetype": template.kind, "hypervisor": template.hypervisor, "bits": 0}
    shown |= {"isdynamicallyscalable": template.scalable}
    shown["tags"] = tags_on(world, template)
    if template.kind == "VNF":
        shown |= {"vnfnics": template.vnfnics, "vnfdetails": template.vnfdetails}
    return shown
