"""What VMs use: metrics of now, and their history."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.commands.machine_lists import chosen, seen
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import owned, page
from vnfm.sandbox.cloudstack.refusal import Json
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import MEASURED, show_vm


async def list_metrics(call: Call) -> Json:
    """The list of VMs with totals as texts with units, and without the domain's path."""
    return page(call, chosen(call, list(call.world.vms)), lambda vm: show_metrics(call, vm))


def show_metrics(call: Call, vm: model.VM) -> Json:
    shown = show_vm(call.world, vm, root=call.root, job=call.world.pending.get(vm))
    shown.pop("domainpath", None)
    shown["cputotal"] = f"{vm.cpunumber * vm.cpuspeed / 1000:.1f} Ghz"
    shown["memorytotal"] = f"{vm.memory / 1024:.2f} GiB"
    if vm.measured:
        for name in ("networkkbsread", "networkkbswrite", "diskkbsread", "diskkbswrite"):
            shown[name.replace("kbs", "")] = mebibytes(MEASURED[name])
        shown["diskiopstotal"] = 0
    return shown


def mebibytes(kib: object) -> str:
    return f"{kib / 1024 if isinstance(kib, int) else 0:.2f} MiB"


async def list_history(call: Call) -> Json:
    """The name is the internal one. Nothing is kept here: the statistics are empty."""
    rows = [vm for vm in owned(call, call.world.vms) if seen(call, vm)]
    return page(call, rows, lambda vm: {"id": vm.id, "name": vm.instance, "stats": []})


HANDLERS: Handlers = {
    "listVirtualMachinesMetrics": list_metrics,
    "listVirtualMachinesUsageHistory": list_history,
}
