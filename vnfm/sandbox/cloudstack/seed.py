"""Filling a world: the recorded one, the demo's, or what a seed file adds. The format is in README.md."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.world import RESOURCES, World

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.json"
DEMO = HERE / "demo.json"

# A seed comes from a JSON file: its entries have no other type than what each loader reads out of them.
Entry = Mapping[str, Any]


def read(path: Path) -> Entry:
    data: Entry = json.loads(path.read_text())
    return data


def fill(world: World, seed: Entry) -> None:
    """Add what the seed names; settings first, then objects in the order they refer to each other."""
    world.settings.load(seed.get("settings", {}))
    world.settings.shipped |= {k: str(v) for k, v in seed.get("settings", {}).items()}
    for section, load in LOADERS.items():
        for entry in seed.get(section, ()):
            load(world, entry)


def identity(entry: Entry, name: str) -> str:
    """Seeded rows without an id get the same one in every run."""
    return str(entry.get("id") or uuid.uuid5(uuid.NAMESPACE_OID, name))


def birth(world: World, table: str, entry: Entry) -> dict[str, Any]:
    found = world.index()[table]
    serial = found.number(entry.get("serial"))
    key = identity(entry, f"{table}/{entry.get('name') or entry.get('username')}/{entry.get('account', '')}")
    return {"id": key, "serial": serial, "created": world.clock.now()}


def by_name(world: World, table: str, name: str) -> Any:
    for row in world.index()[table]:
        if name in (getattr(row, "name", None), row.id):
            return row
    raise KeyError(f"{table}: {name}")


def account_of(world: World, name: str) -> model.Account:
    row = by_name(world, "accounts", name)
    assert isinstance(row, model.Account)  # noqa: S101 - narrows the type
    return row


def load_domain(world: World, entry: Entry) -> None:
    world.domains.add(
        model.Domain(
            **birth(world, "domains", entry), name=entry["name"], path=entry.get("path", entry["name"])
        )
    )


def load_account(world: World, entry: Entry) -> None:
    """A known account only gets its limits changed."""
    limits = read_limits(entry.get("limits", {}))
    known = next((a for a in world.accounts if a.name == entry["name"]), None)
    if known is not None:
        known.limits |= limits
        return
    domain = next(d for d in world.domains if entry.get("domain", "ROOT") in (d.path, d.name))
    account = world.accounts.add(
        model.Account(
            **birth(world, "accounts", entry),
            name=entry["name"],
            domain=domain,
            kind=entry.get("kind", "user"),
            dated=entry.get("dated", False),
            limits=limits,
        )
    )
    for person in entry.get("users", [{"username": entry["name"]}]):
        load_user(world, account, person)


def read_limits(limits: Mapping[str, int]) -> dict[int, int]:
    """`{"user_vm": 100}`, or `{"*": -1}` for everything."""
    numbers = {name: number for number, name, _ in RESOURCES}
    if "*" in limits:
        return {number: limits["*"] for number in numbers.values()}
    return {numbers[name]: value for name, value in limits.items()}


def load_user(world: World, account: model.Account, entry: Entry) -> None:
    name = entry["username"]
    user = model.User(
        **birth(world, "users", entry),
        username=name,
        account=account,
        apikey=entry.get("apikey", f"sandbox-{name}-key"),
        secret=entry.get("secret", f"sandbox-{name}-secret"),
        names={key: entry[key] for key in ("firstname", "lastname", "email") if key in entry},
    )
    account.users.append(world.users.add(user))
    world.by_key[user.apikey] = user


def load_project(world: World, entry: Entry) -> None:
    name = entry["name"]
    domain = next(d for d in world.domains if entry.get("domain", "ROOT") in (d.path, d.name))
    account = world.accounts.add(
        model.Account(
            **birth(world, "accounts", {"name": f"PrjAcct-{name}"}),
            name=f"PrjAcct-{name}-{domain.serial}",
            domain=domain,
            kind="project",
            limits=read_limits(entry.get("limits", {})),
        )
    )
    members = [account_of(world, member) for member in entry.get("members", ())]
    project = model.Project(
        **birth(world, "projects", entry),
        name=name,
        displaytext=entry.get("displaytext", name),
        account=account,
        members={member.id for member in members},
        admin=members[0] if members else None,
    )
    account.project = world.projects.add(project)


def load_zone(world: World, entry: Entry) -> None:
    name = entry["name"]
    facts = {
        "dns1": entry.get("dns1", "10.147.28.6"),
        "internaldns1": entry.get("internaldns1", "10.147.28.6"),
        "guestcidraddress": entry.get("guestcidraddress", "10.1.1.0/24"),
        "zonetoken": entry.get("zonetoken", identity({}, f"token/{name}")),
        "gputotal": entry.get("gputotal", 0),
        "podid": identity({}, f"pod/{name}"),
        "securitygroups": entry.get("securitygroups", False),
    }
    vlans, public = entry.get("vlans", [100, 200]), entry.get("public", ["192.168.2.2", "192.168.2.200"])
    zone = world.zones.add(
        model.Zone(
            **birth(world, "zones", entry),
            name=name,
            facts=facts,
            physical=entry.get("physicalnetworkid") or identity({}, f"physical/{name}"),
            public_network=entry.get("publicnetworkid") or identity({}, f"public/{name}"),
            vlans=(vlans[0], vlans[1]),
            public=(public[0], public[1]),
        )
    )
    world.physicalnetworks.add(model.Row(id=zone.physical, serial=zone.serial, created=zone.created))


def load_range(world: World, entry: Entry) -> None:
    """Change what a known zone has to give: VLANs, public addresses, GPUs."""
    zone = by_name(world, "zones", entry["zone"])
    zone.facts["gputotal"] = entry.get("gputotal", zone.facts["gputotal"])
    zone.vlans = tuple(entry.get("vlans", zone.vlans))
    zone.public = tuple(entry.get("public", zone.public))


def load_host(world: World, entry: Entry) -> None:
    world.hosts.add(
        model.Host(
            **birth(world, "hosts", entry),
            name=entry["name"],
            zone=by_name(world, "zones", entry["zone"]),
            facts={
                "address": entry.get("address", "172.16.15.2"),
                "cluster": entry.get("cluster", "C0"),
                "clusterid": entry.get("clusterid", identity({}, f"cluster/{entry['zone']}")),
            },
            cpunumber=entry.get("cpunumber", 0),
            cpuspeed=entry.get("cpuspeed", 0),
            memory=entry.get("memory", 0),
            systemvm=entry.get("systemvm"),
        )
    )


def load_service_offering(world: World, entry: Entry) -> None:
    world.serviceofferings.add(
        model.ServiceOffering(
            **birth(world, "serviceofferings", entry),
            name=entry["name"],
            displaytext=entry.get("displaytext", entry["name"]),
            cpunumber=entry.get("cpunumber"),
            cpuspeed=entry.get("cpuspeed"),
            memory=entry.get("memory"),
            disk_id=entry.get("diskofferingid") or identity({}, f"disk/{entry['name']}"),
            bounds=dict(entry.get("bounds", {})),
            storagetags=entry.get("storagetags"),
        )
    )


def load_disk_offering(world: World, entry: Entry) -> None:
    world.diskofferings.add(
        model.DiskOffering(
            **birth(world, "diskofferings", entry),
            name=entry["name"],
            displaytext=entry.get("displaytext", entry["name"]),
            disksize=entry.get("disksize", 0),
            customized=entry.get("iscustomized", False),
            tags=entry.get("tags"),
        )
    )


def load_network_offering(world: World, entry: Entry) -> None:
    world.networkofferings.add(
        model.NetworkOffering(
            **birth(world, "networkofferings", entry),
            name=entry["name"],
            displaytext=entry.get("displaytext", entry["name"]),
            guestiptype=entry["guestiptype"],
            availability=entry.get("availability", "Optional"),
            specifyvlan=entry.get("specifyvlan", False),
            specifyipranges=entry.get("specifyipranges", False),
            forvpc=entry.get("forvpc", False),
            fortungsten=entry.get("fortungsten", False),
            services=list(entry.get("service", [])),
            network_services=list(entry.get("networkservice", [])),
        )
    )


def load_os_type(world: World, entry: Entry) -> None:
    world.ostypes.add(
        model.OsType(
            **birth(world, "ostypes", entry),
            name=entry["name"],
            category=entry.get("category", identity({}, "category")),
            category_name=entry.get("categoryname", "Other"),
        )
    )


def load_template(world: World, entry: Entry) -> None:
    """A known template only gets its scaling flag and its stores changed."""
    known = next((t for t in world.templates if entry.get("id") == t.id), None)
    if known is not None:
        known.scalable = entry.get("scalable", known.scalable)
        known.stores += entry.get("stores", [])
        return
    zone = by_name(world, "zones", entry["zone"]) if "zone" in entry else next(iter(world.zones))
    world.templates.add(
        model.Template(
            **birth(world, "templates", entry),
            owner=account_of(world, entry.get("account", "system")),
            name=entry["name"],
            displaytext=entry.get("displaytext", entry["name"]),
            zone=zone,
            os=by_name(world, "ostypes", entry["ostypeid"])
            if "ostypeid" in entry
            else next(iter(world.ostypes)),
            format=entry.get("format", "QCOW2"),
            kind=entry.get("type", "VNF" if "vnfnics" in entry else "USER"),
            public=entry.get("public", True),
            featured=entry.get("featured", False),
            size=entry.get("size", 2147483648),
            url=entry.get("url", "http://templates.example/image.qcow2"),
            crosszones=entry.get("crosszones", False),
            checksum=entry.get("checksum"),
            stores=list(entry.get("stores", [{"downloadState": "DOWNLOADED", "downloadPercent": "100"}])),
            scalable=entry.get("scalable", False),
            hvm=entry.get("hvm", False),
            vnfnics=list(entry.get("vnfnics", [])),
            vnfdetails=dict(entry.get("vnfdetails", {})),
        )
    )


def load_network(world: World, entry: Entry) -> None:
    offering = by_name(world, "networkofferings", entry["offering"])
    zone = by_name(world, "zones", entry["zone"]) if "zone" in entry else next(iter(world.zones))
    cidr = entry.get("cidr", zone.facts["guestcidraddress"]) if offering.guestiptype != "L2" else None
    world.networks.add(
        model.Network(
            **birth(world, "networks", entry),
            owner=account_of(world, entry["account"]),
            name=entry["name"],
            displaytext=entry.get("displaytext", entry["name"]),
            zone=zone,
            offering=offering,
            state="Setup" if offering.guestiptype == "Shared" else entry.get("state", "Allocated"),
            gateway=entry.get("gateway", cidr.rsplit(".", 1)[0] + ".1" if cidr else None),
            cidr=cidr,
            first=entry.get("startip"),
            last=entry.get("endip"),
            vlan=entry.get("vlan"),
            fixed_vlan="vlan" in entry,
            shared=offering.guestiptype == "Shared",
        )
    )


def load_mocks(world: World, entry: Entry) -> None:
    """So many mocks of the simulator were set, and removed, before."""
    world.simulator.last += entry["used"]


LOADERS: dict[str, Callable[[World, Entry], None]] = {
    "domains": load_domain,
    "accounts": load_account,
    "zones": load_zone,
    "ranges": load_range,
    "hosts": load_host,
    "serviceofferings": load_service_offering,
    "diskofferings": load_disk_offering,
    "networkofferings": load_network_offering,
    "ostypes": load_os_type,
    "templates": load_template,
    "projects": load_project,
    "networks": load_network,
    "mocks": load_mocks,
}
