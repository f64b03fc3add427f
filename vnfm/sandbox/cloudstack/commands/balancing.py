"""Load balancer rules and their members."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model, nat
from vnfm.sandbox.cloudstack.access import touch
from vnfm.sandbox.cloudstack.commands.forwarding import address_of, nic_in, ports_of
from vnfm.sandbox.cloudstack.jobs import Handlers, Submission
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.traffic import Balancer
from vnfm.sandbox.cloudstack.view_traffic import show_balancer
from vnfm.sandbox.cloudstack.view_vm import show_vm

ALGORITHMS = ("roundrobin", "leastconn", "source")


async def create(call: Call) -> Submission:
    """The job calls it `loadbalancer` and its state Add; it is Active when it has had a member."""
    address, world = address_of(call, "publicipid"), call.world
    algorithm, public = call.given("algorithm"), ports_of(call, "publicport", "publicport")
    if algorithm not in ALGORITHMS:
        raise invalid(f"Algorithm {algorithm} is not supported")
    protocol = (call.text("protocol") or "tcp").lower()
    nat.need_free_ports(world, address, protocol, public)
    rule = Balancer(
        **vars(world.birth(world.balancers)),
        owner=address.owner,
        address=address,
        protocol=protocol,
        public=public,
        cidrs=nat.check_cidrs(call.text("cidrlist")) or "",
        name=call.given("name"),
        description=call.text("description"),
        private=ports_of(call, "privateport", "privateport").first,
        algorithm=algorithm,
    )
    world.balancers.add(rule)
    if call.flag("openfirewall", True):
        nat.open_for(world, rule)
    return Submission(
        finish=lambda: {"loadbalancer": show_balancer(world, rule)},
        kind="FirewallRule",
        row=rule,
        created=rule.id,
    )


def target(call: Call) -> Balancer:
    rule = call.need("id", call.world.balancers)
    touch(call, rule.owner)
    return rule


def members(call: Call, rule: Balancer) -> list[model.Nic]:
    """The NICs of the VMs named, in the rule's network."""
    keys = call.words("virtualmachineids")
    keys += [entry["vmid"] for entry in call.entries("vmidipmap") if "vmid" in entry]
    vms = [vm for key in keys if (vm := call.world.vms.get(key))]
    for vm in vms:
        touch(call, vm.owner)
    return [nic_in(vm, rule.address.network) for vm in vms]


async def assign(call: Call) -> Submission:
    rule = target(call)

    def begin() -> None:
        for nic in members(call, rule):
            if nic in rule.nics:
                raise invalid(f"VM {nic.vm.id} is already mapped to load balancer.")

    def finish() -> Json:
        rule.nics += members(call, rule)
        rule.state = "Active"
        return {"success": True}

    return Submission(begin=begin, finish=finish, lane=rule)


async def take_out(call: Call) -> Submission:
    rule = target(call)

    def finish() -> Json:
        gone = members(call, rule)
        rule.nics = [nic for nic in rule.nics if nic not in gone]
        return {"success": True}

    return Submission(finish=finish, lane=rule)


async def list_rules(call: Call) -> Json:
    vm = call.text("virtualmachineid")
    rows = [
        row
        for row in owned(call, call.world.balancers)
        if same(call.text("name"), row.name)
        and same(call.text("publicipid"), row.address.id)
        and same(call.text("networkid"), row.address.network.id)
        and (vm is None or any(nic.vm.id == vm for nic in row.nics))
        and holds(call.text("keyword"), row.name)
    ]
    return page(call, rows, lambda row: show_balancer(call.world, row))


async def list_members(call: Call) -> Json:
    """With `lbvmips` each member comes with its address, under another key."""
    rule, world = target(call), call.world

    def machine(nic: model.Nic) -> Json:
        return show_vm(world, nic.vm, root=call.root)

    nics = rule.nics if call.flag("applied", True) else []
    if not call.flag("lbvmips"):
        answer = page(call, nics, machine)
        rows = answer.pop(call.command.object, None)
        return answer | ({} if rows is None else {"loadbalancerruleinstance": rows})
    return page(
        call, nics, lambda nic: {"loadbalancerruleinstance": machine(nic), "lbvmipaddresses": [nic.address]}
    )


async def delete(call: Call) -> Submission:
    rule = target(call)

    def finish() -> Json:
        nat.remove_entrance(call.world, rule)
        return {"success": True}

    return Submission(finish=finish)


HANDLERS: Handlers = {
    "createLoadBalancerRule": create,
    "assignToLoadBalancerRule": assign,
    "removeFromLoadBalancerRule": take_out,
    "listLoadBalancerRules": list_rules,
    "listLoadBalancerRuleInstances": list_members,
    "deleteLoadBalancerRule": delete,
}
