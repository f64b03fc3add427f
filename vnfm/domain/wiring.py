"""External connectivity: which NIC of which VNFC is on which network, and what a request makes of it.

ChangeExtVnfConnectivityRequest is merged over what is in force (SOL003 5.5.2.11): ``cpConfig`` is a map with
the rules of a merge patch. A configuration named under another external link moves there, null disconnects
its CPs, a new one takes the CPs of its CPD that are without one. An empty map moves the CPD as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vnfm.domain import patch, reservation, standing
from vnfm.domain.ids import derive
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError, addresses
from vnfm.domain.vnfd import Flavour

Link = Mapping[str, Any]
#: cpConfigId → the external link it is on, and the VnfExtCpConfig.
Configs = dict[str, tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Socket:
    """One CP of a VNFC and its NIC. ``network`` and ``nic`` are VIM ids; both None: it is disconnected.

    ``ext_cpd`` is set where a request may move it. ``address`` and ``mac`` are what it has, or shall have.
    ``nic`` None with a network: it has yet to be plugged in.
    """

    cp: str
    network: str | None
    nic: str | None
    address: str | None = None
    mac: str | None = None
    ext_cp: str | None = None
    ext_cpd: str | None = None
    link: str | None = None
    config: str | None = None
    port: str | None = None
    #: Whether ``address`` was asked for; else the VIM has given it.
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Wiring:
    """Before and after, by VNFC key, sockets in the order of the VNFD; ``links`` as ExtVirtualLinkData."""

    before: Mapping[str, Sequence[Socket]]
    after: Mapping[str, Sequence[Socket]]
    links: Sequence[Link]

    @property
    def touched(self) -> list[str]:
        """Keys of the VNFCs whose sockets change."""
        return [key for key in self.before if self.before[key] != self.after[key]]


def sockets(instance: Instance, flavour: Flavour) -> Mapping[str, Sequence[Socket]]:
    """What an instance has, by VNFC key."""
    info = instance.instantiated_vnf_info or {}
    places = dict(_places(info))
    shown = [item for item in info.get("extCpInfo") or [] if "associatedVnfcCpId" in item]
    ext_cps = {item["associatedVnfcCpId"]: item for item in shown if "cpdId" in item}
    movable = _movable(flavour)
    return {
        vnfc.key: [_socket(cp, ext_cps.get(cp["id"]), places, movable) for cp in vnfc.info["vnfcCpInfo"]]
        for vnfc in standing.vnfcs(instance)
        if vnfc.info.get("vnfcCpInfo")
    }


def _places(info: Mapping[str, Any]) -> list[tuple[str, tuple[str | None, str, str, str]]]:
    """CP instance → (external link or None, network, port, NIC)."""
    found = []
    for name, ports, resource in (
        ("extVirtualLinkInfo", "extLinkPorts", "resourceHandle"),
        ("vnfVirtualLinkResourceInfo", "vnfLinkPorts", "networkResource"),
        ("extManagedVirtualLinkInfo", "vnfLinkPorts", "networkResource"),
    ):
        for link in info.get(name) or []:
            external = link["id"] if name == "extVirtualLinkInfo" else None
            for port in link.get(ports) or []:
                place = (
                    external,
                    link[resource]["resourceId"],
                    port["id"],
                    port["resourceHandle"]["resourceId"],
                )
                found.append((port["cpInstanceId"], place))
    return found


def _socket(
    cp: Mapping[str, Any], ext: Mapping[str, Any] | None, places: Mapping[str, Any], movable: set[str]
) -> Socket:
    ethernet: Mapping[str, Any] = next(
        (item.get("ipOverEthernet") or {} for item in cp.get("cpProtocolInfo") or []), {}
    )
    given = ethernet.get("ipAddresses") or []
    place = places.get(cp["id"]) or (places.get(ext["id"]) if ext else None)
    link, network, port, nic = place or (None, None, None, None)
    found = Socket(
        cp["id"],
        network,
        nic,
        given[0].get("addresses", [None])[0] if given else None,
        ethernet.get("macAddress"),
        port=port,
        fixed=bool(given) and not given[0].get("isDynamic", False),
    )
    if ext is None or ext["cpdId"] not in movable:
        return found
    return replace(found, ext_cp=ext["id"], ext_cpd=ext["cpdId"], link=link, config=ext["cpConfigId"])


def _movable(flavour: Flavour) -> set[str]:
    """External CPDs that hang on an external link themselves, not on an internal one."""
    return {name for name, cp in flavour.external_cps().items() if cp.virtual_link is None}


def rewire(operation_id: str, instance: Instance, flavour: Flavour, requested: Sequence[Link]) -> Wiring:
    """Merge; DeploymentError names the attribute, CP, configuration or link that does not fit."""
    before = sockets(instance, flavour)
    plan = _Merge(instance, flavour, before)
    plan.apply(requested)
    after = {
        key: [plan.rewired(operation_id, socket) if socket.ext_cpd else socket for socket in row]
        for key, row in before.items()
    }
    for key in after:
        _check_vnfc(key, before[key], after[key])
    return Wiring(before, after, plan.links())


class _Merge:
    """The configurations in force, changed by one request."""

    def __init__(self, instance: Instance, flavour: Flavour, before: Mapping[str, Sequence[Socket]]) -> None:
        self._flavour = flavour
        self._links: dict[str, str] = {}
        #: CPDs without configurations of their own: their external link.
        self._open: dict[str, str] = {}
        self._configs: dict[str, Configs] = {}
        self._sockets = [s for row in before.values() for s in row if s.ext_cpd]
        for link in standing.ext_virtual_links(instance):
            self._links[link["id"]] = link["resourceId"]
            for cp in link["extCps"]:
                self._take(link["id"], cp)
        self._known = {cpd: set(configs) for cpd, configs in self._configs.items()}
        self._assigned: dict[str, str | None] = {}

    def _take(self, link: str, cp: Mapping[str, Any]) -> None:
        cpd = cp["cpdId"]
        configs = self._configs.setdefault(cpd, {})
        if cp.get("cpConfig"):
            configs.update({name: (link, config) for name, config in cp["cpConfig"].items()})
            return
        self._open[cpd] = link
        mine = [s.config for s in self._sockets if s.ext_cpd == cpd and s.link == link and s.config]
        configs.update({name: (link, {}) for name in mine})

    def apply(self, requested: Sequence[Link]) -> None:
        """Nulls first: a configuration may leave one link and be described anew for another."""
        wishes: list[tuple[str, str, str, Mapping[str, Any]]] = []
        for position, link in enumerate(requested):
            self._check_link(position, link)
            for cp in link.get("extCps") or []:
                where = f"extVirtualLinks[{position}].extCps"
                self._check_cpd(where, cp["cpdId"])
                wishes.append((where, link["id"], cp["cpdId"], cp.get("cpConfig") or {}))
        for where, _, cpd, asked in wishes:
            self._drop(where, cpd, asked)
        for where, link_id, cpd, asked in wishes:
            self._put(where, link_id, cpd, asked)
        for cpd in dict.fromkeys(cpd for _, _, cpd, _ in wishes):
            self._assign(cpd)

    def _check_link(self, position: int, link: Link) -> None:
        where = f"extVirtualLinks[{position}]"
        if link.get("extLinkPorts"):
            raise DeploymentError(f"{where}.extLinkPorts: CloudStack has no link ports made beforehand")
        known = self._links.setdefault(link["id"], link["resourceId"])
        if known != link["resourceId"]:
            raise DeploymentError(
                f"{where}.resourceId: external virtual link {link['id']!r} is network {known} already; "
                "another network is another link and needs another id"
            )

    def _check_cpd(self, where: str, cpd: str) -> None:
        movable = _movable(self._flavour)
        if cpd not in movable:
            known = ", ".join(sorted(movable)) or "none"
            raise DeploymentError(
                f"{where}.cpdId: {cpd!r} is no external CP of flavour {self._flavour.id} that hangs on an "
                f"external virtual link; it has: {known}"
            )
        if reservation.holds(self._flavour, self._flavour.external_cps()[cpd]):
            raise DeploymentError(
                f"{where}.cpdId: {cpd!r} answers for a virtual IP or an allowed address, which CloudStack "
                "drops with the NIC: this VNFM does not re-plug it"
            )

    def _drop(self, where: str, cpd: str, asked: Mapping[str, Any]) -> None:
        configs = self._configs.setdefault(cpd, {})
        if asked and self._open.pop(cpd, "") and not set(asked) & set(configs):
            configs.clear()
        for name in [name for name, config in asked.items() if config is None]:
            if name not in self._known.get(cpd, set()):
                known = ", ".join(sorted(self._known.get(cpd, set()))) or "none"
                raise DeploymentError(
                    f"{where}.cpConfig: {cpd!r} has no configuration {name!r} to remove; it has: {known}"
                )
            configs.pop(name, None)

    def _put(self, where: str, link: str, cpd: str, asked: Mapping[str, Any]) -> None:
        configs = self._configs[cpd]
        if not asked:
            if cpd in self._open or not configs:
                self._open[cpd] = link
            for name, (_, config) in configs.items():
                configs[name] = (link, config)
        for name, config in asked.items():
            if config is None:
                continue
            for key in ("linkPortId", "parentCpConfigId"):
                if config.get(key):
                    raise DeploymentError(f"{where}.cpConfig.{name}.{key}: CloudStack has no such thing")
            configs[name] = (link, patch.apply(configs.get(name, ("", {}))[1], config))

    def _assign(self, cpd: str) -> None:
        """Who has a configuration keeps it while it lasts; new ones go to those who have none."""
        configs = self._configs[cpd]
        mine = [s for s in self._sockets if s.ext_cpd == cpd]
        new = sorted(set(configs) - self._known.get(cpd, set()))
        free = []
        for socket in mine:
            kept = (
                socket.config if socket.config in configs and (socket.link or socket.config in new) else None
            )
            self._assigned[socket.cp] = kept
            if kept is None:
                free.append(socket)
        new = [name for name in new if name not in self._assigned.values()]
        if mine and len(new) > len(free):
            raise DeploymentError(
                f"extVirtualLinks.extCps.cpConfig: {', '.join(new[len(free) :])}: all instances of {cpd!r} "
                "have a configuration already; name theirs, or remove it with null"
            )
        for position, socket in enumerate(free):
            if new:
                self._assigned[socket.cp] = new[min(position, len(new) - 1)]
            elif cpd in self._open:
                self._assigned[socket.cp] = socket.config or cpd
                configs.setdefault(str(self._assigned[socket.cp]), (self._open[cpd], {}))
        self._check_shared(cpd, mine)

    def _check_shared(self, cpd: str, mine: Sequence[Socket]) -> None:
        shared = Counter(self._assigned[socket.cp] for socket in mine)
        for name, number in shared.items():
            if name is not None and number > 1 and any(addresses(self._configs[cpd][name][1])):
                raise DeploymentError(
                    f"extVirtualLinks.extCps.cpConfig.{name}: it serves {number} instances of {cpd!r}, and "
                    "can give no fixed address to all of them"
                )

    def rewired(self, operation_id: str, socket: Socket) -> Socket:
        """The socket as the request wants it. A CP keeps its MAC wherever it goes."""
        if socket.cp not in self._assigned:
            return socket
        name = self._assigned[socket.cp]
        if name is None:
            return replace(socket, network=None, nic=None, address=None, link=None, port=None)
        link, config = self._configs[str(socket.ext_cpd)][name]
        address, mac = addresses(config)
        mac, network = mac or socket.mac, self._links[link]
        if network == socket.network and (mac or "").lower() == (socket.mac or "").lower():
            fixed = socket.fixed or address is not None
            return replace(socket, link=link, config=name, address=address or socket.address, fixed=fixed)
        port = derive(operation_id, "port", socket.cp)
        return replace(
            socket,
            network=network,
            nic=None,
            address=address,
            mac=mac,
            link=link,
            config=name,
            port=port,
            fixed=address is not None,
        )

    def links(self) -> list[Link]:
        """ExtVirtualLinkData in force afterwards; links that nothing is left on are not among them."""
        result: list[Link] = []
        for link, resource in self._links.items():
            cps: list[Mapping[str, Any]] = []
            for cpd, configs in self._configs.items():
                here = {name: config for name, (on, config) in configs.items() if on == link}
                if self._open.get(cpd) == link:
                    cps.append({"cpdId": cpd, "cpConfig": {}})
                elif here and cpd not in self._open:
                    cps.append({"cpdId": cpd, "cpConfig": here})
            if cps:
                result.append({"id": link, "resourceId": resource, "extCps": cps})
        return result


def _check_vnfc(key: str, before: Sequence[Socket], after: Sequence[Socket]) -> None:
    """What CloudStack cannot do for one server."""
    if before == after:
        return
    plugged = [socket for socket in after if socket.network]
    if not plugged:
        raise DeploymentError(f"extVirtualLinks.extCps.cpConfig: VNFC {key} would be left without any NIC")
    networks = Counter(socket.network for socket in plugged)
    for socket in plugged:
        if socket.nic is None and networks[socket.network] > 1:
            raise DeploymentError(
                f"extVirtualLinks: {socket.ext_cpd!r} of VNFC {key} would be on network {socket.network} "
                "beside another NIC of the same VNFC; CloudStack plugs no second NIC into a network"
            )
    first = next((socket for socket in before if socket.nic), None)
    if len(plugged) == 1 and plugged[0].nic is None and first and plugged[0].network == first.network:
        raise DeploymentError(
            f"extVirtualLinks.extCps.cpConfig: the only NIC that VNFC {key} would have is to replace its "
            f"default one in the same network {first.network}; CloudStack needs another network on the way"
        )
