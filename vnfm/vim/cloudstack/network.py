"""Internal networks: isolated ones with a router, or plain layer 2."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import errors, jobs
from vnfm.vim.cloudstack.client import Row, Value
from vnfm.vim.cloudstack.scope import Site, candidates, pick
from vnfm.vim.port import NetworkSpec, Outcome

#: Providers that need a physical network of their own; never taken unasked.
_FOREIGN = ("fornsx", "fortungsten", "fornetris")


def create(site: Site, spec: NetworkSpec) -> Outcome:
    """Make the network; it is only allocated until its first server starts. Names are not unique."""
    place = site.place()
    params: dict[str, Value] = {
        "name": spec.name,
        "displaytext": spec.display_name or spec.name,  # mandatory before 4.19
        "networkofferingid": str(_offering(site, spec)["id"]),
        "zoneid": place.zone_id,
        **place.owner,
    }
    if not spec.layer2:
        params.update(_addresses(spec))
        if spec.mtu is not None and place.user_mtu:
            params["privatemtu"] = spec.mtu
    return jobs.submit(site.client, "createNetwork", params)


def check(site: Site, network_id: str) -> str:
    """The name of a network that can be used here."""
    row = read(site, network_id)
    if row is None:
        raise Permanent(f"There is no network '{network_id}' that this user can see")
    name, place = str(row.get("name", "")), site.place()
    if row.get("zoneid", place.zone_id) != place.zone_id:
        raise Permanent(f"The network '{name}' is in zone '{row.get('zonename')}', not '{place.zone_name}'")
    if row.get("state") in ("Destroy", "Shutdown"):
        raise Permanent(f"The network '{name}' cannot be used in state {row.get('state')}")
    return name


def read(site: Site, network_id: str) -> Row | None:
    """The network, the owner's own or one shared with him."""
    owner = site.place().owner
    scopes = [owner, {}] if any(owner.values()) else [owner]
    for scope in scopes:
        try:
            rows = site.client.rows("listNetworks", "network", id=network_id, listall=True, **scope)
        except errors.Refused as exc:
            if not exc.gone:
                raise
            return None
        if rows:
            return rows[0]
    return None


def find(site: Site, name: str) -> Sequence[str]:
    """Ids of networks of exactly this name, oldest first (the list comes newest first).

    By ``keyword``: the parameter ``name`` came with 4.22, and older releases ignore what they do not know.
    """
    place = site.place()
    rows = site.client.rows(
        "listNetworks", "network", keyword=name, zoneid=place.zone_id, listall=True, **place.owner
    )
    mine = [row for row in reversed(rows) if row.get("name") == name]
    return [str(row["id"]) for row in sorted(mine, key=lambda row: str(row.get("created", "")))]


def serves_user_data(site: Site, network_id: str) -> bool:
    """The network can hand user data and SSH keys to a server whose first NIC is in it."""
    row = site.cache.get(("network", network_id), lambda: read(site, network_id))
    if row is None:
        return True  # not visible: let the server say it
    if "service" not in row:
        return row.get("type") != "L2"
    return "UserData" in _services(row)


def _offering(site: Site, spec: NetworkSpec) -> Row:
    return site.cache.sure(lambda: _choose(site, spec))


def _choose(site: Site, spec: NetworkSpec) -> Row:
    settings = site.settings
    wanted = spec.offering or (settings.l2_network_offering if spec.layer2 else settings.network_offering)
    kind = "L2" if spec.layer2 else "Isolated"
    rows = site.cache.get(("network offerings", kind), lambda: _load(site, kind))
    if wanted:
        return pick(wanted, rows, f"network offering of type {kind}")
    usable = [row for row in rows if _plain(row) and (spec.layer2 or "SourceNat" in _services(row))]
    if not usable:
        raise Permanent(
            f"No network offering of type {kind} can be used without further parameters; " + candidates(rows)
        )
    return min(usable, key=_rank)


def _load(site: Site, kind: str) -> Sequence[Row]:
    return site.client.rows(
        "listNetworkOfferings", "networkoffering",
        guestiptype=kind, state="Enabled", traffictype="Guest", forvpc=False, zoneid=site.place().zone_id,
    )  # fmt: skip


def _services(row: Row) -> set[str]:
    return {str(service.get("name")) for service in row.get("service", ())}


def _plain(row: Row) -> bool:
    foreign = any(row.get(name) is True for name in _FOREIGN)
    return not (foreign or row.get("specifyvlan") or row.get("forvpc") or row.get("specifyasnumber"))


def _rank(row: Row) -> tuple[bool, bool, bool, int, str, str]:
    """Not persistent, the required one, the default one; for L2 the one without services; then by name."""
    services = _services(row)
    layer2 = len(services) if row.get("guestiptype") == "L2" else 0
    required = row.get("availability") == "Required"
    persistent, default = row.get("ispersistent") is True, row.get("isdefault") is True
    return persistent, not required, not default, layer2, str(row.get("name", "")), str(row.get("id"))


def _addresses(spec: NetworkSpec) -> dict[str, Value]:
    """Gateway and netmask, always both: CloudStack silently ignores one without the other."""
    if spec.cidr is None:
        return {}
    try:
        net = ipaddress.ip_network(spec.cidr, strict=False)
        gateway = ipaddress.ip_address(spec.gateway) if spec.gateway else net.network_address + 1
    except ValueError as exc:
        raise Permanent(f"The network '{spec.display_name}' has a malformed cidr or gateway: {exc}") from exc
    if net.version != 4 or net.num_addresses < 4:
        raise Permanent(f"The network '{spec.display_name}' needs an IPv4 cidr of /30 or larger: {spec.cidr}")
    if gateway not in net:
        raise Permanent(f"The gateway {gateway} of '{spec.display_name}' is not in {net}")
    return {"gateway": str(gateway), "netmask": str(net.netmask)}
