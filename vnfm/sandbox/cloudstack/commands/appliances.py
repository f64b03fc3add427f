"""deployVnfAppliance: an ordinary deploy that also opens a way to the management NIC."""

from __future__ import annotations

import ipaddress

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.deploy import deploy
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.nat import open_ports, start_static
from vnfm.sandbox.cloudstack.nics import need_source_nat, take_address
from vnfm.sandbox.cloudstack.refusal import invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import Ports
from vnfm.sandbox.cloudstack.vnf import ports_of


async def deploy_appliance(call: Call) -> Submission:
    """The address is taken at submit, whatever `vnfconfiguremanagement` says, and outlives the VM."""
    template = call.row("templateid", call.world.templates)
    if template is None or template.kind != "VNF":
        raise invalid("Can't deploy VNF appliance from a non-VNF template")
    if not call.text("networkids") and "iptonetworklist" not in call.maps:
        raise invalid("VNF nics list is empty")
    cidrs = check_cidrs(call.text("vnfcidrlist") or "0.0.0.0/0")
    submission = await deploy(call)
    vm = submission.row
    if isinstance(vm, model.VM):
        managed = {nic["deviceid"] for nic in template.vnfnics if nic["management"]}
        for nic in vm.nics:
            if nic.device in managed and reachable(nic):
                open_way(call, nic, ports_of(template), cidrs)
    return submission


def check_cidrs(text: str) -> str:
    for cidr in text.split(","):
        try:
            ipaddress.IPv4Network(cidr.strip(), strict=False)
        except ValueError as exc:
            raise invalid(f"Invalid cidr for VNF appliance: {cidr}") from exc
    return text


def reachable(nic: model.Nic) -> bool:
    offering = nic.network.offering
    return nic.network.type == "Isolated" and offering.serves("StaticNat") and offering.serves("Firewall")


def open_way(call: Call, nic: model.Nic, ports: list[int], cidrs: str) -> None:
    world = call.world
    need_source_nat(world, nic.network)
    address = world.addresses.add(take_address(world, nic.network, source_nat=False))
    start_static(world, address, nic)
    for port in ports:
        open_ports(world, address, "tcp", Ports(port, port), cidrs)


HANDLERS: Handlers = {"deployVnfAppliance": deploy_appliance}
