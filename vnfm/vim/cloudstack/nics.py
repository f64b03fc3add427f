"""NICs of servers that exist already. They are known by id or MAC: device ids change with the default NIC,
and a removed one leaves a gap that the next one fills.
"""

from __future__ import annotations

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import errors, jobs, server
from vnfm.vim.cloudstack.client import Row, Value
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Failed, Finished, NicSpec, Outcome


def attach(site: Site, server_id: str, nic: NicSpec) -> Outcome:
    """Plug, or ``Finished`` at once if a NIC with the wanted MAC is there."""
    if nic.mac_address and _find(site, server_id, "macaddress", nic.mac_address) is not None:
        return Finished(server_id)
    params: dict[str, Value] = {
        "virtualmachineid": server_id,
        "networkid": nic.network_id,
        "ipaddress": nic.address,
        "macaddress": nic.mac_address,
    }
    return jobs.submit(site.client, "addNicToVirtualMachine", params, server_id)


def detach(site: Site, server_id: str, nic_id: str) -> Outcome:
    """Unplug, or ``Finished`` at once; a NIC that CloudStack does not know any more is gone, too."""
    row = server.look(site, server_id)
    nic = None if row is None else _pick(row, "id", nic_id)
    if row is not None and nic is None:
        return Finished(server_id)
    if nic is not None and nic.get("isdefault") is True:
        raise Permanent(
            f"The NIC {nic_id} in '{nic.get('networkname')}' is the default one of the server {server_id}, "
            "which cannot be removed: make another one the default first",
            vimCommand="removeNicFromVirtualMachine",
        )
    try:
        return _submit(site, "removeNicFromVirtualMachine", server_id, nic_id)
    except errors.Refused as exc:
        if not exc.gone:
            raise
        return Finished(server_id)


def make_default(site: Site, server_id: str, nic_id: str) -> Outcome:
    """Swap, or ``Finished`` at once: CloudStack calls a second swap an error."""
    nic = _find(site, server_id, "id", nic_id)
    if nic is not None and nic.get("isdefault") is True:
        return Finished(server_id)
    return _submit(site, "updateDefaultNicForVirtualMachine", server_id, nic_id)


def change_address(site: Site, nic_id: str, address: str) -> Outcome:
    """Another address of the same network. No look first: NICs are listed by server only."""
    return jobs.submit(site.client, "updateVmNicIp", {"nicid": nic_id, "ipaddress": address}, nic_id)


def reserve_address(site: Site, nic_id: str, address: str | None) -> Outcome:
    """A secondary address. One that is taken is refused with a hidden text, so it is named here."""
    params: dict[str, Value] = {"nicid": nic_id, "ipaddress": address}
    try:
        return jobs.submit(site.client, "addIpToNic", params)
    except errors.Refused as exc:
        if exc.code != errors.INTERNAL:
            raise
        wanted = f"the address {address} is taken, or not of its network" if address else "no address is left"
        return Failed(exc.code, exc.text, "addIpToNic", explanation=f"NIC {nic_id}: {wanted}")


def _submit(site: Site, command: str, server_id: str, nic_id: str) -> Outcome:
    return jobs.submit(site.client, command, {"virtualmachineid": server_id, "nicid": nic_id}, server_id)


def _find(site: Site, server_id: str, key: str, value: str) -> Row | None:
    row = server.look(site, server_id)
    return None if row is None else _pick(row, key, value)


def _pick(row: Row, key: str, value: str) -> Row | None:
    for nic in row.get("nic") or ():
        if str(nic.get(key, "")).casefold() == value.casefold():
            found: Row = nic
            return found
    return None
