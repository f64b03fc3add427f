"""What the demo decides as orchestrator: flavour, level, external networks, and the assets of its grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vnfm.domain.vnfd import Flavour, SoftwareImage, Vdu, Vnfd
from vnfm.errors import Permanent
from vnfm.sandbox.cloud import Cloud
from vnfm.vim.cloudstack import compute, images
from vnfm.vim.cloudstack.client import Row, number

CONNECTION = "cloudstack"


def pick_flavour(vnfd: Vnfd, wanted: str | None) -> Flavour:
    """The flavour wanted, else the default one, else the first by name."""
    name = wanted or vnfd.default_flavour or min(vnfd.flavours)
    if name not in vnfd.flavours:
        raise Permanent(f"the package has no flavour {name}; it has: {', '.join(sorted(vnfd.flavours))}")
    return vnfd.flavours[name]


def pick_level(flavour: Flavour, wanted: str | None) -> str:
    """The instantiation level wanted, else the default one, else the first by name."""
    name = wanted or flavour.default_level or min(flavour.levels)
    if name not in flavour.levels:
        raise Permanent(
            f"flavour {flavour.id} has no level {name}; it has: {', '.join(sorted(flavour.levels))}"
        )
    return name


def share_networks(flavour: Flavour) -> Mapping[str, int]:
    """External CPD → number of the network it may have; CPDs of one VDU never share one.

    CloudStack refuses two NICs of a VM in one network, so the n-th open CP of every VDU gets network n.
    """
    numbers: dict[str, int] = {}
    for vdu in flavour.vdus.values():
        taken = {numbers[cpd] for cpd in _open_cps(vdu) if cpd in numbers}
        for cpd in _open_cps(vdu):
            if cpd not in numbers:
                numbers[cpd] = next(n for n in range(len(taken) + 1) if n not in taken)
                taken.add(numbers[cpd])
    return numbers


def _open_cps(vdu: Vdu) -> list[str]:
    """CPs that are not on an internal link, in NIC order, by the name the outside uses."""
    cps = sorted(vdu.connection_points, key=lambda cp: cp.order)
    return [cp.external_cpd or cp.id for cp in cps if cp.virtual_link is None]


def named_networks(flavour: Flavour, named: Sequence[str]) -> Mapping[str, str]:
    """External CPD → network as ``--network`` says it: ``CPD=NAME``, or one ``NAME`` for all others."""
    known = share_networks(flavour)
    chosen: dict[str, str] = {}
    for text in named:
        cpd, equals, name = text.partition("=")
        if not equals:
            chosen = {**dict.fromkeys(known, text), **chosen}
        elif cpd in known:
            chosen[cpd] = name
        else:
            raise Permanent(f"--network {text}: no external CP {cpd}; there are: {', '.join(known)}")
    missing = known.keys() - chosen.keys()
    if missing:
        raise Permanent(f"no --network for {', '.join(sorted(missing))}; one without CPD= serves all")
    return chosen


def external_links(networks: Mapping[str, str]) -> list[dict[str, Any]]:
    """extVirtualLinks of InstantiateVnfRequest: one per network, addresses left to CloudStack."""
    links: list[dict[str, Any]] = []
    for network_id in sorted(set(networks.values())):
        dynamic = {"type": "IPV4", "numDynamicAddresses": 1}
        data = {"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": {"ipAddresses": [dynamic]}}
        cps = [
            {"cpdId": cpd, "cpConfig": {f"{cpd}-config": {"cpProtocolData": [data]}}}
            for cpd, network in sorted(networks.items())
            if network == network_id
        ]
        links.append(
            {
                "id": f"ext-{network_id}",
                "vimConnectionId": CONNECTION,
                "resourceId": network_id,
                "extCps": cps,
            }
        )
    return links


@dataclass(slots=True)
class Assets:
    """vimAssets of the grants, and what is to be said about the choice."""

    flavours: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def choose_assets(cloud: Cloud, flavour: Flavour, offering: str | None, template: str | None) -> Assets:
    """Offerings and templates where the gateway could not find fitting ones by itself."""
    assets = Assets()
    _choose_images(assets, cloud, flavour, template)
    _choose_flavours(assets, cloud, flavour, offering)
    return assets


def _choose_images(assets: Assets, cloud: Cloud, flavour: Flavour, wanted: str | None) -> None:
    rows = cloud.templates()
    if wanted is not None:
        assets.images["*"] = str(cloud.find(rows, wanted, "template")["id"])
        return
    missing = [image for image in _boot_images(flavour) if not _has_template(rows, image)]
    if not missing:
        return
    names = ", ".join(sorted({image.name for image in missing}))
    if len(rows) != 1:
        known = ", ".join(sorted(str(row.get("name")) for row in rows)) or "none"
        raise Permanent(
            f"this CloudStack has no template for {names}; choose a stand-in with --template, from: {known}"
        )
    assets.images |= {image.id: str(rows[0]["id"]) for image in missing}
    assets.remarks.append(f"no template for {names} here: the only one, {rows[0].get('name')!r}, stands in")


def _boot_images(flavour: Flavour) -> list[SoftwareImage]:
    found = [vdu.image for vdu in flavour.vdus.values()]
    found += [storage.image for storage in flavour.storages.values()]
    return list({image.id: image for image in found if image is not None}.values())


def _has_template(rows: Sequence[Row], image: SoftwareImage) -> bool:
    spellings = images.spellings(image.name, image.version)
    return any(row.get("name") in spellings for row in rows)


def _choose_flavours(assets: Assets, cloud: Cloud, flavour: Flavour, wanted: str | None) -> None:
    rows = cloud.offerings()
    if wanted is not None:
        assets.flavours["*"] = str(cloud.find(rows, wanted, "service offering")["id"])
        return
    for vdu in flavour.vdus.values():
        size = compute.Size(vdu.cpus, -(-vdu.memory // compute.MIB))
        try:
            compute.best(rows, size, vdu.id)
        except Permanent:
            largest = max(rows, key=_size, default=None)
            if largest is None:
                raise
            assets.flavours[vdu.id] = str(largest["id"])
            assets.remarks.append(
                f"no offering holds {size.cpus} CPU and {size.memory} MiB for {vdu.id}: the largest, "
                f"{largest.get('name')!r}, stands in"
            )


def _size(row: Row) -> tuple[int, int]:
    return number(row.get("cpunumber"), 0), number(row.get("memory"), 0)
