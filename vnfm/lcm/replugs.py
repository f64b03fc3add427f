"""NICs of VNFCs that stay while flavour or package change: in GrantRequest, journal and resourceChanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vnfm.domain import replugging, standing
from vnfm.domain.deployment import CpInstance
from vnfm.domain.operation import StepEntry, StepState
from vnfm.domain.outside import DeploymentError, Outside
from vnfm.domain.replugging import Plugs
from vnfm.domain.wiring import Socket
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.inventory import Sol, handle

#: A CP of a VNFC after re-plugging: its id and NIC; of a new one under ``new`` what the record is to say.
Row = Mapping[str, Any]


def keys(ctx: Context) -> list[str]:
    """The VNFCs that are re-plugged."""
    return [entry.target for entry in ctx.op.steps if entry.name == "replug_vnfc"]


def plugs(ctx: Context, key: str) -> Plugs:
    """The sockets of a VNFC before and after: worked out anew each time, until the record is written."""
    flavour = ctx.deployment.flavour
    outside = Outside(flavour, ctx.ext_virtual_links, final=True)
    vnfc = standing.vnfc(ctx.instance, key)
    flavours = (ctx.former_flavour, flavour)
    try:
        return replugging.plug(ctx.op.id, ctx.instance, flavours, vnfc, outside, lambda cp: _network(ctx, cp))
    except DeploymentError as exc:
        raise Permanent(str(exc)) from exc


def _network(ctx: Context, cp: CpInstance) -> str:
    """Before a link is made, words for it."""
    kind, name = cp.network
    if kind == "external":
        return next(str(link["resourceId"]) for link in ctx.ext_virtual_links if link["id"] == name)
    link = ctx.deployment.link(name)
    if link.managed is not None:
        return str(link.managed["resourceId"])
    return str(ctx.result(f"create_network:{name}").get("id") or f"of link {name!r}, yet to be made")


def describe(ctx: Context) -> Mapping[str, list[Sol]]:
    """Link ports that come and go, for the GrantRequest (SOL003 9.5.3.2)."""
    lists: dict[str, list[Sol]] = {"addResources": [], "removeResources": []}
    back = ctx.renaming.reversed()
    for key in keys(ctx):
        vdu, found = standing.vnfc(ctx.instance, key).vdu, plugs(ctx, key)
        former = {cp["id"]: cp["cpdId"] for cp in standing.vnfc(ctx.instance, key).info["vnfcCpInfo"]}
        for cp in found.new.values():
            new = {"id": cp.link_port_id, "type": "LINKPORT", "vduId": vdu, "resourceTemplateId": cp.cpd.id}
            lists["addResources"].append(new)
        for socket in gone(found):
            old = {
                "id": socket.port,
                "type": "LINKPORT",
                "vduId": back.of("vdu", vdu),
                "resourceTemplateId": back.of("cp", former[socket.cp]),
                "resource": handle(ctx, str(socket.nic), "nic"),
            }
            lists["removeResources"].append(old)
    return {name: items for name, items in lists.items() if items}


def gone(found: Plugs) -> list[Socket]:
    """The sockets with a NIC that do not stay."""
    kept = {socket.cp for socket in found.after}
    return [socket for socket in found.before if socket.cp not in kept and socket.nic]


def row(ctx: Context, socket: Socket, nic: Mapping[str, Any] | None, new: CpInstance | None) -> Row:
    """What the journal keeps of a CP, with its NIC as read back."""
    found = {
        "cp": socket.cp,
        "nic": nic["id"] if nic else None,
        "mac": nic["mac"] if nic else None,
        "address": nic["address"] if nic else None,
    }
    if new is None:
        return found
    facts = {
        "cpd": new.cpd.id,
        "ext_cp": new.ext_cp_id,
        "ext_cpd": new.cpd.external_cpd,
        "link": _link(ctx, new.network),
        "config": new.config_id or new.cpd.id,
        "port": new.link_port_id,
        "fixed": new.address is not None,
    }
    return {**found, "new": facts}


def lost(ctx: Context, found: Plugs) -> list[Row]:
    """What the journal keeps of the CPs that go: afterwards the record has forgotten them."""
    links = {link["resourceId"]: name for name, link in standing.networks(ctx.instance).items()}
    return [
        {
            "cp": socket.cp,
            "nic": socket.nic,
            "port": socket.port,
            "ext_cp": socket.ext_cp,
            "link": _link(ctx, ("external", socket.link))
            if socket.link
            else _link(ctx, ("internal", links[str(socket.network)])),
        }
        for socket in gone(found)
    ]


def _link(ctx: Context, network: tuple[str, str]) -> Mapping[str, Any]:
    """An external link by its id; an internal one with what resourceChanges tell of it."""
    kind, name = network
    if kind == "external":
        return {"external": name}
    known = standing.networks(ctx.instance).get(name)
    if known is None:
        made = ctx.deployment.link(name)
        resource = made.managed or ctx.result(f"create_network:{name}")
        known = {"id": (made.managed or {}).get("id", made.id), "resourceId": _resource(resource)}
    return {"internal": name, "id": known["id"], "resource": known["resourceId"]}


def _resource(made: Mapping[str, Any]) -> Any:
    return made.get("resourceId") or made.get("id")


def rows(ctx: Context) -> Mapping[str, Sequence[Row]]:
    """By VNFC key what re-plugging has come to, where it was not turned back."""
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    found = {}
    for entry in ctx.op.steps:
        if entry.name == "replug_vnfc" and entry.key not in undone:
            found[entry.target] = entry.result.get("rows") or entry.memo.get("rows") or []
    return {key: seen for key, seen in found.items() if seen}


def resource_changes(ctx: Context) -> dict[str, list[Sol]]:
    """Ports that came and went; what a rollback turned back follows as the opposite."""
    changes: dict[str, list[Sol]] = {"affectedVirtualLinks": [], "affectedExtLinkPorts": []}
    undone = {entry.key: entry for entry in _done(ctx.op.undo)}
    for entry in _done(ctx.op.steps):
        added = [{**row["new"], "nic": row["nic"]} for row in entry.result["rows"] if "new" in row]
        removed = entry.result["lost"]
        _tell(ctx, changes, removed, "REMOVED")
        _tell(ctx, changes, added, "ADDED")
        if entry.key in undone:
            back = {row["cp"]: row["nic"] for row in undone[entry.key].result["rows"]}
            _tell(ctx, changes, added, "REMOVED")
            _tell(ctx, changes, [{**row, "nic": back[row["cp"]]} for row in removed], "ADDED")
    return changes


def move_ports(ctx: Context, links: Mapping[str, Sol]) -> None:
    """Put the ports of external links (by id) where re-plugging has moved them; a NIC that was turned back is
    another one than before."""
    undone = {entry.key: entry for entry in _done(ctx.op.undo)}
    for entry in _done(ctx.op.steps):
        away = {row["port"]: row["cp"] for row in entry.result["lost"]}
        back = undone.get(entry.key)
        nics = {row["cp"]: row["nic"] for row in back.result["rows"]} if back else {}
        for link in links.values():
            ports = [_moved(port, nics.get(away.get(port["id"]))) for port in link.get("extLinkPorts") or []]
            link["extLinkPorts"] = [port for port in ports if back or port["id"] not in away]
        for row in entry.result["rows"] if back is None else []:
            new = row.get("new") or {}
            if new.get("link", {}).get("external") in links:
                port = {"id": new["port"], "resourceHandle": handle(ctx, row["nic"], "nic")}
                link = links[new["link"]["external"]]
                link["extLinkPorts"] = [*link["extLinkPorts"], {**port, "cpInstanceId": new["ext_cp"]}]
    for link in links.values():
        if not link.get("extLinkPorts"):
            link.pop("extLinkPorts", None)


def _moved(port: Sol, nic: str | None) -> Sol:
    return {**port, "resourceHandle": {**port["resourceHandle"], "resourceId": nic}} if nic else port


def _done(track: Iterable[StepEntry]) -> list[StepEntry]:
    return [entry for entry in track if entry.name == "replug_vnfc" and entry.state is StepState.DONE]


def _tell(ctx: Context, changes: dict[str, list[Sol]], ports: Sequence[Row], word: str) -> None:
    for port in ports:
        link = port["link"]
        if "external" in link:
            changes["affectedExtLinkPorts"].append(
                {
                    "id": port["port"],
                    "changeType": word,
                    "extCpInstanceId": port["ext_cp"],
                    "resourceHandle": handle(ctx, port["nic"], "nic"),
                    **({"resourceDefinitionId": port["port"]} if word == "ADDED" else {}),
                }
            )
        else:
            changes["affectedVirtualLinks"].append(
                {
                    "id": link["id"],
                    "vnfVirtualLinkDescId": link["internal"],
                    "vnfdId": ctx.vnfd.id,
                    "networkResource": handle(ctx, link["resource"], "network"),
                    "changeType": f"LINK_PORT_{word}",
                    "vnfLinkPortIds": [port["port"]],
                }
            )
