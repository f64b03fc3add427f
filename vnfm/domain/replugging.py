"""NICs of VNFCs that stay while their description changes: connection points that come, go and change order.

A CP that hangs elsewhere than before (another internal link, outside instead of inside) is one that goes and
one that comes. What CloudStack cannot do for a standing server is refused by the names of VDU and CP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vnfm.domain import wiring
from vnfm.domain.deployment import CpInstance, lay_out_cp
from vnfm.domain.ids import derive
from vnfm.domain.instance import Instance
from vnfm.domain.outside import DeploymentError, Outside
from vnfm.domain.standing import StandingVnfc
from vnfm.domain.vnfd import ConnectionPoint, Flavour, Vdu
from vnfm.domain.wiring import Socket


@dataclass(frozen=True, slots=True)
class Plugs:
    """One VNFC's sockets before and after, in the order of devices, and the CPs that are new in it.

    The VIM network of a new CP may not be known yet: then it is the words for a link to be made.
    """

    before: Sequence[Socket]
    after: Sequence[Socket]
    new: Mapping[str, CpInstance]


def legs(vdu: Vdu) -> list[tuple[str, str, str]]:
    """What of its connection points makes NICs: which, in which order, hanging where."""
    return [_leg(cp) for cp in sorted(vdu.connection_points, key=_order)]


def plug(
    operation_id: str,
    instance: Instance,
    flavours: tuple[Flavour, Flavour],
    vnfc: StandingVnfc,
    outside: Outside,
    network: Callable[[CpInstance], str],
) -> Plugs:
    """What becomes of a VNFC from the first flavour to the second; ``network``: where a CP is to hang."""
    old, new = (flavour.vdus[vnfc.vdu] for flavour in flavours)
    before = list(wiring.sockets(instance, flavours[0]).get(vnfc.key, []))
    there = dict(zip([cp["cpdId"] for cp in vnfc.info.get("vnfcCpInfo") or []], before, strict=True))
    stay = set(legs_by_name(old).items()) & set(legs_by_name(new).items())
    seed = derive(operation_id, "replug", vnfc.id)
    after: list[Socket] = []
    added: dict[str, CpInstance] = {}
    for cpd in sorted(new.connection_points, key=_order):
        if (cpd.id, _leg(cpd)) in stay and cpd.id in there:
            after.append(there[cpd.id])
            continue
        cp = lay_out_cp(seed, cpd, vnfc.index, outside)
        added[cp.id] = cp
        after.append(
            Socket(
                cp=cp.id,
                network=network(cp),
                nic=None,
                address=cp.address,
                mac=cp.mac_address,
                port=cp.link_port_id,
                fixed=cp.address is not None,
            )
        )
    found = Plugs(before, after, added)
    _check(vnfc, found)
    return found


def legs_by_name(vdu: Vdu) -> Mapping[str, tuple[str, str, str]]:
    """The legs of a VDU by cpdId."""
    return {cp.id: _leg(cp) for cp in vdu.connection_points}


def _leg(cp: ConnectionPoint) -> tuple[str, str, str]:
    return cp.id, cp.virtual_link or "", cp.external_cpd or ""


def _order(cp: ConnectionPoint) -> int:
    return cp.order


def _check(vnfc: StandingVnfc, plugs: Plugs) -> None:
    """CloudStack removes no default NIC and plugs no second one into a network."""
    plugged = [socket for socket in plugs.after if socket.network]
    if not plugged:
        raise DeploymentError(
            f"VDU {vnfc.vdu!r} would be left without any connection point, but VNFC {vnfc.key} stays, and "
            "CloudStack takes the last NIC of no server"
        )
    for socket in plugged:
        beside = [one for one in plugged if one.network == socket.network]
        if socket.cp in plugs.new and len(beside) > 1:
            cpd = plugs.new[socket.cp].cpd.id
            raise DeploymentError(
                f"CP {cpd!r} of VDU {vnfc.vdu!r} would be beside another NIC of VNFC {vnfc.key} in network "
                f"{socket.network}; CloudStack plugs no second NIC into a network"
            )
    first = next((socket for socket in plugs.before if socket.nic), None)
    only = plugged[0]
    if len(plugged) == 1 and only.cp in plugs.new and first and only.network == first.network:
        raise DeploymentError(
            f"CP {plugs.new[only.cp].cpd.id!r} of VDU {vnfc.vdu!r} would replace the only NIC of VNFC "
            f"{vnfc.key} in the same network {only.network}; CloudStack needs another network on the way"
        )
