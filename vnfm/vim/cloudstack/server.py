"""Servers: deploy, start, stop, read, and look for what earlier tries left.

The mark of a server is its deterministic name, with the readable one as display name; for a root admin also
the id itself (``customid``), which makes CloudStack refuse a twin.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import adoption, jobs, network
from vnfm.vim.cloudstack.client import Row, Value, number
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Finished, Nic, NicAddress, NicSpec, Outcome, Server, ServerSpec, Survey

#: Default of the server's setting vm.userdata.max.length, counted after base64.
USER_DATA_LIMIT = 32768
#: What was not asked for comes as empty, not as missing: an empty ``nic`` proves nothing without "nics".
DETAILS = "min,nics,servoff,tmpl,affgrp"
GIB = 1024**3


def create(site: Site, spec: ServerSpec) -> Outcome:
    """Deploy. Everything that can be known to fail is refused here, before a body can be left behind."""
    place = site.place()
    compute = spec.compute
    if len(spec.nics) < compute.required_nics:
        raise Permanent(
            f"The VNF template '{compute.image_name}' demands {compute.required_nics} networks in its order, "
            f"but '{spec.display_name}' has {len(spec.nics)}"
        )
    params: dict[str, Value] = {
        "name": spec.name,
        "displayname": spec.display_name,
        "zoneid": place.zone_id,
        "serviceofferingid": compute.flavour_id,
        "templateid": compute.image_id,
        "rootdisksize": -(-spec.root_disk // GIB) if spec.root_disk else None,
        "affinitygroupids": list(spec.group_ids) or None,
        "securitygroupids": list(spec.security_group_ids) or None,
        "keypairs": spec.ssh_key_pair or site.settings.ssh_key_pair,
        "userdata": encode(spec.user_data, spec.display_name) if spec.user_data else None,
        "customid": spec.custom_id if site.rights().is_root_admin else None,
        "startvm": None if spec.start else False,
        **_networks(spec),
        **{f"details[0].{key}": value for key, value in compute.details.items()},
        **place.owner,
    }
    _check_first_network(site, spec, params)
    return jobs.submit(site.client, "deployVirtualMachine", params)


def encode(user_data: str, of: str) -> str:
    """User data in base64; encoded by us it holds no ``%``, which the server would decode once more."""
    text = base64.b64encode(user_data.encode()).decode()
    if len(text) > USER_DATA_LIMIT:
        raise Permanent(
            f"The user data of '{of}' takes {len(text)} bytes in base64; CloudStack admits {USER_DATA_LIMIT}"
        )
    return text


def set_user_data(site: Site, server_id: str, user_data: str) -> Outcome:
    """Synchronous, whatever state the server is in; names and details stay."""
    params: dict[str, Value] = {"id": server_id, "userdata": encode(user_data, server_id)}
    return jobs.submit(site.client, "updateVirtualMachine", params, server_id)


def start(site: Site, server_id: str) -> Outcome:
    """Start, or ``Finished`` at once if it runs: CloudStack calls a second start an error."""
    row = look(site, server_id)
    if row is not None and row.get("state") == "Running":
        return Finished(server_id)
    return jobs.submit(site.client, "startVirtualMachine", {"id": server_id}, server_id)


def stop(site: Site, server_id: str, force: bool) -> Outcome:
    """Stop; stopping a stopped server succeeds by itself."""
    params: dict[str, Value] = {"id": server_id, "forced": True if force else None}
    return jobs.submit(site.client, "stopVirtualMachine", params, server_id)


def reboot(site: Site, server_id: str) -> Outcome:
    """Reboot a running server."""
    return jobs.submit(site.client, "rebootVirtualMachine", {"id": server_id}, server_id)


def rebuild(site: Site, server_id: str, image_id: str | None, root_disk: int | None) -> Outcome:
    """A fresh root disk. The old one stays as a destroyed volume where this user may not expunge it."""
    params: dict[str, Value] = {
        "virtualmachineid": server_id,
        "templateid": image_id,
        "rootdisksize": -(-root_disk // GIB) if root_disk else None,
        "expunge": True if site.rights().may_expunge_volumes else None,
    }
    return jobs.submit(site.client, "restoreVirtualMachine", params, server_id)


def survey(site: Site, spec: ServerSpec, recorded_id: str | None) -> Survey:
    """Everything of this name, in every state and on any network, and whatever has one of our ids."""
    found: dict[str, Server] = {}
    rows = _named(site, spec.name)
    known = {recorded_id, spec.custom_id if site.rights().is_root_admin else None} - {None}
    have = {row.get("id") for row in rows}
    for server_id in sorted(str(item) for item in known if item not in have):
        row = look(site, server_id)
        rows += [row] if row is not None else []
    for row in rows:
        found[str(row["id"])] = server(row)
    return adoption.adopt(list(found.values()), recorded_id)


def find(site: Site, name: str) -> Sequence[str]:
    """Ids of servers of exactly this name, in every state."""
    return [str(row["id"]) for row in _named(site, name)]


def _named(site: Site, name: str) -> list[Row]:
    listed = site.client.rows("listVirtualMachines", "virtualmachine", **_query(site), name=name)
    return [row for row in listed if str(row.get("name", "")).casefold() == name.casefold()]


def read(site: Site, server_id: str) -> Server | None:
    """The server with its root volume."""
    row = look(site, server_id)
    if row is None:
        return None
    roots = site.client.rows(
        "listVolumes", "volume", virtualmachineid=server_id, type="ROOT", listall=True, **site.place().owner
    )
    return server(row, str(roots[0]["id"]) if roots else None)


def state(site: Site, server_id: str) -> str | None:
    """The server's state, or None if it cannot be seen, which proves nothing."""
    row = look(site, server_id)
    return None if row is None else str(row.get("state"))


def server(row: Row, root_volume_id: str | None = None) -> Server:
    """A server out of CloudStack's description of it."""
    marks = row.get("details") or {}
    nics = sorted(row.get("nic") or (), key=lambda nic: number(nic.get("deviceid"), 0))
    return Server(
        id=str(row["id"]),
        name=str(row.get("name", "")),
        state=str(row.get("state", "")),
        # CloudStack takes this mark away at the end of the first start that succeeds.
        in_service=str(marks.get("deployvm", "")).lower() != "true",
        nics=tuple(_nic(nic) for nic in nics),
        flavour_id=row.get("serviceofferingid"),
        image_id=row.get("templateid"),
        root_volume_id=root_volume_id,
        group_ids=tuple(str(group["id"]) for group in row.get("affinitygroup") or ()),
    )


def _nic(row: Row) -> Nic:
    return Nic(
        id=str(row["id"]),
        network_id=str(row.get("networkid", "")),
        network_name=str(row.get("networkname", "")),
        mac_address=row.get("macaddress"),
        address=row.get("ipaddress"),
        is_default=row.get("isdefault") is True,
        more=tuple(NicAddress(str(one["id"]), str(one["ipaddress"])) for one in row.get("secondaryip") or ()),
    )


def look(site: Site, server_id: str) -> Row | None:
    """CloudStack's description of the server, or None if it cannot be seen."""
    rows = site.listed("listVirtualMachines", "virtualmachine", details=DETAILS, id=server_id)
    return rows[0] if rows else None


def _query(site: Site) -> dict[str, Value]:
    """The widest view of our scope; without projectid a project's servers are not shown, even by id."""
    return {"listall": True, "details": DETAILS, **site.place().owner}


def _networks(spec: ServerSpec) -> dict[str, Value]:
    ids = [nic.network_id for nic in spec.nics]
    if not any(nic.address or nic.mac_address for nic in spec.nics):
        return {"networkids": ids or None}
    repeated = sorted({network_id for network_id in ids if ids.count(network_id) > 1})
    if repeated:
        raise Permanent(
            f"'{spec.display_name}' has a fixed address and two connection points in one network "
            f"({', '.join(repeated)}): CloudStack can do one or the other"
        )
    return dict(_list_entries(spec.nics))


def _list_entries(nics: Sequence[NicSpec]) -> Iterator[tuple[str, Value]]:
    for index, nic in enumerate(nics):
        yield f"iptonetworklist[{index}].networkid", nic.network_id
        yield f"iptonetworklist[{index}].ip", nic.address
        yield f"iptonetworklist[{index}].mac", nic.mac_address


def _check_first_network(site: Site, spec: ServerSpec, params: dict[str, Value]) -> None:
    if not spec.nics or not (params["userdata"] or params["keypairs"]):
        return
    first = spec.nics[0]
    if not network.serves_user_data(site, first.network_id):
        raise Permanent(
            f"'{spec.display_name}' has user data or an SSH key, but its first network ({first.network_id}) "
            "cannot deliver them: put a connection point on an isolated or shared network first, or use an "
            "L2 offering with config drive"
        )
