"""What a request says about the outside of a VNF: on which external link each external CP is, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from vnfm.domain.vnfd import ConnectionPoint, Flavour, VirtualIpCp


class DeploymentError(ValueError):
    """The request does not fit the VNFD; the message names the attribute and what would fit."""


def addresses(config: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The first fixed address and the MAC that a VnfExtCpConfig asks for."""
    for data in config.get("cpProtocolData") or []:
        ethernet = data.get("ipOverEthernet") or {}
        fixed = [a for ip in ethernet.get("ipAddresses") or [] for a in ip.get("fixedAddresses") or []]
        return (fixed[0] if fixed else None), ethernet.get("macAddress")
    return None, None


class Outside:
    """External virtual links (ExtVirtualLinkData), by external CPD. ``unplugged`` are CPDs that a
    CHANGE_EXT_CONN has disconnected: who joins has no NIC there either, unless ``links`` has one."""

    def __init__(
        self,
        flavour: Flavour,
        links: Sequence[Mapping[str, Any]],
        *,
        final: bool,
        unplugged: Collection[str] = (),
    ) -> None:
        self._final = final
        self._unplugged = unplugged
        self._flavour = flavour
        self._by_cpd: dict[str, tuple[str, list[tuple[str, str, Mapping[str, Any]]]]] = {}
        known = {*flavour.external_cps(), *flavour.external_virtual_ips()}
        for position, link in enumerate(links):
            for cp in link.get("extCps") or []:
                if cp["cpdId"] not in known:
                    raise DeploymentError(
                        f"extVirtualLinks[{position}].extCps.cpdId: {cp['cpdId']!r} is no external CP of "
                        f"flavour {flavour.id}; it has: {', '.join(sorted(known)) or 'none'}"
                    )
                _, configs = self._by_cpd.get(cp["cpdId"], ("", []))
                given = (cp.get("cpConfig") or {}).items()  # null: one that was never there is removed
                more = [(name, link["id"], config) for name, config in given if config is not None]
                self._by_cpd[cp["cpdId"]] = (link["id"], sorted([*configs, *more], key=lambda one: one[:2]))

    def config_of(self, vip: VirtualIpCp) -> str:
        """cpConfigId of an external virtual IP; one that the request leaves out has its cpdId."""
        _, configs = self._by_cpd.get(vip.external_cpd or "", ("", []))
        return configs[0][0] if configs else vip.external_cpd or vip.id

    def address_of(self, vip: VirtualIpCp) -> str | None:
        """The address that the request fixes for a virtual IP. DeploymentError if it is to be on another link
        than those who answer for it: it is an address of their NICs."""
        link, configs = self._by_cpd.get(vip.external_cpd or "", ("", []))
        legs = {self._by_cpd[one][0] for one in self._targets(vip) if one in self._by_cpd}
        if link and legs - {link}:
            raise DeploymentError(
                f"extVirtualLinks: virtual IP {vip.external_cpd!r} is on link {link!r}, but those who "
                f"answer for it are on {', '.join(sorted(legs))}"
            )
        return addresses(configs[0][2])[0] if configs else None

    def _targets(self, vip: VirtualIpCp) -> list[str]:
        points = self._flavour.external_cps().items()
        return [cpd_id for cpd_id, cp in points if cp.id in vip.targets and cp.virtual_link is None]

    def is_unplugged(self, cpd: ConnectionPoint) -> bool:
        """Whether the CPD was disconnected, and still is."""
        cpd_id = cpd.external_cpd or cpd.id
        return cpd_id in self._unplugged and cpd_id not in self._by_cpd

    def connect(self, cpd: ConnectionPoint, index: int) -> tuple[str, str, Mapping[str, Any]]:
        """External VL id, cpConfigId and VnfExtCpConfig for the ``index``-th instance of an external CP.

        One configuration serves all instances as long as it fixes no address. The configurations of one CP
        may be on several links.
        """
        cpd_id = cpd.external_cpd or cpd.id
        if cpd_id not in self._by_cpd:
            if not self._final:
                return "", "", {}
            raise DeploymentError(
                f"extVirtualLinks: external CP {cpd_id!r} of VDU {cpd.vdu!r} is left unconnected"
            )
        open_link, configs = self._by_cpd[cpd_id]
        if not configs:
            return open_link, f"{cpd_id}-{index}", {}
        config_id, link_id, config = configs[min(index, len(configs) - 1)]
        if index >= len(configs) and any(addresses(config)):
            raise DeploymentError(
                f"extVirtualLinks.extCps.cpConfig: {cpd_id!r} needs a configuration for each of its "
                f"instances because fixed addresses are given; instance {index} has none"
            )
        return link_id, config_id, config
