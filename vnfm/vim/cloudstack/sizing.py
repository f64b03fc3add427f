"""Gives servers another service offering, and tells whether that can be done while they run.

CloudStack's rule for a running server: one of CPU, speed and memory grows and none shrinks, and template,
offerings, zone and hypervisor all admit it. What a caller cannot see is left to CloudStack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vnfm.vim.cloudstack import compute, jobs, server
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import ComputeChoice, Finished, Outcome

#: Hypervisors that can change the size of a running server.
LIVE = frozenset({"XenServer", "VMware", "KVM", "Simulator"})
#: What a server shows, and the detail that a custom offering is told for it.
DIMENSIONS = (("cpunumber", "cpuNumber"), ("cpuspeed", "cpuSpeed"), ("memory", "memory"))


def resize(site: Site, server_id: str, choice: ComputeChoice) -> Outcome:
    """Change the offering, or ``Finished`` at once: CloudStack calls a change to the same an error."""
    row = server.look(site, server_id)
    if row is not None and _has(row, choice):
        return Finished(server_id)
    params: dict[str, Value] = {
        "id": server_id,
        "serviceofferingid": choice.flavour_id,
        **{f"details[0].{key}": value for key, value in choice.details.items()},
    }
    return jobs.submit(site.client, "scaleVirtualMachine", params, server_id)


def obstacle(site: Site, server_id: str, choice: ComputeChoice) -> str | None:
    """Why not while it runs; None if nothing is seen to be in the way."""
    row = server.look(site, server_id)
    if row is None:
        return f"the server {server_id} cannot be seen"
    if row.get("state") != "Running":
        return f"the server is {row.get('state')}, not Running"
    if _has(row, choice):
        return None
    reasons = (check(site, row, choice) for check in _CHECKS)
    return next((reason for reason in reasons if reason), None)


def _has(row: Row, choice: ComputeChoice) -> bool:
    """The server has this offering in this size. What it does not show is taken for different."""
    same = [
        str(row.get(shown)) == choice.details[told] for shown, told in DIMENSIONS if told in choice.details
    ]
    return row.get("serviceofferingid") == choice.flavour_id and all(same)


def _undeclared(site: Site, row: Row, choice: ComputeChoice) -> str | None:
    if row.get("isdynamicallyscalable") is False:
        return (
            "the server was not deployed as dynamically scalable: its template, its service offering or the "
            "zone did not admit it then"
        )
    if site.rights().live_scaling is False:
        return "live scaling is switched off in CloudStack (enable.dynamic.scale.vm)"
    return None


def _hypervisor(site: Site, row: Row, choice: ComputeChoice) -> str | None:
    kind = row.get("hypervisor")
    if kind is not None and kind not in LIVE:
        return f"the hypervisor {kind} does not resize running servers"
    has = _offering(site, row.get("serviceofferingid"))
    if kind == "KVM" and has is not None and has.get("iscustomized") is not True:
        return f"on KVM only servers of a custom offering grow while they run; '{has.get('name')}' is fixed"
    return None


def _flags(site: Site, row: Row, choice: ComputeChoice) -> str | None:
    has, wanted = _offering(site, row.get("serviceofferingid")), _offering(site, choice.flavour_id)
    if has is None or wanted is None:
        return None
    if has.get("dynamicscalingenabled") != wanted.get("dynamicscalingenabled"):
        return (
            f"the service offerings '{has.get('name')}' and '{wanted.get('name')}' do not agree on dynamic "
            "scaling"
        )
    return None


def _direction(site: Site, row: Row, choice: ComputeChoice) -> str | None:
    wanted = _offering(site, choice.flavour_id)
    if wanted is None:
        return f"the service offering '{choice.flavour_name}' cannot be seen, so the sizes cannot be compared"
    larger = False
    for shown, told in DIMENSIONS:
        has, will = number(row.get(shown), 0), number(choice.details.get(told, wanted.get(shown)), 0)
        if will < has:
            return f"a running server only grows, but its {shown} would go from {has} to {will}"
        larger = larger or will > has
    return None if larger else "the other service offering is of the same size; a running server only grows"


def _offering(site: Site, offering_id: object) -> Row | None:
    return next((row for row in compute.offerings(site) if row.get("id") == offering_id), None)


_CHECKS: Sequence[Callable[[Site, Row, ComputeChoice], str | None]] = (
    _undeclared,
    _hypervisor,
    _flags,
    _direction,
)
