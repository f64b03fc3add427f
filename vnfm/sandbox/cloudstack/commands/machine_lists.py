"""Lists of virtual machines and their NICs."""

from __future__ import annotations

from collections.abc import Callable

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_network import show_bare_nic
from vnfm.sandbox.cloudstack.view_vm import show_vm

DETAILS = frozenset(
    "all group nics stats secgrp tmpl servoff diskoff backoff iso volume min affgrp vnfnics".split()
)
UNSEEN = ("Destroyed", "Expunging")

Filter = Callable[[Call, model.VM, str], bool]

FILTERS: dict[str, Filter] = {
    "name": lambda call, vm, value: vm.name.lower() == value.lower(),  # exact, whatever the description says
    "keyword": lambda call, vm, value: matches_keyword(vm, value),
    "state": lambda call, vm, value: vm.state not in UNSEEN if value == "Present" else vm.state == value,
    "zoneid": lambda call, vm, value: vm.zone.id == value,
    "templateid": lambda call, vm, value: vm.template.id == value,
    "serviceofferingid": lambda call, vm, value: vm.offering.id == value,
    "hostid": lambda call, vm, value: vm.host is not None and vm.host.id == value,
    "userid": lambda call, vm, value: vm.user.id == value,
    "networkid": lambda call, vm, value: any(nic.network.id == value for nic in vm.nics),
    "affinitygroupid": lambda call, vm, value: any(group.id == value for group in vm.groups),
    "keypair": lambda call, vm, value: value in (vm.keypairs or "").split(","),
    "isvnf": lambda call, vm, value: (vm.template.kind == "VNF") == (value.lower() == "true"),
}


def matches_keyword(vm: model.VM, value: str) -> bool:
    addresses = [nic.address for nic in vm.nics]
    return vm.state.lower() == value.lower() or holds(value, vm.name, vm.displayname, *addresses)


async def list_machines(call: Call) -> Json:
    return listed(call, list(call.world.vms))


async def list_appliances(call: Call) -> Json:
    """An appliance is a VM whose template is of type VNF; there is no other object behind it."""
    return listed(call, [vm for vm in call.world.vms if vm.template.kind == "VNF"])


def listed(call: Call, vms: list[model.VM]) -> Json:
    details = call.words("details") or ["all"]
    for word in details:
        if word not in DETAILS:
            raise invalid(f"The details parameter contains a non permitted value: {word}")
    pending = call.world.pending
    return page(
        call,
        chosen(call, vms),
        lambda vm: show_vm(call.world, vm, root=call.root, details=details, job=pending.get(vm)),
    )


def chosen(call: Call, vms: list[model.VM]) -> list[model.VM]:
    """Those the caller sees and the filters let through."""
    if call.text("id") and call.text("ids"):
        raise invalid("Specify either id or ids but not both parameters")
    tests = [(test, value) for name, test in FILTERS.items() if (value := call.text(name))]
    found = [vm for vm in vms if all(test(call, vm, value) for test, value in tests)]
    return [vm for vm in owned(call, found) if seen(call, vm)]


def seen(call: Call, vm: model.VM) -> bool:
    """Plain users do not see what is destroyed, though it still holds its name."""
    if call.account.kind != "user" or call.world.settings.flag("allow.user.view.destroyed.vm"):
        return True
    return vm.state not in UNSEEN


async def list_nics(call: Call) -> Json:
    vm = call.need("virtualmachineid", call.world.vms)
    touch(call, vm.owner)
    nics = sorted(vm.nics, key=lambda nic: nic.device)
    wanted, network = call.text("nicid"), call.text("networkid")
    rows = [nic for nic in nics if same(wanted, nic.id) and same(network, nic.network.id)]
    return page(call, rows, lambda nic: show_bare_nic(call.world, nic))


HANDLERS: Handlers = {
    "listVirtualMachines": list_machines,
    "listVnfAppliances": list_appliances,
    "listNics": list_nics,
}
