"""Making a virtual machine: what is checked, what is written when, and what a refusal leaves behind."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from vnfm.sandbox.cloudstack import lifecycle, model
from vnfm.sandbox.cloudstack.access import may_touch, owner_for
from vnfm.sandbox.cloudstack.jobs import Submission
from vnfm.sandbox.cloudstack.limits import GIB, need_room
from vnfm.sandbox.cloudstack.names import need_free
from vnfm.sandbox.cloudstack.nics import Wish, check_wish, give_nics
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken, denied, invalid, malformed
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.security import groups_for
from vnfm.sandbox.cloudstack.sizes import Size, size_of
from vnfm.sandbox.cloudstack.traffic import SecurityGroup
from vnfm.sandbox.cloudstack.view_vm import show_vm

LOWER_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass
class Order:
    """A deploy that has passed every check and is not yet a row."""

    owner: model.Account
    name: str
    zone: model.Zone
    template: model.Template
    offering: model.ServiceOffering
    size: Size
    wishes: list[Wish]
    groups: list[model.AffinityGroup]
    keypairs: list[model.KeyPair]
    security: list[SecurityGroup]
    root_gib: int
    disk: tuple[model.DiskOffering, int] | None
    details: dict[str, str] = field(default_factory=dict)
    userdata: str | None = None
    registered: model.UserData | None = None

    @property
    def networks(self) -> list[model.Network]:
        return [wish.network for wish in self.wishes]


async def deploy(call: Call) -> Submission:
    """Check, write the row, hand over the start. Between check and write other calls may come in."""
    world = call.world
    check_custom_id(call)
    order = read_order(call)
    await world.clock.sleep(world.chance.random() * world.settings.number("sandbox.jitter.seconds"))
    need_free(world, order.name, order.networks)
    need_room(world, order.owner, wanted(order))
    await world.clock.sleep(world.settings.number("sandbox.race.seconds"))
    vm = write(call, order)
    return start_job(call, vm)


def check_custom_id(call: Call) -> None:
    """A true idempotency key: checked and used up in one step, for ever."""
    wanted_id = call.text("customid")
    if not wanted_id:
        return
    if not call.root:
        raise denied("Please check your permissions, you are not allowed to create/update custom id")
    if not LOWER_UUID.match(wanted_id):
        raise invalid(f"UUID: {wanted_id} is not a valid uuid")
    found = call.world.vms.find(wanted_id)
    if wanted_id in call.world.custom_ids or found is not None:
        if found is not None and found.removed:
            raise broken("Entity already exists: ", 0)
        raise invalid(f"UUID: {wanted_id} already exists so can't create/update with custom id")


def read_order(call: Call) -> Order:
    world = call.world
    zone = call.need("zoneid", world.zones)
    offering = call.need("serviceofferingid", world.serviceofferings)
    owner = owner_for(call)
    template = template_of(call)
    wishes = wishes_of(call, owner, zone, template)
    for wish in wishes:
        check_wish(world, wish)
    registered = call.row("userdataid", world.userdata)
    return Order(
        owner=owner,
        name=call.text("name") or f"VM-{uuid.uuid4()}",
        zone=zone,
        template=template,
        offering=offering,
        size=size_of(offering, call.pairs("details")),
        wishes=wishes,
        groups=groups_of(call, owner),
        keypairs=keypairs_of(call, owner),
        security=groups_for(call, owner, zone, [wish.network for wish in wishes]),
        root_gib=int(call.pairs("details").get("rootdisksize") or call.number("rootdisksize") or 0),
        disk=disk_of(call),
        details=dict(call.pairs("details")),
        userdata=registered.data if registered else read_userdata(call),
        registered=registered,
    )


def template_of(call: Call) -> model.Template:
    template = call.row("templateid", call.world.templates)
    if template is None:
        raise broken("Template id, volume id or snapshot id must be given", 0)
    if not template.public and not may_touch(call, template.owner):
        raise denied(
            f"Account {call.account.name} does not have permission to launch template {template.name}"
        )
    for entry in call.entries("datadiskofferinglist"):
        key = entry.get("datadisktemplateid", "")
        if call.world.templates.get(key) is None:
            raise invalid(f"Unable to translate and find entity with datadisktemplateid {key}")
    return template


def wishes_of(call: Call, owner: model.Account, zone: model.Zone, template: model.Template) -> list[Wish]:
    """The NICs asked for: `networkids`, or `iptonetworklist`, or the one network there is to choose."""
    ids, listed = call.words("networkids"), call.entries("iptonetworklist")
    if listed and (ids or call.text("ipaddress")):
        raise invalid("ipToNetworkMap can't be specified along with networkIds or ipAddress")
    if listed:
        # a map by network on the real server: a second entry of one network replaces the first
        by_network = {entry.get("networkid", ""): entry for entry in listed}
        wishes = [
            Wish(network_of(call, owner, key), entry.get("ip"), entry.get("mac"))
            for key, entry in by_network.items()
        ]
    else:
        wishes = [Wish(network_of(call, owner, key)) for key in ids]
        if wishes and (call.text("ipaddress") or call.text("macaddress")):
            wishes[0] = Wish(wishes[0].network, call.text("ipaddress"), call.text("macaddress"))
    if template.kind == "VNF":
        check_vnf_nics(template, len(wishes))
    for wish in wishes:
        if wish.network.zone is not zone:
            raise invalid(f"Network id={wish.network.id} doesn't belong to zone {zone.id}")
    return wishes or [Wish(only_network(call, owner, zone))]


def network_of(call: Call, owner: model.Account, key: str) -> model.Network:
    network = call.world.networks.get(key)
    if network is None:
        raise invalid(f"Unable to find network by id {key}")
    if network.owner is owner or network.shared or may_touch(call, network.owner):
        return network
    raise denied(f"Unable to use network with id= {network.id}, permission denied")


def check_vnf_nics(template: model.Template, count: int) -> None:
    if template.vnfnics and not count:
        raise invalid("VNF nics list is empty")
    for nic in template.vnfnics:
        device = nic["deviceid"]
        if nic["required"] and isinstance(device, int) and device >= count:
            raise invalid(
                f'VNF nic is required but not found: Template {{"deviceId":{device},"required":true,'
                f'"templateId":{template.serial}}}'
            )


def only_network(call: Call, owner: model.Account, zone: model.Zone) -> model.Network:
    mine = [n for n in call.world.networks if n.owner is owner and n.zone is zone and n.type == "Isolated"]
    if len(mine) > 1:
        raise invalid(
            "More than 1 default Isolated networks are found for account Account"
            f' [{{"accountName":"{owner.name}","id":{owner.serial},"uuid":"{owner.id}"}}];'
            " please specify networkIds"
        )
    if not mine:
        raise invalid("No network given, and none to choose from")
    return mine[0]


def groups_of(call: Call, owner: model.Account) -> list[model.AffinityGroup]:
    ids, names = call.words("affinitygroupids"), call.words("affinitygroupnames")
    if ids and names:
        raise invalid("affinitygroupids parameter is mutually exclusive with affinitygroupnames parameter")
    by_id = [group for key in ids if (group := call.world.groups.get(key))]
    by_name = {group.name: group for group in call.world.groups if group.owner is owner}
    for name in names:
        if name not in by_name:
            raise invalid(f"Unable to find group by name {name}")
    return by_id or [by_name[name] for name in names]


def keypairs_of(call: Call, owner: model.Account) -> list[model.KeyPair]:
    names = call.words("keypairs") or call.words("keypair")
    mine = {pair.name: pair for pair in call.world.keypairs if pair.owner is owner}
    if any(name not in mine for name in names):
        raise invalid("Not all specified keypairs exist")
    return [mine[name] for name in names]


def disk_of(call: Call) -> tuple[model.DiskOffering, int] | None:
    offering = call.row("diskofferingid", call.world.diskofferings)
    if offering is None:
        return None
    return offering, disk_gib(offering, call.number("size"))


def disk_gib(offering: model.DiskOffering, size: int | None) -> int:
    if not offering.customized:
        return offering.disksize
    if not size:
        raise invalid("This disk offering requires a custom size specified")
    return size


def read_userdata(call: Call) -> str | None:
    """Base64, at most so long; a percent sign makes the server decode it as a form value first."""
    text = call.text("userdata")
    if not text:
        return None
    if "%" in text:
        if BROKEN_ESCAPE.search(text):
            raise malformed("URLDecoder: Illegal hex characters in escape (%) pattern")
        text = unquote_plus(text)
    longest = int(call.world.settings.number("vm.userdata.max.length"))
    if len(text) > longest:
        raise invalid(f"User data has exceeded configurable max length: {longest}")
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise invalid("User data needs to be base64 encoded") from exc
    return text


def wanted(order: Order) -> dict[int, int]:
    gib = order.root_gib or order.template.size // GIB
    volumes = 1
    if order.disk is not None:
        volumes, gib = 2, gib + order.disk[1]
    return {0: 1, 8: order.size.cpunumber, 9: order.size.memory, 2: volumes, 10: gib}


def write(call: Call, order: Order) -> model.VM:
    """The rows: VM, NICs, volumes. A fixed address that cannot be had leaves the VM in Error."""
    world = call.world
    custom = call.text("customid")
    if custom:
        check_custom_id(call)
        world.custom_ids.add(custom)
    vm = model.VM(
        **vars(world.birth(world.vms, custom)),
        owner=order.owner,
        name=order.name,
        displayname=call.text("displayname") or order.name,
        user=call.user,
        zone=order.zone,
        template=order.template,
        offering=order.offering,
        state="Stopped",
        cpunumber=order.size.cpunumber,
        cpuspeed=order.size.cpuspeed,
        memory=order.size.memory,
        details={lifecycle.DEPLOY: "true", **visible(order)},
        hidden={"rootdisksize": str(order.root_gib)} if order.root_gib else {},
        scalable=order.template.scalable and world.settings.flag("enable.dynamic.scale.vm"),
        groups=list(order.groups),
        userdata=order.userdata,
        registered=order.registered,
        userdata_details=call.pairs("userdatadetails"),
        disk=order.disk[0] if order.disk else None,
        group=call.text("group"),
    )
    if order.keypairs:
        vm.keypairs = ",".join(pair.name for pair in order.keypairs)
        vm.details |= {"SSH.PublicKey": order.keypairs[0].public, "SSH.KeyPairNames": vm.keypairs}
    world.vms.add(vm)
    for group in order.groups:
        group.vms.append(vm)
    for security in order.security:
        security.members.append(vm)
    try:
        give_nics(world, vm, order.wishes)
    except Refusal:
        vm.state, vm.updated = "Error", world.clock.now()
        raise
    write_volumes(call, vm, order)
    return vm


def visible(order: Order) -> dict[str, str]:
    return {key: value for key, value in order.details.items() if key != "rootdisksize"}


def write_volumes(call: Call, vm: model.VM, order: Order) -> None:
    world = call.world
    root = order.root_gib * GIB or order.template.size
    plan: list[tuple[str, str, int, model.DiskOffering | None]] = [("ROOT", f"ROOT-{vm.serial}", root, None)]
    if order.disk is not None:
        plan.append(("DATADISK", f"DATA-{vm.serial}", order.disk[1] * GIB, order.disk[0]))
    for device, (kind, name, size, offering) in enumerate(plan):
        volume = model.Volume(
            **vars(world.birth(world.volumes)),
            owner=vm.owner,
            name=name,
            zone=vm.zone,
            kind=kind,
            size=size,
            state="Allocated",
            vm=vm,
            device=device,
            offering=offering,
        )
        world.volumes.add(volume)
        world.record(call.user, "VOLUME.CREATE", "Created", volume, "Volume", name, vm.owner)
    vm.rooted = True


def start_job(call: Call, vm: model.VM) -> Submission:
    """The asynchronous half of a deploy."""
    world = call.world
    start = call.flag("startvm", True)

    def begin() -> None:
        if not start:
            return
        try:
            lifecycle.begin_start(world, vm)
        except Refusal:
            lifecycle.fail_creation(world, vm)
            raise

    def finish() -> Json:
        if start:
            lifecycle.end_start(world, vm, lifecycle.fail_creation)
        return {"virtualmachine": show_vm(world, vm, root=call.root, job=world.pending.get(vm))}

    return Submission(
        begin=begin,
        finish=finish,
        repair=lambda: lifecycle.repair_start(vm),
        undo=lambda: lifecycle.fail_on_hosts(world, vm),
        kind="VirtualMachine",
        row=vm,
        lane=vm,
        created=vm.id,
    )
